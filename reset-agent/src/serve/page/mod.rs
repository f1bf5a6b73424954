//! The page: runs, guests, goldens and the last audit at a glance. It is whole without JavaScript, and live with it.
//! It changes nothing: whoever reads it needs a token with the scope `read`.
//!
//! | module | job |
//! |---|---|
//! | `session` | logging in with a token, and out |
//! | `overview` | what the page shows, read for its reader |
//! | `render` | the HTML |

mod overview;
mod render;
mod session;

use axum::Router;
use axum::extract::State;
use axum::http::{HeaderMap, HeaderName, HeaderValue, Method, header};
use axum::response::{IntoResponse, Response};
use axum::routing::{get, post};

use super::Scope;
use super::api::Api;
use super::caller::{Caller, authenticate, cookie};

/// What a page may load: our own style and script, and nothing from elsewhere.
const POLICY: &str = "default-src 'none'; style-src 'self'; script-src 'self'; connect-src 'self'; img-src 'self'; \
                      form-action 'self'; base-uri 'none'; frame-ancestors 'none'";

/// The page's routes.
pub(super) fn routes() -> Router<Api> {
    Router::new()
        .route("/", get(show))
        .route("/login", post(session::log_in))
        .route("/logout", post(session::log_out))
        .route("/page.css", get(async || asset("text/css; charset=utf-8", include_str!("page.css"))))
        .route("/page.js", get(async || asset("text/javascript; charset=utf-8", include_str!("page.js"))))
        .route("/favicon.ico", get(async || asset("image/svg+xml", include_str!("icon.svg"))))
}

fn asset(kind: &'static str, text: &'static str) -> Response {
    ([(header::CONTENT_TYPE, kind), (header::CACHE_CONTROL, "max-age=300")], text).into_response()
}

async fn show(State(api): State<Api>, headers: HeaderMap) -> Response {
    let answer = match cookie(&headers) {
        None => render::login(None).into_response(),
        Some(token) => match reader(&api, token).await {
            Err(why) => render::login(Some(&why)).into_response(),
            Ok(caller) => match overview::of(&api, &caller).await {
                Ok(overview) => render::page(&overview).into_response(),
                Err(problem) => problem.into_response(),
            },
        },
    };
    sealed(answer)
}

/// The caller behind a token, if it may read.
async fn reader(api: &Api, token: &str) -> Result<Caller, String> {
    let caller = authenticate(api, token).await.map_err(|problem| problem.detail)?;
    caller.must(Scope::Read).map_err(|problem| problem.detail)?;
    Ok(caller)
}

fn sealed(mut answer: Response) -> Response {
    let headers = answer.headers_mut();
    headers.insert(header::CONTENT_SECURITY_POLICY, HeaderValue::from_static(POLICY));
    headers.insert(HeaderName::from_static("referrer-policy"), HeaderValue::from_static("no-referrer"));
    answer
}

/// Whether a request with a cookie's token may be answered at all.
pub(super) fn only_reads(method: &Method) -> bool {
    method == Method::GET || method == Method::HEAD
}
