//! A task's end and its log. Whoever asked for the task, it is watched as the administrator.

use std::time::Duration;

use anyhow::{Context, Result, ensure};
use serde_json::{Value, json};

use super::expect::Verdict;
use super::scope::Scope;
use crate::conformance::pattern::{json as pattern, lines};
use crate::conformance::target::{Target, escaped};
use crate::lab::until;

/// The longest task here restores or packs a small template, on a machine that does other things too.
const PATIENCE: Duration = Duration::from_mins(5);

/// Waits for a task's end and compares its whole status.
pub(super) fn ends(target: &Target<'_>, scope: &Scope, task: &str, status: &str) -> Result<Verdict> {
    let upid = scope.get(task)?;
    let path = format!("/nodes/{}/tasks/{}/status", scope.get("node")?, escaped(upid));
    let ended = until("the task's end", PATIENCE, || match target.data("GET", &path) {
        Ok(status) if status["status"] == "stopped" => Ok(Ok(status)),
        Ok(_) if target.client.interrupted() => Ok(Err(anyhow::anyhow!("interrupted"))),
        Ok(status) => Err(status),
        Err(error) => Ok(Err(error)),
    })??;
    let mut fields = upid.split(':').skip(5);
    let (kind, id, caller) = (fields.next(), fields.next(), fields.next().unwrap_or_default());
    let (user, token) = caller.split_once('!').map_or((caller, None), |(user, token)| (user, Some(token)));
    let mut expected = json!({
        "upid": upid, "node": scope.get("node")?, "type": kind, "id": id, "user": user, "pid": "{int}",
        "pstart": "{int}", "starttime": "{int}", "status": "stopped", "exitstatus": scope.pattern(status),
    });
    if let (Some(token), Some(fields)) = (token, expected.as_object_mut()) {
        fields.insert("tokenid".to_owned(), Value::from(token));
    }
    let mut verdict = Verdict::default();
    verdict.differences = pattern::compare(&expected, &ended, &mut verdict.captures);
    if !verdict.differences.is_empty() {
        let said = log(target, scope, task).unwrap_or_default();
        verdict.differences.push(format!("its log:\n      | {}", said.join("\n      | ")));
    }
    Ok(verdict)
}

/// Compares a task's log; its last line follows from the status that was expected of it.
pub(super) fn logged(
    target: &Target<'_>,
    scope: &Scope,
    task: &str,
    expected: &[String],
    status: Option<&String>,
) -> Result<Verdict> {
    let said = log(target, scope, task)?;
    let last = status.and_then(|status| last_line(status));
    let expected: Vec<String> = expected.iter().cloned().chain(last).map(|line| scope.pattern(&line)).collect();
    let mut verdict = Verdict::default();
    verdict.differences = lines::compare(&expected, &said, &mut verdict.captures);
    Ok(verdict)
}

fn last_line(status: &str) -> Option<String> {
    match status {
        "unexpected status" => None,
        "OK" => Some("TASK OK".to_owned()),
        _ if status.starts_with("WARNINGS: ") => Some(format!("TASK {status}")),
        _ => Some(format!("TASK ERROR: {status}")),
    }
}

fn log(target: &Target<'_>, scope: &Scope, task: &str) -> Result<Vec<String>> {
    let path = format!("/nodes/{}/tasks/{}/log?limit=0", scope.get("node")?, escaped(scope.get(task)?));
    let data = target.data("GET", &path)?;
    let rows = data.as_array().context("a log is a list")?;
    let numbered = rows.iter().enumerate().all(|(index, row)| row["n"].as_u64() == u64::try_from(index + 1).ok());
    ensure!(numbered, "the log's lines are not numbered from 1: {data}");
    Ok(rows.iter().map(|row| row["t"].as_str().unwrap_or_default().to_owned()).collect())
}
