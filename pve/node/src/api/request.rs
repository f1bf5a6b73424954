//! A request's path and parameters, read as Proxmox reads them. Pure but for taking the body off the wire.

use std::collections::BTreeMap;

use axum::body::{Body, Bytes, to_bytes};
use axum::http::header::{CONTENT_LENGTH, CONTENT_TYPE, TRANSFER_ENCODING};
use axum::http::{HeaderMap, Method};
use percent_encoding::percent_decode_str;
use pve_wire::api::{Given, Parameters};
use serde_json::Value;

use super::connection::IDLE;

/// The largest body that Proxmox takes.
const LARGEST_BODY: usize = 512 * 1024;

/// A refusal before a call was reached: status and text.
pub(super) type Refused = (u16, String);

/// Where a request goes: the format of the answer, and the path below it.
#[derive(Debug, PartialEq, Eq)]
pub(super) struct Target {
    /// `json`.
    pub(super) format: String,
    /// The parts of the path, decoded.
    pub(super) segments: Vec<String>,
}

impl Target {
    /// Reads `/api2/json/…`. Slashes that were encoded separate too: the path is decoded before it is split.
    pub(super) fn read(path: &str) -> Result<Self, Refused> {
        let path = percent_decode_str(path).decode_utf8_lossy();
        let Some(below) = path.strip_prefix("/api2") else { return Err((500, format!("no such file '{path}'\n"))) };
        let below = below.strip_prefix('/').map(|rest| rest.trim_start_matches('/'));
        let (format, rest) = below.map(|below| below.split_once('/').unwrap_or((below, ""))).unwrap_or_default();
        let is_format = format.len() > 1
            && format.starts_with(|c: char| c.is_ascii_lowercase())
            && format.bytes().all(|b| b.is_ascii_lowercase() || b.is_ascii_digit());
        if !is_format {
            return Err((501, "no such uri".to_owned()));
        }
        let parts = rest.split('/').filter(|part| !part.is_empty());
        Ok(Self { format: format.to_owned(), segments: parts.map(str::to_owned).collect() })
    }

    /// The path as it stands in Proxmox's texts.
    pub(super) fn path(&self) -> String {
        format!("/{}", self.segments.join("/"))
    }
}

/// Refuses transfer encodings: a body's length must be known.
pub(super) fn refuse_encodings(headers: &HeaderMap) -> Result<(), Refused> {
    match headers.get(TRANSFER_ENCODING).map(|value| String::from_utf8_lossy(value.as_bytes()).into_owned()) {
        None => Ok(()),
        Some(encoding) if encoding.eq_ignore_ascii_case("chunked") => {
            Err((501, "chunked transfer encoding not supported".to_owned()))
        }
        Some(encoding) => Err((501, format!("Unknown transfer encoding '{encoding}'"))),
    }
}

/// The body, once length and type were found right.
pub(super) async fn body(method: &Method, headers: &HeaderMap, body: Body) -> Result<Bytes, Refused> {
    let length = headers.get(CONTENT_LENGTH).and_then(|value| value.to_str().ok()?.parse::<usize>().ok());
    let Some(length @ 1..) = length else { return Ok(Bytes::new()) };
    if !matches!(*method, Method::POST | Method::PUT) {
        return Err((501, format!("Unexpected content for method '{method}'")));
    }
    if length > LARGEST_BODY {
        return Err((501, "for data too large".to_owned()));
    }
    if let Some(kind) = content_type(headers).filter(|kind| !matches!(base(kind), FORM | JSON)) {
        return Err((506, format!("upload 'Content-Type '{kind}' not implemented")));
    }
    match tokio::time::timeout(IDLE, to_bytes(body, LARGEST_BODY)).await {
        Ok(Ok(bytes)) => Ok(bytes),
        _ => Err((500, "unable to read the request's body".to_owned())),
    }
}

const FORM: &str = "application/x-www-form-urlencoded";
const JSON: &str = "application/json";

fn content_type(headers: &HeaderMap) -> Option<&str> {
    headers.get(CONTENT_TYPE).and_then(|value| value.to_str().ok())
}

fn base(kind: &str) -> &str {
    kind.split([';', ',']).next().unwrap_or(kind).trim_end()
}

