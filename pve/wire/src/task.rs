//! Tasks: what runs, how it ended, what it said.

use std::fmt;

use serde::{Deserialize, Serialize};

use crate::lenient;

/// Whether a task still runs.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum TaskState {
    /// Its worker lives.
    Running,
    /// It ended, well or not.
    Stopped,
}

/// The answer to `GET /nodes/{node}/tasks/{upid}/status`.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct TaskStatus {
    /// The task's name.
    pub upid: String,
    /// The node that runs it.
    #[serde(default)]
    pub node: String,
    /// The worker's process id.
    #[serde(default, deserialize_with = "lenient::count")]
    pub pid: u64,
    /// The worker's start, in clock ticks since boot.
    #[serde(default, deserialize_with = "lenient::count")]
    pub pstart: u64,
    /// Its start in seconds since 1970.
    #[serde(default, deserialize_with = "lenient::count")]
    pub starttime: u64,
    /// `vzrestore`, `vzstart`, …
    #[serde(rename = "type", default)]
    pub kind: String,
    /// What it works on.
    #[serde(default, deserialize_with = "lenient::text")]
    pub id: String,
    /// Who asked, without the token.
    #[serde(default)]
    pub user: String,
    /// The token that asked.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub tokenid: Option<String>,
    /// Whether it still runs.
    pub status: TaskState,
    /// How it ended; there only when it did.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub exitstatus: Option<ExitStatus>,
}

/// How a task ended.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(from = "String", into = "String")]
pub enum ExitStatus {
    /// `OK`.
    Ok,
    /// `WARNINGS: n`: it succeeded, and said something that a person should read.
    Warnings(u32),
    /// `unexpected status`: the worker died without a last word, so nobody knows how far it came.
    Unexpected,
    /// The error's text.
    Error(String),
}

impl ExitStatus {
    /// The text that Proxmox shows for a worker that ended without a last line.
    pub const UNEXPECTED: &str = "unexpected status";

    /// Whether the work was done (`^OK$|^WARNINGS: \d+$`).
    pub fn succeeded(&self) -> bool {
        matches!(self, Self::Ok | Self::Warnings(_))
    }
}

impl From<String> for ExitStatus {
    fn from(text: String) -> Self {
        match text.as_str() {
            "OK" => Self::Ok,
            Self::UNEXPECTED => Self::Unexpected,
            _ => match text.strip_prefix("WARNINGS: ").and_then(|count| count.parse().ok()) {
                Some(count) => Self::Warnings(count),
                None => Self::Error(text),
            },
        }
    }
}

impl From<ExitStatus> for String {
    fn from(status: ExitStatus) -> Self {
        status.to_string()
    }
}

impl fmt::Display for ExitStatus {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Ok => f.pad("OK"),
            Self::Warnings(count) => write!(f, "WARNINGS: {count}"),
            Self::Unexpected => f.pad(Self::UNEXPECTED),
            Self::Error(text) => f.pad(text),
        }
    }
}

/// A row of `GET /nodes/{node}/tasks`.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct TaskRow {
    /// The task's name.
    pub upid: String,
    /// The node that ran it.
    #[serde(default)]
    pub node: String,
    /// The worker's process id.
    #[serde(default, deserialize_with = "lenient::count")]
    pub pid: u64,
    /// The worker's start, in clock ticks since boot.
    #[serde(default, deserialize_with = "lenient::count")]
    pub pstart: u64,
    /// Its start in seconds since 1970.
    #[serde(default, deserialize_with = "lenient::count")]
    pub starttime: u64,
    /// Its end in seconds since 1970; none while it runs.
    #[serde(default, deserialize_with = "lenient::optional_count", skip_serializing_if = "Option::is_none")]
    pub endtime: Option<u64>,
    /// `vzrestore`, `vzstart`, …
    #[serde(rename = "type", default)]
    pub kind: String,
    /// What it worked on.
    #[serde(default, deserialize_with = "lenient::text")]
    pub id: String,
    /// Who asked, without the token.
    #[serde(default)]
    pub user: String,
    /// The token that asked.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub tokenid: Option<String>,
    /// How it ended, or `RUNNING`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub status: Option<String>,
}

/// A line of a task's log.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct LogLine {
    /// Its number, from 1.
    #[serde(default, deserialize_with = "lenient::count")]
    pub n: u64,
    /// Its text, without the line break.
    #[serde(default, deserialize_with = "lenient::text")]
    pub t: String,
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn exit_statuses_are_told_apart_and_print_back() {
        for (text, status, succeeded) in [
            ("OK", ExitStatus::Ok, true),
            ("WARNINGS: 2", ExitStatus::Warnings(2), true),
            ("WARNINGS: x", ExitStatus::Error("WARNINGS: x".to_owned()), false),
            ("unexpected status", ExitStatus::Unexpected, false),
            ("job errors", ExitStatus::Error("job errors".to_owned()), false),
            ("OK ", ExitStatus::Error("OK ".to_owned()), false),
        ] {
            let read = ExitStatus::from(text.to_owned());
            assert_eq!((read.succeeded(), read.to_string().as_str()), (succeeded, text));
            assert_eq!(read, status);
        }
    }

    #[test]
    fn a_recorded_status_reads() {
        let text = r#"{"pid":4925,"tokenid":"ci","id":"120","node":"pve","type":"vzrestore","starttime":1795176658,
            "status":"running","user":"root@pam","pstart":"357325",
            "upid":"UPID:pve:0000133D:000573CD:6B0038D2:vzrestore:120:root@pam!ci:"}"#;
        let status: TaskStatus = serde_json::from_str(text).unwrap();
        assert_eq!((status.status, status.pstart, status.exitstatus), (TaskState::Running, 357_325, None));
    }
}
