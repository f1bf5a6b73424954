//! Roles.

use std::collections::BTreeMap;

use serde_json::{Value, json};

use crate::access::AccountStore;
use crate::access::changes::roles;
use crate::api::{Answer, ApiError, Call};

pub(in crate::routes) fn list(call: &Call) -> Result<Answer, ApiError> {
    let row = |(name, privileges, special): (&str, &std::collections::BTreeSet<&str>, bool)| {
        let privileges: Vec<&str> = privileges.iter().copied().collect();
        json!({"roleid": name, "privs": privileges.join(","), "special": u8::from(special)})
    };
    Answer::of(&call.who.config().roles().map(row).collect::<Vec<Value>>())
}

pub(in crate::routes) fn read(call: &Call) -> Result<Answer, ApiError> {
    let name = call.text("roleid");
    let role = call.who.config().role(name).ok_or_else(|| roles::unknown(name))?;
    Answer::of(&role.iter().map(|privilege| (*privilege, 1)).collect::<BTreeMap<&str, u8>>())
}

pub(in crate::routes) fn create(call: &Call) -> Result<Answer, ApiError> {
    let name = call.text("roleid");
    if name.get(..3).is_some_and(|start| start.eq_ignore_ascii_case("PVE")) {
        let why = "cannot use role ID starting with the (case-insensitive) 'PVE' namespace";
        return Err(ApiError::parameter("roleid", why));
    }
    let store = AccountStore::new(&call.node.layout);
    store.change("create role failed", |config, _| roles::create(config, name, call.text("privs")))?;
    Ok(Answer::null())
}

pub(in crate::routes) fn change(call: &Call) -> Result<Answer, ApiError> {
    let name = call.text("roleid");
    roles::refuse_built_in(name, "modified")?;
    let store = AccountStore::new(&call.node.layout);
    store.change("update role failed", |config, _| {
        roles::update(config, name, call.text("privs"), call.params.flag("append"))
    })?;
    Ok(Answer::null())
}

pub(in crate::routes) fn delete(call: &Call) -> Result<Answer, ApiError> {
    let name = call.text("roleid");
    roles::refuse_built_in(name, "deleted")?;
    AccountStore::new(&call.node.layout).change("delete role failed", |config, _| roles::delete(config, name))?;
    Ok(Answer::null())
}
