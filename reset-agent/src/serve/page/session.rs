//! Logging in: the token goes into a cookie that no script reads and no other site sends along.

use axum::extract::State;
use axum::http::{HeaderMap, HeaderValue, StatusCode, header};
use axum::response::{IntoResponse, Response};

use super::{reader, render, sealed};
use crate::serve::api::Api;
use crate::serve::caller::COOKIE;

/// Takes the form's token. It is checked before it is kept.
pub(super) async fn log_in(State(api): State<Api>, headers: HeaderMap, body: String) -> Response {
    // A token is made of characters that no form encodes.
    let token = body.split('&').find_map(|pair| pair.strip_prefix("token=")).unwrap_or_default().trim();
    match reader(&api, token).await {
        Err(why) => sealed((StatusCode::UNAUTHORIZED, render::login(Some(&why))).into_response()),
        Ok(_) => home(&cookie(token, &headers)),
    }
}

/// Forgets the token.
pub(super) async fn log_out() -> Response {
    home(&format!("{COOKIE}=; Path=/; HttpOnly; SameSite=Strict; Max-Age=0"))
}

/// Without TLS there is loopback only; a browser would not send a `Secure` cookie back over it.
fn cookie(token: &str, headers: &HeaderMap) -> String {
    let secure = headers.get("origin").is_some_and(|origin| origin.as_bytes().starts_with(b"https:"));
    let secure = if secure { "; Secure" } else { "" };
    format!("{COOKIE}={token}; Path=/; HttpOnly; SameSite=Strict{secure}")
}

fn home(cookie: &str) -> Response {
    let mut answer = (StatusCode::SEE_OTHER, [(header::LOCATION, "/")]).into_response();
    if let Ok(cookie) = HeaderValue::from_str(cookie) {
        answer.headers_mut().insert(header::SET_COOKIE, cookie);
    }
    answer
}
