//! A run's progress on stderr: a bar on a terminal, JSON lines where asked for, nothing otherwise.

use std::io::{IsTerminal, stderr};
use std::time::Duration;

use indicatif::{ProgressBar, ProgressDrawTarget, ProgressStyle};
use saga::Event;
use serde_json::json;

/// Tells of a run's steps as they are journaled.
pub enum Progress {
    /// A bar.
    Bar(ProgressBar),
    /// One JSON object per line.
    Json,
    /// Nothing: stderr is no terminal.
    Quiet,
}

impl Progress {
    /// Progress in the asked form.
    pub fn new(json_lines: bool) -> Self {
        if json_lines {
            return Self::Json;
        }
        if !stderr().is_terminal() {
            return Self::Quiet;
        }
        let bar = ProgressBar::with_draw_target(None, ProgressDrawTarget::stderr());
        // The template is a constant: one that does not parse leaves the default style.
        if let Ok(style) = ProgressStyle::with_template("{prefix:>12} [{bar:24}] {pos}/{len} {msg} ({elapsed})") {
            bar.set_style(style.progress_chars("=> "));
        }
        bar.enable_steady_tick(Duration::from_millis(200));
        Self::Bar(bar)
    }

    /// Takes one record in.
    pub fn tell(&self, progress: &saga::Progress<'_>) {
        let event = &progress.record.event;
        match self {
            Self::Bar(bar) => {
                let steps = progress.log.steps();
                bar.set_length(steps.len() as u64);
                let done = steps.iter().filter(|step| step.state == saga::StepState::Succeeded).count();
                bar.set_position(done as u64);
                bar.set_message(words(event));
            }
            Self::Json => {
                let line = json!({
                    "run": progress.log.header().run, "seq": progress.record.seq,
                    "event": event.kind(), "step": event.step(),
                });
                eprintln!("{line}");
            }
            Self::Quiet => {}
        }
    }
}

impl Drop for Progress {
    /// Takes the bar away, so that the result stands alone.
    fn drop(&mut self) {
        if let Self::Bar(bar) = self {
            bar.finish_and_clear();
        }
    }
}

fn words(event: &Event) -> String {
    match (event.kind(), event.step()) {
        ("undo_started", Some(step)) => format!("undoing {step}"),
        ("started", Some(step)) => step.to_owned(),
        (kind, Some(step)) => format!("{step}: {kind}"),
        (kind, None) => kind.to_owned(),
    }
}
