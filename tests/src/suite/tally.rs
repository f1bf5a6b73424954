//! libtest's output, line by line, into counts.

use std::fmt;

/// What was counted so far.
#[derive(Debug, Default, PartialEq, Eq)]
pub struct Tally {
    /// Tests that passed.
    pub passed: usize,
    /// Names of tests that failed.
    pub failed: Vec<String>,
    /// Tests that did not run, each with its reason.
    pub skipped: Vec<(String, String)>,
    /// Commands that failed without naming a test: a build error, a crash of the test binary.
    pub broken: Vec<String>,
}

impl Tally {
    /// Counts one line of a test binary's output; lines that tell no outcome are passed over.
    pub fn read(&mut self, line: &str) {
        let Some((name, outcome)) = line.strip_prefix("test ").and_then(|rest| rest.split_once(" ... ")) else {
            return;
        };
        let name = name.trim_end_matches(" - should panic");
        match outcome.split_once(", ").unwrap_or((outcome, "")) {
            ("ok", _) => self.passed += 1,
            ("FAILED", _) => self.failed.push(name.to_owned()),
            ("ignored", "") => self.skipped.push((name.to_owned(), "no reason given".to_owned())),
            ("ignored", reason) => self.skipped.push((name.to_owned(), reason.to_owned())),
            _ => {}
        }
    }

    /// Whether everything that ran passed, and something ran, and no skip lacks its reason.
    pub fn is_green(&self) -> bool {
        let unexplained = self.skipped.iter().any(|(_, reason)| reason == "no reason given");
        self.failed.is_empty() && self.broken.is_empty() && self.passed > 0 && !unexplained
    }
}

impl fmt::Display for Tally {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        writeln!(f)?;
        for (name, reason) in &self.skipped {
            writeln!(f, "skipped: {name}: {reason}")?;
        }
        for name in &self.failed {
            writeln!(f, "failed: {name}")?;
        }
        for command in &self.broken {
            writeln!(f, "failed without naming a test: {command}")?;
        }
        let failed = self.failed.len() + self.broken.len();
        writeln!(f, "{} passed, {failed} failed, {} skipped", self.passed, self.skipped.len())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read(lines: &[&str]) -> Tally {
        let mut tally = Tally::default();
        for line in lines {
            tally.read(line);
        }
        tally
    }

    #[test]
    fn outcomes_are_counted_and_everything_else_is_passed_over() {
        let tally = read(&[
            "running 3 tests",
            "test ids::parse ... ok",
            "test ids::print ... FAILED",
            "test root::mounts ... ignored, needs root",
            "test result: FAILED. 1 passed; 1 failed; 1 ignored; 0 measured; 0 filtered out",
        ]);
        assert_eq!((tally.passed, tally.failed.len()), (1, 1));
        assert_eq!(tally.skipped, [("root::mounts".to_owned(), "needs root".to_owned())]);
        assert!(!tally.is_green());
        assert!(tally.to_string().ends_with("\n1 passed, 1 failed, 1 skipped\n"));
    }

    #[test]
    fn nothing_run_and_unexplained_skips_are_not_green() {
        assert!(!read(&[]).is_green());
        assert!(read(&["test a ... ok"]).is_green());
        assert!(!read(&["test a ... ok", "test b ... ignored"]).is_green());
    }
}