/// The parameters of body and query; what stands in the query wins.
pub(super) fn params(method: &Method, headers: &HeaderMap, body: &[u8], query: &str) -> Result<Parameters, Refused> {
    let mut given = match content_type(headers).map(base) {
        _ if !matches!(*method, Method::POST | Method::PUT) => Parameters::new(),
        Some(JSON) => json(&String::from_utf8_lossy(body))?,
        _ => form(&String::from_utf8_lossy(body)),
    };
    given.extend(form(query));
    given.remove("_dc");
    Ok(given)
}

/// A form's parameters. As Proxmox's parser has it: `;` separates too, a value ends at the next raw `=`, a key without
/// `=` is not passed, and a key given again makes a list.
fn form(text: &str) -> Parameters {
    let decoded = |part: &str| percent_decode_str(&part.replace('+', " ")).decode_utf8_lossy().into_owned();
    let mut params = Parameters::new();
    for pair in text.split(['&', ';']) {
        let mut parts = pair.split('=');
        if let (Some(key), Some(value)) = (parts.next().filter(|key| !key.is_empty()), parts.next()) {
            let (key, value) = (decoded(key), decoded(value));
            let all = match params.remove(&key) {
                None => Given::One(value),
                Some(Given::One(first)) => Given::Many(vec![first, value]),
                Some(Given::Many(list)) => Given::Many([list, vec![value]].concat()),
            };
            params.insert(key, all);
        }
    }
    params
}

fn json(text: &str) -> Result<Parameters, Refused> {
    let read: BTreeMap<String, Value> = serde_json::from_str(text).map_err(|error| (500, told(&error, text)))?;
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

/// What is wrong with a JSON text, as Proxmox's parser tells it.
fn told(error: &serde_json::Error, text: &str) -> String {
    let before: usize = text.split_inclusive('\n').take(error.line().saturating_sub(1)).map(str::len).sum();
    let at = (before + error.column()).saturating_sub(usize::from(!error.is_eof())).min(text.len());
    let rest: String = text.get(at..).unwrap_or_default().chars().take(20).collect();
    let rest = if rest.is_empty() { "(end of string)".to_owned() } else { rest };
    let said = error.to_string();
    let what = match said.as_str() {
        said if said.starts_with("key must be a string") => "'\"' expected",
        said if said.starts_with("trailing characters") => "garbage after JSON object",
        said if said.starts_with("EOF while parsing a string") => "unexpected end of string while parsing JSON string",
        said if said.starts_with("expected `:`") => "':' expected",
        said if said.starts_with("expected `,` or `}`") || said.starts_with("EOF while parsing an object") => {
            ", or } expected while parsing object/hash"
        }
        said if said.starts_with("expected `,` or `]`") || said.starts_with("EOF while parsing a list") => {
            ", or ] expected while parsing array"
        }
        _ => "malformed JSON string, neither tag, array, object, number, string or atom",
    };
    let from = "/usr/share/perl5/PVE/APIServer/AnyEvent.pm line 934.";
    format!("{what}, at character offset {at} (before \"{rest}\") at {from}\n")
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
        let expected = [("hostname", "acme"), ("memory", "512"), ("restore", "1")];
        assert_eq!(params, expected.map(|(k, v)| (k.to_owned(), Given::One(v.to_owned()))).into());
    }

    #[test]
    fn bad_json_is_told_in_perls_words() {
        let text = |body: &str| json(body).unwrap_err();
        let at = "at /usr/share/perl5/PVE/APIServer/AnyEvent.pm line 934.\n";
        assert_eq!(
            text("{bad json"),
            (500, format!("'\"' expected, at character offset 1 (before \"bad json\") {at}"))
        );
        assert!(text("").1.starts_with("malformed JSON string"));
        assert!(text("{\"a\":1} x").1.starts_with("garbage after JSON object, at character offset 8 (before \"x\")"));
    }

    #[test]
    fn paths_are_decoded_and_split() {
        let read = |path: &str| Target::read(path);
        assert_eq!(read("/api2/json/nodes/pve/tasks/UPID%3Ax%21y/status").unwrap().segments[3], "UPID:x!y");
        assert_eq!(read("/api2/json/a%2Fb//c/").unwrap().segments, ["a", "b", "c"]);
        assert_eq!(read("/api2/json").unwrap().path(), "/");
        assert_eq!(read("/api2/xml/version").unwrap().format, "xml");
        assert_eq!(read("/api2/").unwrap_err(), (501, "no such uri".to_owned()));
        assert_eq!(read("/x").unwrap_err(), (500, "no such file '/x'\n".to_owned()));
    }
}
