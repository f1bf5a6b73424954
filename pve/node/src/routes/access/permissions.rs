//! What somebody may do.

use std::collections::BTreeMap;

use crate::access::effective::{Privileges, privileges};
use crate::access::names::split_token;
use crate::access::overview;
use crate::api::{Answer, ApiError, Call};

/// One's own privileges and those of one's tokens; those of others for who may audit.
pub(in crate::routes) fn permissions(call: &Call) -> Result<Answer, ApiError> {
    let asked = call.params.get("userid").unwrap_or(&call.who.auth_id);
    let owned = split_token(asked).is_some_and(|(user, _)| user == call.who.auth_id);
    if asked != call.who.auth_id && !owned {
        call.who.require("/access", "Sys.Audit")?;
    }
    let config = call.who.config();
    let told: BTreeMap<String, Privileges> = match call.params.get("path").filter(|path| !matches!(*path, "" | "0")) {
        Some(path) => BTreeMap::from([(path.to_owned(), privileges(config, asked, path))]),
        None => overview::by_path(config, asked),
    };
    let flag = |privileges: Privileges| -> BTreeMap<&str, u8> {
        privileges.into_iter().map(|(name, propagate)| (name, u8::from(propagate))).collect()
    };
    Answer::of(&told.into_iter().map(|(path, privileges)| (path, flag(privileges))).collect::<BTreeMap<_, _>>())
}
