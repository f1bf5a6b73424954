//! Who asks, as the request's headers tell it.

use axum::http::header::AUTHORIZATION;
use axum::http::{HeaderMap, Method};
use percent_encoding::percent_decode_str;
use pve_wire::TokenId;

use super::error::ApiError;
use crate::access::{Principal, TokenStore};
use crate::error::chain;
use crate::state::Node;

/// `Authorization: PVEAPIToken=USER@REALM!NAME=SECRET`; a blank may stand for the first `=`.
pub(crate) fn authenticate(node: &Node, _: &Method, _: &str, headers: &HeaderMap) -> Result<Principal, ApiError> {
    let failed = || ApiError::new(401, "Authentication failed!");
    let text = headers.get(AUTHORIZATION).and_then(|value| value.to_str().ok());
    let text = text.and_then(|text| text.strip_prefix("PVEAPIToken")).ok_or_else(|| ApiError::new(401, "No ticket"))?;
    let text = text.split(';').next().unwrap_or_default();
    let text = percent_decode_str(text).decode_utf8_lossy();
    let (token, secret) = text.trim_start_matches(['=', ' ']).rsplit_once('=').ok_or_else(failed)?;
    let token: TokenId = token.parse().map_err(|_| failed())?;
    let found = TokenStore::new(&node.layout).authenticate(&token, secret);
    found.map_err(|error| ApiError::new(500, chain(&error)))?.ok_or_else(failed)
}
