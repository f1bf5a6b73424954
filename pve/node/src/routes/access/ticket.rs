//! Logging in.

use serde_json::json;

use crate::access::names::split_list;
use crate::access::path::normalize;
use crate::access::{AccountStore, Principal, now, overview};
use crate::api::{Answer, ApiError, Call};

/// Nothing, for who only looks.
#[expect(clippy::unnecessary_wraps, reason = "a handler among others")]
pub(in crate::routes) fn none(_call: &Call) -> Result<Answer, ApiError> {
    Ok(Answer::null())
}

/// A ticket for a password; or, with a path and privileges, whether password and privileges are right. Whoever is
/// refused is not told why.
pub(in crate::routes) fn create(call: &Call) -> Result<Answer, ApiError> {
    let user = match call.params.get("realm").filter(|realm| !realm.is_empty()) {
        Some(realm) => format!("{}@{realm}", call.text("username")),
        None => call.text("username").to_owned(),
    };
    let store = AccountStore::new(&call.node.layout);
    // Nobody has a second factor here: a challenge is never ours.
    let challenged = call.params.has("tfa-challenge");
    let who = if challenged { None } else { store.by_password(&user, call.text("password"))? };
    let who = who.filter(|who| wanted(call, who)).ok_or_else(|| ApiError::new(401, "authentication failure"))?;
    let cap = overview::by_part(who.config(), &who.auth_id);
    if call.params.has("privs") {
        return Answer::of(&json!({"username": user, "cap": cap}));
    }
    let key = store.ticket_key()?;
    let (ticket, csrf) = (key.ticket(&user, now()), key.csrf_token(&user, now()));
    Answer::of(&json!({"username": user, "ticket": ticket, "CSRFPreventionToken": csrf, "cap": cap}))
}

/// Whether somebody has the privileges that are asked for, if any are.
fn wanted(call: &Call, who: &Principal) -> bool {
    let (Some(path), Some(privileges)) = (call.params.get("path"), call.params.get("privs")) else { return true };
    let Some(path) = normalize(path) else { return false };
    let granted = who.privileges(&path);
    split_list(privileges).next().is_some() && split_list(privileges).all(|name| granted.contains_key(name))
}
