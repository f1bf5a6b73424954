//! HTTP as Proxmox speaks it: from a request to a call, and from its answer to a response.

use std::sync::Arc;
use std::time::{Duration, Instant};

use axum::Router;
use axum::extract::{Request, State};
use axum::http::StatusCode;
use axum::response::Response;
use pve_wire::api::Verb;

use super::authenticate::authenticate;
use super::call::{Answer, Request as ApiRequest};
use super::dispatch;
use super::error::ApiError;
use super::request::{self, Refused, Target};
use super::response;
use crate::state::Node;

/// How long a refusal to authenticate takes.
pub(crate) const REFUSAL_DELAY: Duration = Duration::from_secs(3);

/// What every request needs.
pub(super) struct Shared {
    pub(super) node: Arc<Node>,
}

/// How far a request came before it was refused.
enum Stopped {
    /// Not to a call: the text is the body.
    Before(Refused),
    /// Its method is unknown, or it did not say who asks: there is no body.
    AtTheDoor(Refused),
    /// A call refused it.
    ByCall(ApiError),
}

impl From<Refused> for Stopped {
    fn from(refused: Refused) -> Self {
        Self::Before(refused)
    }
}

/// The API: every path is looked up by the call's own table.
pub(super) fn router(shared: Arc<Shared>) -> Router {
    Router::new().fallback(handle).with_state(shared)
}

async fn handle(State(shared): State<Arc<Shared>>, request: Request) -> Response {
    let began = Instant::now();
    let (method, path) = (request.method().clone(), request.uri().path().to_owned());
    let response = match answer(&shared, request).await {
        Ok(answer) => response::success(answer),
        Err(Stopped::Before((code, text))) => response::text(code, &text),
        Err(Stopped::AtTheDoor((code, text))) => response::bare(code, &text),
        Err(Stopped::ByCall(error)) => response::refusal(&error),
    };
    if response.status().as_u16() >= 400 {
        tracing::debug!(%method, path, status = response.status().as_u16(), "refused");
    }
    if response.status() == StatusCode::UNAUTHORIZED {
        tokio::time::sleep(REFUSAL_DELAY.saturating_sub(began.elapsed())).await;
    }
    response
}

async fn answer(shared: &Arc<Shared>, request: Request) -> Result<Answer, Stopped> {
    let (parts, body) = request.into_parts();
    let method = parts.method;
    let verb = Verb::of(method.as_str())
        .ok_or_else(|| Stopped::AtTheDoor((501, format!("method '{method}' not available"))))?;
    request::refuse_encodings(&parts.headers)?;
    let target = Target::read(parts.uri.path());
    let who = match &target {
        Ok(target) => Some(
            authenticate(&shared.node, &method, &target.path(), &parts.headers)
                .map_err(|error| Stopped::AtTheDoor((error.status, error.text)))?,
        ),
        Err((501, text)) => return Err(Stopped::Before((501, text.clone()))),
        Err(_) => None,
    };
    let body = request::body(&method, &parts.headers, body).await?;
    let (target, who) = (target?, who.ok_or_else(|| (500, "nobody asked".to_owned()))?);
    if target.format != "json" {
        return Err(Stopped::Before((501, format!("no formatter for uri {}, {}", target.path(), target.format))));
    }
    let given = request::params(&method, &parts.headers, &body, parts.uri.query().unwrap_or_default())?;
    let (node, request) = (Arc::clone(&shared.node), ApiRequest { who, verb, segments: target.segments, given });
    let work = tokio::task::spawn_blocking(move || dispatch::answer(&node, request));
    let answered = work.await.map_err(|error| ApiError::new(500, error.to_string()));
    answered.and_then(|answered| answered).map_err(Stopped::ByCall)
}
