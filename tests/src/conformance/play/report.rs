//! The table that grows while scenarios are played, and the line that counts at its end.

use std::fmt;
use std::time::Instant;

/// What became of a step.
#[derive(Debug)]
pub(crate) enum Outcome {
    Passed,
    /// The places where the node answered otherwise.
    Failed(Vec<String>),
    /// Why it was not played.
    Skipped(String),
}

/// How many steps there were.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Tally {
    /// As expected.
    pub passed: usize,
    /// Not as expected.
    pub failed: usize,
    /// Not played.
    pub skipped: usize,
}

impl Tally {
    /// Whether nothing failed and something passed.
    pub fn is_green(self) -> bool {
        self.failed == 0 && self.passed > 0
    }

    fn add(&mut self, other: Self) {
        self.passed += other.passed;
        self.failed += other.failed;
        self.skipped += other.skipped;
    }
}

impl fmt::Display for Tally {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { passed, failed, skipped } = self;
        write!(f, "{} steps: {passed} passed, {failed} failed, {skipped} skipped", passed + failed + skipped)
    }
}

/// Prints a row per step.
#[derive(Debug)]
pub(crate) struct Report {
    scenario: String,
    verbose: bool,
    begun: Instant,
    of_scenario: Tally,
    total: Tally,
}

impl Report {
    pub(crate) fn new(verbose: bool) -> Self {
        println!("{}", row("", "scenario", "step", "expected", "got"));
        let (of_scenario, total) = (Tally::default(), Tally::default());
        Self { scenario: String::new(), verbose, begun: Instant::now(), of_scenario, total }
    }

    /// Begins a scenario.
    pub(crate) fn begin(&mut self, scenario: &str, title: &str) {
        scenario.clone_into(&mut self.scenario);
        self.begun = Instant::now();
        self.of_scenario = Tally::default();
        println!("\n{scenario}: {title}");
    }

    /// Tells of a section.
    pub(crate) fn section(&self, title: &str) {
        println!("{} — {title}", self.scenario);
    }

    /// Counts a step and prints its row.
    pub(crate) fn step(&mut self, place: &str, step: &str, expected: &str, outcome: &Outcome) {
        match outcome {
            Outcome::Passed => {
                self.of_scenario.passed += 1;
                println!("{}", row("ok", place, step, expected, "as expected"));
            }
            Outcome::Skipped(why) => {
                self.of_scenario.skipped += 1;
                println!("{}", row("--", place, step, expected, &format!("skipped: {why}")));
            }
            Outcome::Failed(differences) => {
                self.of_scenario.failed += 1;
                println!("{}", row("FAIL", place, step, expected, "otherwise:"));
                println!("    {step}");
                for difference in differences {
                    println!("    {difference}");
                }
            }
        }
    }

    /// Shows what was sent and answered, to those who want to see it.
    pub(crate) fn exchange(&self, text: impl FnOnce() -> String) {
        if self.verbose {
            println!("{}", text());
        }
    }

    /// Something that is no step: what could not be removed.
    pub(crate) fn trouble(&mut self, what: &str) {
        self.of_scenario.failed += 1;
        println!("{}", row("FAIL", &self.scenario, what, "", ""));
        println!("    {what}");
    }

    /// Ends a scenario with its own count.
    pub(crate) fn end(&mut self) {
        println!("{}: {}, {:.0} s", self.scenario, self.of_scenario, self.begun.elapsed().as_secs_f32());
        self.total.add(self.of_scenario);
    }

    /// All scenarios together.
    pub(crate) fn total(&self) -> Tally {
        self.total
    }
}

fn row(mark: &str, place: &str, step: &str, expected: &str, got: &str) -> String {
    format!("{mark:<4} {place:<16} {:<64} {:<44} {got}", cut(step, 64), cut(expected, 44))
}

/// A text for a column: one line, and not wider than it.
fn cut(text: &str, width: usize) -> String {
    let text = text.replace('\n', "\\n");
    if text.chars().count() <= width {
        return text;
    }
    text.chars().take(width - 1).chain(['…']).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_row_keeps_its_columns() {
        assert_eq!(cut("short", 10), "short");
        assert_eq!(cut("a very long text", 6), "a ver…");
        assert!(!Tally { passed: 5, failed: 1, skipped: 0 }.is_green());
        assert!(!Tally { passed: 0, failed: 0, skipped: 9 }.is_green());
    }
}
