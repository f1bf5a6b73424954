//! Who asks, as the request's headers tell it: a ticket, in a cookie or in place of one, or an API token.

use axum::http::header::{AUTHORIZATION, COOKIE};
use axum::http::{HeaderMap, Method};
use percent_encoding::percent_decode_str;

use super::error::ApiError;
use crate::access::{AccountStore, Principal, now};
use crate::error::Die;
use crate::state::Node;

/// A ticket's name, in cookies and in `Authorization`.
const TICKET: &str = "PVEAuthCookie";
/// A token's name in `Authorization`.
const TOKEN: &str = "PVEAPIToken";
/// The header that a browser must send with every change.
const CSRF: &str = "CSRFPreventionToken";

/// Who asks. A stray ticket goes before a token.
pub(crate) fn authenticate(
    node: &Node,
    method: &Method,
    path: &str,
    headers: &HeaderMap,
) -> Result<Principal, ApiError> {
    let store = AccountStore::new(&node.layout);
    let header = |name: &str| headers.get(name).and_then(|value| value.to_str().ok()).unwrap_or_default();
    let authorization = header(AUTHORIZATION.as_str());
    let ticket = value_of(header(COOKIE.as_str()), TICKET).or_else(|| value_of(authorization, TICKET));
    let token = if ticket.is_none() { value_of(authorization, TOKEN) } else { None };
    if is_open(method, path) {
        return Ok(Principal::nobody(token.is_some(), store.config()?));
    }
    if let Some(token) = token {
        return known(store.by_token(&token));
    }
    let ticket = ticket.ok_or_else(|| ApiError::new(401, "No ticket"))?;
    let who = known(store.by_ticket(&ticket))?;
    if method != Method::GET && !store.ticket_key()?.is_csrf_token(&who.auth_id, header(CSRF), now()) {
        return Err(ApiError::new(401, "Permission denied - invalid csrf token"));
    }
    Ok(who)
}

fn known(found: Result<Option<Principal>, Die>) -> Result<Principal, ApiError> {
    found?.ok_or_else(|| ApiError::new(401, "Authentication failed!"))
}

/// What must be asked before anybody can say who they are.
fn is_open(method: &Method, path: &str) -> bool {
    match path {
        "/access/ticket" => matches!(*method, Method::GET | Method::POST),
        "/access/domains" => method == Method::GET,
        _ => false,
    }
}

/// The value behind `NAME=` or `NAME `, at the beginning or behind a blank, up to a semicolon; none when it is empty.
fn value_of(header: &str, name: &str) -> Option<String> {
    let found = header.match_indices(name).find_map(|(at, _)| {
        let begins = at == 0 || header[..at].ends_with(char::is_whitespace);
        let rest = &header[at + name.len()..];
        begins.then(|| rest.strip_prefix(['=', ' '])).flatten()
    });
    let value = found?.split(';').next().unwrap_or_default();
    let value = percent_decode_str(value).decode_utf8_lossy().into_owned();
    (!value.is_empty()).then_some(value)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn values_are_found_where_proxmox_finds_them() {
        let token = |header: &str| value_of(header, TOKEN);
        assert_eq!(token("PVEAPIToken=a@pve!t=s").as_deref(), Some("a@pve!t=s"));
        assert_eq!(token("PVEAPIToken a%40pve!t=s; x").as_deref(), Some("a@pve!t=s"));
        assert_eq!(token("Bearer x PVEAPIToken=y").as_deref(), Some("y"));
        assert_eq!((token("xPVEAPIToken=y"), token("PVEAPIToken="), token("")), (None, None, None));
        let cookies = "a=b; PVEAuthCookie=PVE%3Aroot@pam%3A6B003A7F%3A%3Ax; c=d";
        assert_eq!(value_of(cookies, TICKET).as_deref(), Some("PVE:root@pam:6B003A7F::x"));
    }
}
