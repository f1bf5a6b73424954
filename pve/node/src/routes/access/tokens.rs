//! API tokens.

use serde_json::{Map, Value, json};

use crate::access::changes::tokens::{self, Fields};
use crate::access::changes::users;
use crate::access::{AccountStore, Token};
use crate::api::{Answer, ApiError, Call};

/// A token's fields. An empty remark is none.
pub(super) fn shown(token: &Token) -> Map<String, Value> {
    let mut row = Map::new();
    row.insert("expire".to_owned(), json!(token.expire));
    row.insert("privsep".to_owned(), json!(u8::from(token.privsep)));
    if !token.comment.is_empty() {
        row.insert("comment".to_owned(), json!(token.comment));
    }
    row
}

pub(in crate::routes) fn list(call: &Call) -> Result<Answer, ApiError> {
    let user = users::require(call.who.config(), call.text("userid"))?;
    let row = |(name, token): (&String, &Token)| {
        let mut row = shown(token);
        row.insert("tokenid".to_owned(), json!(name));
        row
    };
    Answer::of(&user.tokens.iter().map(row).collect::<Vec<_>>())
}

pub(in crate::routes) fn read(call: &Call) -> Result<Answer, ApiError> {
    let token = tokens::require(call.who.config(), call.text("userid"), call.text("tokenid"))?;
    Answer::of(&shown(token))
}

fn fields(call: &Call) -> Fields<'_> {
    Fields {
        expire: call.params.number("expire"),
        privsep: call.params.optional_flag("privsep"),
        comment: call.params.get("comment"),
    }
}

/// What was given is told as it was given: numbers as texts.
fn as_given(call: &Call, row: &mut Map<String, Value>) {
    for name in ["expire", "privsep"] {
        if let Some(text) = call.params.get(name) {
            row.insert(name.to_owned(), json!(text));
        }
    }
}

/// Makes a token. Its secret is told here and never again.
pub(in crate::routes) fn create(call: &Call) -> Result<Answer, ApiError> {
    let (user, name) = (call.text("userid"), call.text("tokenid"));
    let known = users::require(call.who.config(), user)?;
    if known.tokens.contains_key(name) {
        return Err(ApiError::parameter("tokenid", "Token already exists."));
    }
    let store = AccountStore::new(&call.node.layout);
    let value = store.change("generating token failed", |config, secrets| {
        tokens::create(config, secrets, user, name, fields(call))
    })?;
    let mut info = Map::from_iter([("privsep".to_owned(), json!(1))]);
    as_given(call, &mut info);
    if let Some(comment) = call.params.get("comment").filter(|comment| !comment.is_empty()) {
        info.insert("comment".to_owned(), json!(comment));
    }
    Answer::of(&json!({"full-tokenid": format!("{user}!{name}"), "value": value, "info": info}))
}

/// Changes a token, and its secret when that is wished.
pub(in crate::routes) fn change(call: &Call) -> Result<Answer, ApiError> {
    let (user, name) = (call.text("userid"), call.text("tokenid"));
    tokens::require(call.who.config(), user, name)?;
    let (delete, id) = (call.params.get("delete").unwrap_or_default(), format!("{user}!{name}"));
    let store = AccountStore::new(&call.node.layout);
    let (token, value) = store.change("updating token info failed", |config, secrets| {
        let token = tokens::update(config, user, name, fields(call), delete)?;
        Ok((token, call.params.flag("regenerate").then(|| secrets.new_token(&id))))
    })?;
    let mut row = shown(&token);
    as_given(call, &mut row);
    if let Some(value) = value {
        row.insert("value".to_owned(), json!(value));
        row.insert("full-tokenid".to_owned(), json!(id));
    }
    Answer::of(&row)
}

pub(in crate::routes) fn delete(call: &Call) -> Result<Answer, ApiError> {
    let (user, name) = (call.text("userid"), call.text("tokenid"));
    tokens::require(call.who.config(), user, name)?;
    let store = AccountStore::new(&call.node.layout);
    store.change("deleting token failed", |config, secrets| tokens::delete(config, secrets, user, name))?;
    Ok(Answer::null())
}
