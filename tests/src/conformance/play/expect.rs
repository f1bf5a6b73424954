//! Whether an answer is the expected one.

use anyhow::{Context, Result};
use serde_json::{Map, Value, json};

use super::scope::Scope;
use crate::conformance::pattern::text::{Captures, TextPattern};
use crate::conformance::pattern::{json as pattern, lines};
use crate::conformance::script::{Answered, TaskStart};
use crate::conformance::target::Answer;

/// Proxmox's JSON, whatever the status.
const JSON: &str = "application/json;charset=UTF-8";

/// How an answer differs from the expected one (nothing: it fits), and what was kept from it.
#[derive(Debug, Default)]
pub(super) struct Verdict {
    pub(super) differences: Vec<String>,
    pub(super) captures: Captures,
}

/// Compares an answer as a whole.
pub(super) fn judge(answered: &Answered, answer: &Answer, scope: &Scope) -> Result<Verdict> {
    let mut verdict = Verdict::default();
    match answered {
        Answered::Task(start) => {
            verdict.head(200, "OK", answer);
            verdict.body(&json!({"data": upid(start, scope)?}), answer);
            verdict.captures.extend(data(answer).map(|upid| (start.keep.clone(), upid)));
        }
        Answered::Json { status, reason, pattern, total } => {
            verdict.head(*status, &scope.pattern(reason), answer);
            verdict.json(*status, &scope.pattern(reason), pattern.as_deref(), total.as_deref(), answer, scope)?;
        }
        Answered::Lines(lines) => {
            verdict.head(200, "OK", answer);
            verdict.lines(lines, &data(answer).unwrap_or_else(|| answer.body.clone()), scope);
        }
        Answered::Nothing { status, reason } => {
            verdict.head(*status, &scope.pattern(reason), answer);
            if !answer.body.is_empty() {
                verdict.differ("body", "", &answer.body);
            }
        }
        Answered::Text { status, reason, lines } => {
            verdict.head(*status, &scope.pattern(reason), answer);
            verdict.lines(lines, answer.body.trim_end(), scope);
        }
    }
    Ok(verdict)
}

/// What is expected, in a few words.
pub(super) fn shown(answered: &Answered, scope: &Scope) -> String {
    match answered {
        Answered::Task(TaskStart { kind, id, .. }) => format!("200 OK, task {kind} {}", scope.pattern(id)),
        Answered::Lines(lines) => format!("200 OK, {} lines", lines.len()),
        Answered::Json { status, reason, .. }
        | Answered::Nothing { status, reason }
        | Answered::Text { status, reason, .. } => {
            format!("{status} {}", scope.pattern(reason))
        }
    }
}

/// A UPID of that task, by whoever calls.
fn upid(start: &TaskStart, scope: &Scope) -> Result<String> {
    Ok(format!("UPID:{}:{{process}}:{}:{}:{{caller}}:", scope.get("node")?, start.kind, scope.value(&start.id)?))
}

fn data(answer: &Answer) -> Option<String> {
    let body: Value = serde_json::from_str(&answer.body).ok()?;
    body["data"].as_str().map(str::to_owned)
}

impl Verdict {
    fn differ(&mut self, what: &str, expected: &str, got: &str) {
        self.differences.push(format!("{what}: expected {expected:?}, got {got:?}"));
    }

    /// Status line, and what Proxmox does with the connection: it closes it after every error.
    fn head(&mut self, status: u16, reason: &str, answer: &Answer) {
        if status != answer.status {
            self.differ("status", &status.to_string(), &format!("{} {}", answer.status, answer.reason));
            return;
        }
        match TextPattern::read(reason) {
            Ok(pattern) => match pattern.fit(&answer.reason) {
                Some(kept) => self.captures.extend(kept),
                None => self.differ("reason", reason, &answer.reason),
            },
            Err(error) => self.differences.push(error.to_string()),
        }
        let connection = if status < 400 { "Keep-Alive" } else { "close" };
        let got = answer.connection.as_deref().unwrap_or_default();
        if !got.eq_ignore_ascii_case(connection) {
            self.differ("Connection", connection, got);
        }
    }

    fn json(
        &mut self,
        status: u16,
        reason: &str,
        pattern: Option<&str>,
        total: Option<&str>,
        answer: &Answer,
        scope: &Scope,
    ) -> Result<()> {
        let parsed = |text: &str| {
            let text = scope.json(text);
            serde_json::from_str::<Value>(&text).with_context(|| format!("the scenario's JSON: {text}"))
        };
        let mut body = Map::new();
        let pattern = pattern.map(parsed).transpose()?;
        if status < 400 {
            body.insert("data".to_owned(), pattern.unwrap_or(Value::Null));
            body.extend(total.map(parsed).transpose()?.map(|total| ("total".to_owned(), total)));
        } else {
            // Only the answer that a method is not implemented lacks the line's end.
            let end = if status == 501 { "" } else { "\n" };
            body.insert("data".to_owned(), Value::Null);
            body.insert("message".to_owned(), Value::from(format!("{reason}{end}")));
            body.extend(pattern.map(|errors| ("errors".to_owned(), errors)));
        }
        if answer.content_type.as_deref() != Some(JSON) {
            self.differ("Content-Type", JSON, answer.content_type.as_deref().unwrap_or_default());
        }
        self.body(&Value::Object(body), answer);
        Ok(())
    }

    fn body(&mut self, expected: &Value, answer: &Answer) {
        if !self.differences.is_empty() && answer.status >= 400 {
            self.differences.push(format!("body: {}", answer.body));
            return;
        }
        match serde_json::from_str::<Value>(&answer.body) {
            Ok(actual) => self.differences.extend(pattern::compare(expected, &actual, &mut self.captures)),
            Err(_) => self.differences.push(format!("body: expected {expected}, got {:?}", answer.body)),
        }
    }

    fn lines(&mut self, expected: &[String], actual: &str, scope: &Scope) {
        let expected: Vec<String> = expected.iter().map(|line| scope.pattern(line)).collect();
        let actual: Vec<String> = actual.lines().map(str::to_owned).collect();
        self.differences.extend(lines::compare(&expected, &actual, &mut self.captures));
    }
}
