//! HTTP as Proxmox speaks it: `/api2/json`, form or JSON bodies, errors in the reason phrase.

use std::sync::Arc;
use std::time::Duration;

use axum::Router;
use axum::body::{Body, to_bytes};
use axum::extract::{Request, State};
use axum::http::{HeaderMap, HeaderValue, Method, StatusCode, header};
use axum::response::Response;
use hyper::ext::ReasonPhrase;
use percent_encoding::percent_decode_str;
use pve_wire::api::{Given, Parameters, Verb};
use pve_wire::{Envelope, TokenId};
use serde_json::Value;

use super::call::{Answer, Request as ApiRequest};
use super::dispatch;
use super::error::ApiError;
use crate::access::{Principal, TokenStore};
use crate::error::chain;
use crate::state::Node;

/// The largest body that Proxmox takes.
const LARGEST_BODY: usize = 512 * 1024;
/// How long a refusal to authenticate is held back.
pub(crate) const REFUSAL_DELAY: Duration = Duration::from_secs(3);

/// What every request needs.
pub(super) struct Shared {
    pub(super) node: Arc<Node>,
}

pub(super) fn router(shared: Arc<Shared>) -> Router {
    Router::new().fallback(handle).with_state(shared)
}

async fn handle(State(shared): State<Arc<Shared>>, request: Request) -> Response {
    let (method, path) = (request.method().clone(), request.uri().path().to_owned());
    let result = answer(&shared, request).await;
    match result {
        Ok(answer) => success(answer),
        Err(error) => {
            tracing::debug!(%method, path, status = error.status, text = error.text, "refused");
            if error.status == 401 {
                tokio::time::sleep(REFUSAL_DELAY).await;
            }
            refusal(&error)
        }
    }
}

async fn answer(shared: &Arc<Shared>, request: Request) -> Result<Answer, ApiError> {
    let segments = segments(request.uri().path())?;
    let who = authenticate(&shared.node, request.headers())?;
    let verb = Verb::of(request.method().as_str())
        .ok_or_else(|| ApiError::new(501, format!("method '{}' not available", request.method())))?;
    let query = request.uri().query().unwrap_or_default().to_owned();
    let mut given = body_params(request).await?;
    given.extend(form(&query));
    given.remove("_dc");
    let request = ApiRequest { who, verb, segments, given };
    let node = Arc::clone(&shared.node);
    let work = tokio::task::spawn_blocking(move || dispatch::answer(&node, request));
    work.await.map_err(|error| ApiError::new(500, error.to_string()))?
}

/// The parts of the path below `/api2/json`.
fn segments(path: &str) -> Result<Vec<String>, ApiError> {
    let below = path.strip_prefix("/api2/").ok_or_else(|| ApiError::new(501, format!("no such uri '{path}'")))?;
    let (format, rest) = below.split_once('/').unwrap_or((below, ""));
    if format != "json" {
        return Err(ApiError::new(501, format!("no formatter for uri {path}")));
    }
    let decoded = |part: &str| percent_decode_str(part).decode_utf8_lossy().into_owned();
    Ok(rest.split('/').filter(|part| !part.is_empty()).map(decoded).collect())
}

/// `Authorization: PVEAPIToken=USER@REALM!NAME=SECRET`; a blank may stand for the first `=`.
pub(crate) fn authenticate(node: &Node, headers: &HeaderMap) -> Result<Principal, ApiError> {
    let failed = || ApiError::new(401, "Authentication failed!");
    let text = headers.get(header::AUTHORIZATION).and_then(|value| value.to_str().ok());
    let text = text.and_then(|text| text.strip_prefix("PVEAPIToken")).ok_or_else(|| ApiError::new(401, "No ticket"))?;
    let text = text.split(';').next().unwrap_or_default();
    let text = percent_decode_str(text).decode_utf8_lossy();
    let (token, secret) = text.trim_start_matches(['=', ' ']).rsplit_once('=').ok_or_else(failed)?;
    let token: TokenId = token.parse().map_err(|_| failed())?;
    let found = TokenStore::new(&node.layout).authenticate(&token, secret);
    found.map_err(|error| ApiError::new(500, chain(&error)))?.ok_or_else(failed)
}

async fn body_params(request: Request) -> Result<Parameters, ApiError> {
    let method = request.method().clone();
    let length = request.headers().get(header::CONTENT_LENGTH).and_then(|v| v.to_str().ok()?.parse::<u64>().ok());
    if request.headers().contains_key(header::TRANSFER_ENCODING) {
        return Err(ApiError::new(501, "chunked transfer encoding not supported"));
    }
    if !matches!(method, Method::POST | Method::PUT) {
        return match length {
            Some(1..) => Err(ApiError::new(501, format!("Unexpected content for method '{method}'"))),
            _ => Ok(Parameters::new()),
        };
    }
    let kind = request.headers().get(header::CONTENT_TYPE).and_then(|value| value.to_str().ok());
    let kind = kind.map(|kind| kind.split(';').next().unwrap_or(kind).trim().to_ascii_lowercase());
    let bytes =
        to_bytes(request.into_body(), LARGEST_BODY).await.map_err(|_| ApiError::new(501, "for data too large"))?;
    let text = String::from_utf8_lossy(&bytes);
    match kind.as_deref() {
        None | Some("application/x-www-form-urlencoded") => Ok(form(&text)),
        Some("application/json") if text.trim().is_empty() => Ok(Parameters::new()),
        Some("application/json") => json(&text),
        Some(other) => Err(ApiError::new(506, format!("upload 'Content-Type '{other}'' not implemented"))),
    }
}

