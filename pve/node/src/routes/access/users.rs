//! Users.

use serde_json::{Map, Value, json};

use super::tokens::shown as shown_token;
use crate::access::changes::users::{self, Fields};
use crate::access::names::{REALMS, split_user};
use crate::access::{AccountStore, User, UserConfig};
use crate::api::{Answer, ApiError, Call};

/// What opens other users' entries.
const SEE: &[&str] = &["User.Modify", "Sys.Audit"];

/// Oneself, and those users whom one rules over or may audit.
pub(in crate::routes) fn list(call: &Call) -> Result<Answer, ApiError> {
    let config = call.who.config();
    let all = call.who.has_any("/access/groups", SEE);
    let groups: Vec<&str> = call.who.groups_with(SEE).collect();
    let seen = |name: &str| {
        let member = |group: &&str| config.groups[*group].users.contains(name);
        all || name == call.who.auth_id || groups.iter().any(member)
    };
    let enabled = call.params.optional_flag("enabled");
    let users = config.users.iter().filter(|(name, user)| seen(name) && enabled.is_none_or(|e| e == user.enable));
    let rows: Vec<Value> = users.map(|(name, user)| row(config, name, user, call.params.flag("full"))).collect();
    Answer::of(&rows)
}

fn row(config: &UserConfig, name: &str, user: &User, full: bool) -> Value {
    let mut row = shown(user);
    row.insert("userid".to_owned(), json!(name));
    if full {
        row.insert("groups".to_owned(), json!(config.groups_of(name).collect::<Vec<_>>().join(",")));
        let tokens = user.tokens.iter().map(|(token, known)| {
            let mut shown = shown_token(known);
            shown.insert("tokenid".to_owned(), json!(token));
            Value::Object(shown)
        });
        let tokens = (!user.tokens.is_empty()).then(|| tokens.collect::<Vec<_>>());
        row.insert("tokens".to_owned(), json!(tokens));
    }
    if let Ok((_, realm)) = split_user(name)
        && REALMS.contains(&realm)
    {
        // The two realms are each the only one of their type.
        row.insert("realm-type".to_owned(), json!(realm));
    }
    Value::Object(row)
}

/// A user's own fields. What is empty is not shown, but for the address when something stands behind it: it is there
/// because the file's line is read up to its last field.
fn shown(user: &User) -> Map<String, Value> {
    let mut row = Map::new();
    row.insert("enable".to_owned(), json!(u8::from(user.enable)));
    row.insert("expire".to_owned(), json!(user.expire));
    let texts = [("firstname", &user.firstname), ("lastname", &user.lastname), ("comment", &user.comment)];
    for (name, text) in texts.into_iter().chain([("keys", &user.keys)]).filter(|(_, text)| !text.is_empty()) {
        row.insert(name.to_owned(), json!(text));
    }
    if [&user.email, &user.comment, &user.keys].into_iter().any(|text| !text.is_empty()) {
        row.insert("email".to_owned(), json!(user.email));
    }
    row
}

/// One user with groups and tokens.
pub(in crate::routes) fn read(call: &Call) -> Result<Answer, ApiError> {
    let (config, name) = (call.who.config(), call.text("userid"));
    let user = users::require(config, name)?;
    let mut row = shown(user);
    row.insert("groups".to_owned(), json!(config.groups_of(name).collect::<Vec<_>>()));
    let tokens: Map<String, Value> =
        user.tokens.iter().map(|(token, known)| (token.clone(), Value::Object(shown_token(known)))).collect();
    row.insert("tokens".to_owned(), json!((!tokens.is_empty()).then_some(tokens)));
    Answer::of(&row)
}

fn fields(call: &Call) -> Fields<'_> {
    Fields {
        enable: call.params.optional_flag("enable"),
        expire: call.params.number("expire"),
        firstname: call.params.get("firstname"),
        lastname: call.params.get("lastname"),
        email: call.params.get("email"),
        comment: call.params.get("comment"),
        keys: call.params.get("keys"),
        groups: call.params.get("groups"),
    }
}

pub(in crate::routes) fn create(call: &Call) -> Result<Answer, ApiError> {
    let store = AccountStore::new(&call.node.layout);
    store.change("create user failed", |config, secrets| {
        users::create(config, secrets, call.text("userid"), &fields(call), call.params.get("password"))
    })?;
    Ok(Answer::null())
}

pub(in crate::routes) fn change(call: &Call) -> Result<Answer, ApiError> {
    let store = AccountStore::new(&call.node.layout);
    store.change("update user failed", |config, _| {
        users::update(config, call.text("userid"), &fields(call), call.params.flag("append"))
    })?;
    Ok(Answer::null())
}

/// Who asks as root may remove users that there are not.
pub(in crate::routes) fn delete(call: &Call) -> Result<Answer, ApiError> {
    let store = AccountStore::new(&call.node.layout);
    store.change("delete user failed", |config, secrets| {
        users::delete(config, secrets, call.text("userid"));
        Ok(())
    })?;
    Ok(Answer::null())
}
