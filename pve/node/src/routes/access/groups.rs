//! Groups.

use serde_json::{Value, json};

use crate::access::changes::groups;
use crate::access::{AccountStore, Group};
use crate::api::{Answer, ApiError, Call};

/// The groups that one may change, fill or audit.
pub(in crate::routes) fn list(call: &Call) -> Result<Answer, ApiError> {
    let seen: Vec<&str> = call.who.groups_with(&["User.Modify", "Sys.Audit", "Group.Allocate"]).collect();
    let row = |name: &str| {
        let mut row = shown(&call.who.config().groups[name]);
        row["groupid"] = json!(name);
        row["users"] = json!(members(&call.who.config().groups[name]).join(","));
        row
    };
    Answer::of(&seen.into_iter().map(row).collect::<Vec<Value>>())
}

fn members(group: &Group) -> Vec<&str> {
    group.users.iter().map(String::as_str).collect()
}

fn shown(group: &Group) -> Value {
    if group.comment.is_empty() { json!({}) } else { json!({"comment": group.comment}) }
}

pub(in crate::routes) fn read(call: &Call) -> Result<Answer, ApiError> {
    let name = call.text("groupid");
    let group = call.who.config().groups.get(name).ok_or_else(|| groups::unknown(name))?;
    let mut row = shown(group);
    row["members"] = json!(members(group));
    Answer::of(&row)
}

pub(in crate::routes) fn create(call: &Call) -> Result<Answer, ApiError> {
    let store = AccountStore::new(&call.node.layout);
    store.change("create group failed", |config, _| {
        groups::create(config, call.text("groupid"), call.params.get("comment"))
    })?;
    Ok(Answer::null())
}

pub(in crate::routes) fn change(call: &Call) -> Result<Answer, ApiError> {
    let store = AccountStore::new(&call.node.layout);
    store.change("update group failed", |config, _| {
        groups::update(config, call.text("groupid"), call.params.get("comment"))
    })?;
    Ok(Answer::null())
}

pub(in crate::routes) fn delete(call: &Call) -> Result<Answer, ApiError> {
    let store = AccountStore::new(&call.node.layout);
    store.change("delete group failed", |config, _| groups::delete(config, call.text("groupid")))?;
    Ok(Answer::null())
}
