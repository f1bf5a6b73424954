//! Answers as HTTP: JSON with the error's first line in the status line, or text where nothing was read as a call yet.

use axum::body::Body;
use axum::http::header::{self, HeaderValue};
use axum::http::{Method, Request, StatusCode};
use axum::response::Response;
use hyper::ext::ReasonPhrase;
use pve_wire::Envelope;
use serde_json::Value;

use super::call::{Answer, Download};
use super::error::ApiError;

const JSON: HeaderValue = HeaderValue::from_static("application/json;charset=UTF-8");

/// 200 with data.
pub(super) fn success(answer: Answer) -> Response {
    if let Some(file) = answer.download {
        return attachment(file);
    }
    // Nothing found is told without a number.
    let total = answer.total.filter(|total| *total > 0);
    json(StatusCode::OK, &Envelope { data: Some(answer.data), total, message: None, errors: None })
}

/// 200 with a file.
fn attachment(file: Download) -> Response {
    let mut response = Response::new(Body::from(file.body));
    let headers = response.headers_mut();
    headers.insert(header::CONTENT_TYPE, HeaderValue::from_static("text/plain"));
    if file.gzipped {
        headers.insert(header::CONTENT_ENCODING, HeaderValue::from_static("gzip"));
    }
    if let Ok(name) = HeaderValue::try_from(format!("attachment; filename=\"{}\"", file.name)) {
        headers.insert(header::CONTENT_DISPOSITION, name);
    }
    response
}

/// A call's refusal: JSON.
pub(super) fn refusal(error: &ApiError) -> Response {
    let text = error.text.trim_end();
    let mut envelope = Envelope::<Value>::refusal(text, error.errors.clone());
    if error.status == 501 {
        // No call was reached that would have died with a line break.
        envelope.message = Some(text.to_owned());
    }
    let mut response = json(status(error.status), &envelope);
    phrase(&mut response, text);
    response
}

/// A refusal before anything was read as a call: the text itself.
pub(super) fn text(code: u16, text: &str) -> Response {
    let mut response = with_body(status(code), text.to_owned());
    phrase(&mut response, text);
    response
}

/// A refusal in the status line alone.
pub(super) fn bare(code: u16, text: &str) -> Response {
    let mut response = with_body(status(code), String::new());
    phrase(&mut response, text);
    response
}

/// The way to HTTPS.
pub(super) fn moved<B>(request: &Request<B>) -> Response {
    let code = if matches!(*request.method(), Method::GET | Method::HEAD) { 301 } else { 308 };
    let host = request.headers().get(header::HOST).and_then(|host| host.to_str().ok()).unwrap_or_default();
    let mut response = text(code, if code == 301 { "Moved Permanently" } else { "Permanent Redirect" });
    if let Ok(location) = HeaderValue::try_from(format!("https://{host}{}", request.uri())) {
        response.headers_mut().insert(header::LOCATION, location);
    }
    response
}

/// What stands in every answer. No connection outlives a refusal, nor its last request.
pub(super) fn seal(response: &mut Response, last: bool) {
    let close = last || response.status().as_u16() >= 400;
    let headers = response.headers_mut();
    headers.insert(header::CACHE_CONTROL, HeaderValue::from_static("max-age=0"));
    headers.insert(header::PRAGMA, HeaderValue::from_static("no-cache"));
    headers.insert(header::SERVER, HeaderValue::from_static("pve-api-daemon/3.0"));
    headers.insert(header::CONNECTION, HeaderValue::from_static(if close { "close" } else { "Keep-Alive" }));
}

fn status(code: u16) -> StatusCode {
    StatusCode::from_u16(code).unwrap_or(StatusCode::INTERNAL_SERVER_ERROR)
}

fn json(status: StatusCode, envelope: &Envelope<Value>) -> Response {
    let text = serde_json::to_string(envelope).unwrap_or_else(|_| r#"{"data":null}"#.to_owned());
    let mut response = with_body(status, text);
    response.headers_mut().insert(header::CONTENT_TYPE, JSON);
    response
}

fn with_body(status: StatusCode, text: String) -> Response {
    let mut response = Response::new(Body::from(text));
    *response.status_mut() = status;
    response
}

/// The text's first line stands in the status line.
fn phrase(response: &mut Response, text: &str) {
    let line = text.lines().next().unwrap_or_default().to_owned();
    if let Ok(reason) = ReasonPhrase::try_from(line.into_bytes()) {
        response.extensions_mut().insert(reason);
    }
}
