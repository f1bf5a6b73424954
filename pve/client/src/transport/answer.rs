//! What is read of an answer: reason phrase, body up to a cap, data.

use hyper::ext::ReasonPhrase;
use reqwest::Response;
use serde::Deserialize;
use serde::de::DeserializeOwned;

use crate::error::Failure;

/// No answer that is read here is larger; a task's whole log is asked for in pages.
const BODY_CAP: usize = 4 << 20;

/// The data of an answer, and how many rows there are in all where only a part was asked for.
#[derive(Debug, Deserialize)]
pub(crate) struct Page<T> {
    pub(crate) data: T,
    #[serde(default)]
    pub(crate) total: Option<u64>,
}

/// Proxmox puts its error text here; the canonical phrase of the status would hide it.
pub(super) fn reason(response: &Response) -> String {
    match response.extensions().get::<ReasonPhrase>() {
        Some(phrase) => String::from_utf8_lossy(phrase.as_bytes()).into_owned(),
        None => response.status().canonical_reason().unwrap_or_default().to_owned(),
    }
}

/// The body, or as much of it as nobody needs to read to refuse it.
pub(super) async fn body(mut response: Response) -> Result<Vec<u8>, Failure> {
    let too_long = || Failure::Unreadable { why: format!("it is longer than {} MiB", BODY_CAP >> 20) };
    if response.content_length().is_some_and(|length| length > BODY_CAP as u64) {
        return Err(too_long());
    }
    let mut body = Vec::new();
    while let Some(chunk) = response.chunk().await.map_err(|error| Failure::Broken(error.without_url()))? {
        if body.len() + chunk.len() > BODY_CAP {
            return Err(too_long());
        }
        body.extend_from_slice(&chunk);
    }
    Ok(body)
}

pub(super) fn page<T: DeserializeOwned>(body: &[u8]) -> Result<Page<T>, Failure> {
    serde_json::from_slice(body).map_err(|error| Failure::Unreadable { why: error.to_string() })
}
