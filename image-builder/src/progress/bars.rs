//! A bar over the phases and the last line of output, for a person at a terminal.

use std::time::Duration;

use indicatif::{ProgressBar, ProgressStyle};

use super::{Phase, Progress};
use crate::printable;

/// Between two turns of the spinner.
const TICK: Duration = Duration::from_millis(120);
/// Characters of output that are shown; longer lines would break the bar in two.
const SHOWN: usize = 80;

/// A bar of phases.
#[derive(Debug)]
pub struct Bars {
    bar: ProgressBar,
    phases: &'static [Phase],
}

impl Bars {
    /// A bar over these phases.
    pub fn over(phases: &'static [Phase]) -> Self {
        let bar = ProgressBar::new(phases.len() as u64);
        if let Ok(style) = ProgressStyle::with_template("{spinner} {elapsed} [{pos}/{len}] {prefix:<9} {wide_msg}") {
            bar.set_style(style);
        }
        bar.enable_steady_tick(TICK);
        Self { bar, phases }
    }
}

impl Progress for Bars {
    fn begin(&self, phase: Phase) {
        let place = self.phases.iter().position(|other| *other == phase).unwrap_or_default();
        self.bar.set_position(place as u64 + 1);
        self.bar.set_prefix(phase.as_str());
        self.bar.set_message("");
    }

    fn say(&self, text: &str) {
        self.bar.set_message(printable::line(text).into_owned());
    }

    fn output(&self, line: &str) {
        let printable = line.chars().filter(|c| !c.is_control()).take(SHOWN);
        self.bar.set_message(printable.collect::<String>());
    }

    fn warn(&self, text: &str) {
        self.bar.println(format!("warning: {}", printable::lines(text)));
    }

    fn end(&self, _done: bool) {
        self.bar.finish_and_clear();
    }
}
