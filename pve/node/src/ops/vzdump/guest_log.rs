//! The log of one guest's backup: every line goes to the task's log, and with its time into the file beside the archive.

use std::fs;
use std::path::Path;
use std::sync::Mutex;

use super::text::told;
use crate::ops::Op;

/// The log.
pub(super) struct GuestLog<'a> {
    op: &'a Op<'a>,
    lines: Mutex<Vec<String>>,
}

impl<'a> GuestLog<'a> {
    /// A log without lines.
    pub(super) fn begin(op: &'a Op<'a>) -> Self {
        Self { op, lines: Mutex::new(Vec::new()) }
    }

    /// What is going on.
    pub(super) fn info(&self, text: &str) {
        self.write("INFO", text);
    }

    /// What went wrong.
    pub(super) fn error(&self, text: &str) {
        self.write("ERROR", text);
    }

    /// What might go wrong.
    pub(super) fn warn(&self, text: &str) {
        self.write("WARN", text);
    }

    /// A line that only the task's log gets.
    pub(super) fn aside(&self, text: &str) {
        self.op.line(text);
    }

    fn write(&self, level: &str, text: &str) {
        let text = text.trim_end();
        self.op.line(&format!("{level}: {text}"));
        if let Ok(mut lines) = self.lines.lock() {
            lines.push(format!("{} {level}: {text}\n", told(&jiff::Zoned::now())));
        }
    }

    /// Leaves the log beside the archive. One that cannot be written must not spoil a backup that is there.
    pub(super) fn keep(&self, path: &Path) {
        if let Ok(lines) = self.lines.lock() {
            let _ = fs::write(path, lines.concat());
        }
    }
}
