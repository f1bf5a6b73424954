//! Lines of text, for logs and pipes.

use std::cell::Cell;
use std::io::{self, Write};
use std::time::Instant;

use super::{Phase, Progress};
use crate::printable;

/// One line for each thing, with the seconds since the build began.
#[derive(Debug)]
pub struct Plain {
    begun: Instant,
    phase: Cell<Option<Phase>>,
}

impl Default for Plain {
    fn default() -> Self {
        Self { begun: Instant::now(), phase: Cell::new(None) }
    }
}

impl Plain {
    fn line(&self, text: &str) {
        let phase = self.phase.get().map_or("", Phase::as_str);
        // A closed stderr is no reason to stop a build.
        let _ =
            writeln!(io::stderr(), "{:7.1} {phase:<9} {}", self.begun.elapsed().as_secs_f64(), printable::lines(text));
    }
}

impl Progress for Plain {
    fn begin(&self, phase: Phase) {
        self.phase.set(Some(phase));
        self.line("…");
    }

    fn say(&self, text: &str) {
        self.line(text);
    }

    fn output(&self, line: &str) {
        self.line(&format!("| {line}"));
    }

    fn warn(&self, text: &str) {
        self.line(&format!("warning: {text}"));
    }

    fn end(&self, done: bool) {
        self.line(if done { "done" } else { "failed" });
    }
}
