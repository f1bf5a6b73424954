//! HTTP/1.1 by hand: one request for each connection, so that a test sees exactly what comes back.

use serde_json::Value;
use tokio::io::{AsyncRead, AsyncReadExt, AsyncWrite, AsyncWriteExt};

/// A request.
#[derive(Debug, Clone)]
pub(crate) struct Ask {
    method: &'static str,
    path: String,
    headers: Vec<(String, String)>,
    body: String,
}

/// An answer.
#[derive(Debug, Clone, PartialEq)]
pub(crate) struct Answer {
    pub(crate) status: u16,
    pub(crate) head: String,
    pub(crate) body: String,
}

impl Ask {
    pub(crate) fn new(method: &'static str, path: impl Into<String>) -> Self {
        Self { method, path: path.into(), headers: Vec::new(), body: String::new() }
    }

    pub(crate) fn with(mut self, name: &str, value: impl Into<String>) -> Self {
        self.headers.push((name.to_owned(), value.into()));
        self
    }

    pub(crate) fn json(mut self, body: &Value) -> Self {
        self.body = body.to_string();
        self.with("content-type", "application/json")
    }

    pub(crate) fn form(mut self, body: &str) -> Self {
        body.clone_into(&mut self.body);
        self.with("content-type", "application/x-www-form-urlencoded")
    }

    pub(crate) fn text(&self) -> String {
        let own = self.headers.iter().map(|(name, value)| [name, ": ", value, "\r\n"].concat());
        let lines = own.collect::<String>();
        let text = format!("{} {} HTTP/1.1\r\nhost: agent\r\nconnection: close\r\n{lines}", self.method, self.path);
        format!("{text}content-length: {}\r\n\r\n{}", self.body.len(), self.body)
    }

    pub(crate) async fn over(self, mut stream: impl AsyncRead + AsyncWrite + Unpin) -> Answer {
        stream.write_all(self.text().as_bytes()).await.unwrap();
        let mut bytes = Vec::new();
        stream.read_to_end(&mut bytes).await.unwrap();
        Answer::read(&String::from_utf8(bytes).unwrap())
    }
}

impl Answer {
    fn read(text: &str) -> Self {
        let (head, body) = text.split_once("\r\n\r\n").unwrap_or_else(|| panic!("no answer: {text:?}"));
        let status = head.split(' ').nth(1).unwrap().parse().unwrap();
        let head = head.to_ascii_lowercase();
        let body = if head.contains("transfer-encoding: chunked") { dechunked(body) } else { body.to_owned() };
        Self { status, head, body }
    }

    pub(crate) fn value(&self) -> Value {
        serde_json::from_str(&self.body).unwrap_or_else(|error| panic!("{error}: {}", self.body))
    }

    /// The word at the end of a problem's type.
    pub(crate) fn problem(&self) -> String {
        assert!(self.head.contains("application/problem+json"), "{}", self.head);
        let value = self.value();
        assert_eq!(value["status"], self.status, "{value}");
        value["type"].as_str().unwrap().strip_prefix("urn:mintmark:problem:").unwrap().to_owned()
    }
}

fn dechunked(mut rest: &str) -> String {
    let mut body = String::new();
    while let Some((length, after)) = rest.split_once("\r\n") {
        let length = usize::from_str_radix(length, 16).unwrap();
        body.push_str(&after[..length]);
        rest = after[length..].trim_start_matches("\r\n");
    }
    body
}
