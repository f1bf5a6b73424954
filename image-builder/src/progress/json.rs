//! JSON lines, for programs. Each has `version`, `event` and `at`, the seconds since the build began.

use std::cell::Cell;
use std::io::{self, Write};
use std::time::Instant;

use serde::Serialize;

use super::{Phase, Progress};

/// The form's version; raised when a field changes its meaning or goes.
const VERSION: u32 = 1;

/// One JSON object for each event.
#[derive(Debug)]
pub struct JsonLines {
    begun: Instant,
    phase: Cell<Option<Phase>>,
}

impl Default for JsonLines {
    fn default() -> Self {
        Self { begun: Instant::now(), phase: Cell::new(None) }
    }
}

#[derive(Serialize)]
struct Event<'a> {
    version: u32,
    #[serde(rename = "event")]
    what: &'static str,
    at: f64,
    #[serde(skip_serializing_if = "Option::is_none")]
    phase: Option<Phase>,
    #[serde(skip_serializing_if = "Option::is_none")]
    text: Option<&'a str>,
}

impl JsonLines {
    fn event(&self, what: &'static str, text: Option<&str>) {
        let at = (self.begun.elapsed().as_secs_f64() * 1000.0).round() / 1000.0;
        let event = Event { version: VERSION, what, at, phase: self.phase.get(), text };
        if let Ok(line) = serde_json::to_string(&event) {
            // A closed stderr is no reason to stop a build.
            let _ = writeln!(io::stderr(), "{line}");
        }
    }
}

impl Progress for JsonLines {
    fn begin(&self, phase: Phase) {
        self.phase.set(Some(phase));
        self.event("phase", None);
    }

    fn say(&self, text: &str) {
        self.event("step", Some(text));
    }

    fn output(&self, line: &str) {
        self.event("output", Some(line));
    }

    fn warn(&self, text: &str) {
        self.event("warning", Some(text));
    }

    fn end(&self, done: bool) {
        self.event(if done { "done" } else { "failed" }, None);
    }
}