/// A form's parameters. As Proxmox's parser has it: `;` separates too, a value ends at the next raw `=`, a key without
/// `=` is not passed, and a key given again makes a list.
fn form(text: &str) -> Parameters {
    let decoded = |part: &str| percent_decode_str(&part.replace('+', " ")).decode_utf8_lossy().into_owned();
    let mut params = Parameters::new();
    for pair in text.split(['&', ';']) {
        let mut parts = pair.split('=');
        if let (Some(key), Some(value)) = (parts.next().filter(|key| !key.is_empty()), parts.next()) {
            let value = decoded(value);
            let key = decoded(key);
            let before = match params.remove(&key) {
                None => Vec::new(),
                Some(Given::One(first)) => vec![first],
                Some(Given::Many(list)) => list,
            };
            let all = [before, vec![value]].concat();
            params.insert(key, if all.len() == 1 { Given::One(all.concat()) } else { Given::Many(all) });
        }
    }
    params
}

fn json(text: &str) -> Result<Parameters, ApiError> {
    let read: std::collections::BTreeMap<String, Value> =
        serde_json::from_str(text).map_err(|error| ApiError::new(500, error.to_string()))?;
    let scalar = |value: &Value| match value {
        Value::String(text) => text.clone(),
        Value::Bool(flag) => u8::from(*flag).to_string(),
        other => other.to_string(),
    };
    let given = |value: Value| match value {
        Value::Null => None,
        Value::Array(list) => Some(Given::Many(list.iter().map(scalar).collect())),
        one => Some(Given::One(scalar(&one))),
    };
    Ok(read.into_iter().filter_map(|(key, value)| Some((key, given(value)?))).collect())
}

const JSON: HeaderValue = HeaderValue::from_static("application/json;charset=UTF-8");

fn success(answer: Answer) -> Response {
    let envelope = Envelope { data: Some(answer.data), total: answer.total, message: None, errors: None };
    with_body(StatusCode::OK, &envelope)
}

/// The first line of the text is the reason phrase; 401 has no body; no connection outlives a refusal.
fn refusal(error: &ApiError) -> Response {
    let status = StatusCode::from_u16(error.status).unwrap_or(StatusCode::INTERNAL_SERVER_ERROR);
    let mut response = if error.status == 401 {
        let mut empty = Response::new(Body::empty());
        *empty.status_mut() = status;
        empty
    } else {
        with_body(status, &Envelope::<Value>::refusal(error.text.trim_end(), error.errors.clone()))
    };
    let line = error.text.lines().next().unwrap_or_default().to_owned();
    if let Ok(reason) = ReasonPhrase::try_from(line.into_bytes()) {
        response.extensions_mut().insert(reason);
    }
    response.headers_mut().insert(header::CONNECTION, HeaderValue::from_static("close"));
    response
}

fn with_body(status: StatusCode, envelope: &Envelope<Value>) -> Response {
    let text = serde_json::to_string(envelope).unwrap_or_else(|_| r#"{"data":null}"#.to_owned());
    let mut response = Response::new(Body::from(text));
    *response.status_mut() = status;
    let headers = response.headers_mut();
    headers.insert(header::CONTENT_TYPE, JSON);
    headers.insert(header::CACHE_CONTROL, HeaderValue::from_static("max-age=0"));
    headers.insert(header::SERVER, HeaderValue::from_static("pve-api-daemon/3.0"));
    response
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn forms_are_read_as_proxmox_reads_them() {
        let params = form("net0=name%3Deth0%2Cip%3Ddhcp&a=b+c;d=&bare&raw=name=eth0&x=1&x=2");
        let get = |key: &str| match params.get(key) {
            Some(Given::One(text)) => Some(text.as_str()),
            _ => None,
        };
        assert_eq!(get("net0"), Some("name=eth0,ip=dhcp"));
        assert_eq!((get("a"), get("d"), get("bare"), get("raw")), (Some("b c"), Some(""), None, Some("name")));
        assert_eq!(params["x"], Given::Many(vec!["1".to_owned(), "2".to_owned()]));
    }

    #[test]
    fn json_bodies_become_text() {
        let params = json(r#"{"restore":true,"memory":512,"hostname":"acme","gone":null}"#).unwrap();
        assert_eq!(
            params.into_iter().collect::<Vec<_>>(),
            [
                ("hostname".to_owned(), Given::One("acme".to_owned())),
                ("memory".to_owned(), Given::One("512".to_owned())),
                ("restore".to_owned(), Given::One("1".to_owned()))
            ]
        );
        assert_eq!(json("bad").unwrap_err().status, 500);
    }

    #[test]
    fn paths_are_split_and_decoded() {
        assert_eq!(segments("/api2/json/nodes/pve/tasks/UPID%3Ax%21y/status").unwrap().last().unwrap(), "status");
        assert_eq!(segments("/api2/json/a%2Fb").unwrap(), ["a/b"]);
        assert_eq!(segments("/x").unwrap_err().status, 501);
        assert_eq!(segments("/api2/xml/version").unwrap_err().status, 501);
    }
}
