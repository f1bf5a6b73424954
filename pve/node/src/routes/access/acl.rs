//! Grants.

use std::collections::BTreeMap;

use serde_json::{Value, json};

use crate::access::changes::acl::{self, Change};
use crate::access::path::{is_known, normalize};
use crate::access::{AccountStore, Roles};
use crate::api::{Answer, ApiError, Call};

/// The grants on those paths whose permissions one may change; all of them for who may audit.
pub(in crate::routes) fn list(call: &Call) -> Result<Answer, ApiError> {
    let audit = call.who.has("/access", "Sys.Audit");
    let mut rows: Vec<Value> = Vec::new();
    for (path, grants) in &call.who.config().acl {
        let path = path.to_string();
        if !audit && call.who.require_modify(&path).is_err() {
            continue;
        }
        let kinds = [("user", &grants.users), ("group", &grants.groups), ("token", &grants.tokens)];
        rows.extend(kinds.into_iter().flat_map(|(kind, of)| rows_of(&path, kind, of)));
    }
    Answer::of(&rows)
}

fn rows_of(path: &str, kind: &str, of: &BTreeMap<String, Roles>) -> Vec<Value> {
    let row = |id: &str, role: &str, propagate: bool| json!({"path": path, "type": kind, "ugid": id, "roleid": role, "propagate": u8::from(propagate)});
    of.iter().flat_map(|(id, roles)| roles.iter().map(move |(role, propagate)| row(id, role, *propagate))).collect()
}

/// Grants, or takes away.
pub(in crate::routes) fn change(call: &Call) -> Result<Answer, ApiError> {
    let text = |name: &str| call.params.get(name).unwrap_or_default();
    if ["users", "groups", "tokens"].iter().all(|name| text(name).is_empty()) {
        let why = "either 'users', 'groups' or 'tokens' is required.";
        let errors = ["users", "groups", "tokens"].map(|name| (name.to_owned(), why.to_owned()));
        return Err(ApiError::from(pve_wire::api::ParamErrors::from(errors)));
    }
    let delete = call.params.flag("delete");
    let path = normalize(text("path")).filter(|path| delete || is_known(path));
    let path = path.ok_or_else(|| ApiError::parameter("path", &format!("invalid ACL path '{}'", text("path"))))?;
    let change = Change {
        path: &path,
        roles: text("roles"),
        users: text("users"),
        groups: text("groups"),
        tokens: text("tokens"),
        propagate: call.params.optional_flag("propagate").unwrap_or(true),
        delete,
    };
    let mine = call.who.privileges(&path);
    AccountStore::new(&call.node.layout).change("ACL update failed", |config, _| {
        acl::refuse_beyond(config, &mine, &change)?;
        acl::change(config, &change)
    })?;
    Ok(Answer::null())
}
