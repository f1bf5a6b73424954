//! Answers as they come from a node in trouble.

use std::io;
use std::pin::Pin;
use std::task::{Context, Poll};

use axum::body::{Body, Bytes, HttpBody, to_bytes};
use axum::http::{HeaderValue, StatusCode, header};
use axum::response::Response;
use hyper::body::Frame;
use hyper::ext::ReasonPhrase;
use serde_json::json;

/// More than any answer has.
const LARGEST: usize = 64 << 20;

/// An answer with its body in hand.
#[derive(Debug, Clone)]
pub(super) struct Whole {
    head: axum::http::response::Parts,
    body: Bytes,
}

impl Whole {
    /// Reads an answer to its end.
    pub(super) async fn of(response: Response) -> Self {
        let (head, body) = response.into_parts();
        Self { head, body: to_bytes(body, LARGEST).await.unwrap_or_default() }
    }

    /// The body.
    pub(super) fn body(&self) -> &[u8] {
        &self.body
    }

    /// The same with another body.
    pub(super) fn with_body(self, body: Vec<u8>) -> Self {
        Self { body: body.into(), ..self }
    }

    /// The answer, to be sent.
    pub(super) fn response(self) -> Response {
        Response::from_parts(self.head, Body::from(self.body))
    }

    /// The answer that promises all of its body, gives half of it, and breaks.
    pub(super) fn cut(self) -> Response {
        let (half, promised) = (self.body.slice(..self.body.len() / 2), self.body.len().max(1));
        let mut response = Response::from_parts(self.head, Body::new(Breaking { first: Some(half) }));
        response.headers_mut().insert(header::CONTENT_LENGTH, HeaderValue::from(promised));
        response
    }
}

/// No answer at all: the connection ends.
pub(super) fn none() -> Response {
    let mut response = Response::new(Body::new(Breaking { first: None }));
    response.headers_mut().insert(header::CONTENT_LENGTH, HeaderValue::from_static("1"));
    response
}

/// 200, from something that is no node: a login page, a proxy's welcome.
pub(super) fn garbage() -> Response {
    let mut response = Response::new(Body::from("<html><head><title>It works!</title></head></html>\n"));
    response.headers_mut().insert(header::CONTENT_TYPE, HeaderValue::from_static("text/html"));
    response
}

/// A refusal. Those of the proxy itself (595 to 599) and 401 have no body.
pub(super) fn refusal(status: u16, text: &str) -> Response {
    let bare = status == 401 || status >= 595;
    let body = if bare { String::new() } else { json!({"data": null, "message": format!("{text}\n")}).to_string() };
    let mut response = Response::new(Body::from(body));
    *response.status_mut() = StatusCode::from_u16(status).unwrap_or(StatusCode::INTERNAL_SERVER_ERROR);
    let reason = text.lines().next().unwrap_or_default().as_bytes().to_vec();
    if let Ok(reason) = ReasonPhrase::try_from(reason) {
        response.extensions_mut().insert(reason);
    }
    let headers = response.headers_mut();
    headers.insert(header::CONNECTION, HeaderValue::from_static("close"));
    headers.insert(header::CONTENT_TYPE, HeaderValue::from_static("application/json;charset=UTF-8"));
    response
}

/// A body that breaks: what is left of it, and then the connection's end.
struct Breaking {
    first: Option<Bytes>,
}

impl HttpBody for Breaking {
    type Data = Bytes;
    type Error = io::Error;

    fn poll_frame(mut self: Pin<&mut Self>, _: &mut Context<'_>) -> Poll<Option<Result<Frame<Bytes>, io::Error>>> {
        let left = self.first.take().filter(|bytes| !bytes.is_empty());
        let end = || Err(io::Error::from(io::ErrorKind::ConnectionAborted));
        Poll::Ready(Some(left.map_or_else(end, |bytes| Ok(Frame::data(bytes)))))
    }
}
