//! What went wrong, as RFC 9457 has it: with the exit code's word, the run, and what to do next.

use std::error::Error;

use axum::http::{HeaderValue, StatusCode, header};
use axum::response::{IntoResponse, Response};
use serde::{Serialize, Serializer};
use spec::exit::Exit;
use utoipa::ToSchema;

use crate::node::failure::chain;
use crate::stop::Stop;

/// What went wrong.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, ToSchema)]
pub(super) struct Problem {
    /// Which problem it is: `urn:mintmark:problem:` and a word.
    #[serde(rename = "type", serialize_with = "urn")]
    #[schema(value_type = String)]
    pub kind: &'static str,
    /// The problem in a few words.
    pub title: &'static str,
    /// The HTTP status.
    pub status: u16,
    /// What is wrong here, and with which value.
    pub detail: String,
    /// The word of the exit code that a command would end with.
    #[serde(serialize_with = "word")]
    #[schema(value_type = String)]
    pub exit: Exit,
    /// The run that it is about.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub run: Option<String>,
    /// What to do next.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub next: Option<String>,
    /// Seconds after which to ask again.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub retry_after: Option<u32>,
}

fn urn<S: Serializer>(kind: &str, serializer: S) -> Result<S::Ok, S::Error> {
    serializer.collect_str(&format_args!("urn:mintmark:problem:{kind}"))
}

#[expect(clippy::trivially_copy_pass_by_ref, reason = "serde's own form")]
fn word<S: Serializer>(exit: &Exit, serializer: S) -> Result<S::Ok, S::Error> {
    serializer.serialize_str(exit.word())
}

impl Problem {
    /// A problem of this kind.
    pub(super) fn new(status: StatusCode, kind: &'static str, title: &'static str, detail: impl Into<String>) -> Self {
        let exit = if status.is_client_error() { Exit::Usage } else { Exit::Failed };
        Self {
            kind,
            title,
            status: status.as_u16(),
            detail: detail.into(),
            exit,
            run: None,
            next: None,
            retry_after: None,
        }
    }

    /// Something in the request is not accepted; nothing was touched.
    pub(super) fn bad_request(detail: impl Into<String>) -> Self {
        Self::new(StatusCode::BAD_REQUEST, "bad-request", "The request is not understood", detail)
    }

    /// A value in the request is not accepted; nothing was touched.
    pub(super) fn unacceptable(detail: impl Into<String>) -> Self {
        Self::new(StatusCode::UNPROCESSABLE_ENTITY, "unacceptable", "A value is not accepted", detail)
    }

    /// There is no such thing, or it is another tenant's: the answer is the same.
    pub(super) fn not_found(what: &str) -> Self {
        Self::new(StatusCode::NOT_FOUND, "not-found", "There is no such thing", format!("there is no {what}"))
    }

    /// The ledger, the journal or the node failed us. The chain of causes is for the log, not for the caller.
    pub(super) fn broken(error: &(dyn Error + 'static)) -> Self {
        tracing::error!(error = chain(error), "a request failed");
        let detail = "the service could not do it; its log tells why";
        Self::new(StatusCode::INTERNAL_SERVER_ERROR, "broken", "The service failed", detail)
    }

    /// The service is about to stop.
    pub(super) fn stopping() -> Self {
        let detail = "the service is about to stop and begins nothing new";
        Self::new(StatusCode::SERVICE_UNAVAILABLE, "stopping", "The service stops", detail).retry_after(10)
    }

    /// What stopped a command short.
    pub(super) fn of(stop: &Stop) -> Self {
        let detail = format!("{:#}", stop.error);
        let problem = match stop.exit {
            Exit::Usage => Self::unacceptable(detail),
            Exit::Parked => Self::new(StatusCode::CONFLICT, "parked", "A person must act", detail),
            _ => Self::new(StatusCode::BAD_GATEWAY, "failed", "It did not work", detail),
        };
        Self { exit: stop.exit, ..problem }
    }

    /// The run that it is about.
    #[must_use]
    pub(super) fn about(mut self, run: &str) -> Self {
        self.run = Some(run.to_owned());
        self
    }

    /// What to do next.
    #[must_use]
    pub(super) fn next(mut self, next: impl Into<String>) -> Self {
        self.next = Some(next.into());
        self
    }

    /// When to ask again, in seconds.
    #[must_use]
    pub(super) fn retry_after(mut self, seconds: u32) -> Self {
        self.retry_after = Some(seconds);
        self
    }
}

impl IntoResponse for Problem {
    fn into_response(self) -> Response {
        let status = StatusCode::from_u16(self.status).unwrap_or(StatusCode::INTERNAL_SERVER_ERROR);
        let body = serde_json::to_vec(&self).unwrap_or_default();
        let mut response = (status, body).into_response();
        let headers = response.headers_mut();
        headers.insert(header::CONTENT_TYPE, HeaderValue::from_static("application/problem+json"));
        if let Some(seconds) = self.retry_after {
            headers.insert(header::RETRY_AFTER, HeaderValue::from(seconds));
        }
        if status == StatusCode::UNAUTHORIZED {
            headers.insert(header::WWW_AUTHENTICATE, HeaderValue::from_static("Bearer realm=\"mintmark\""));
        }
        response
    }
}
