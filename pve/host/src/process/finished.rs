//! How a program ended, and what it said.

use std::process::ExitStatus;

use super::error::CommandError;

/// Lines of output that an error quotes.
const TAIL_LINES: usize = 20;
/// Characters of unexpected output that an error quotes.
const QUOTE_CHARS: usize = 200;

/// A program that ended by itself, well or not.
#[derive(Debug, Clone)]
pub struct Finished {
    /// The command line, for messages.
    pub command: String,
    /// How it ended.
    pub status: ExitStatus,
    /// Everything on stdout.
    pub stdout: String,
    /// Everything on stderr.
    pub stderr: String,
}

impl Finished {
    /// The end of a call that was only written down.
    pub(super) fn rehearsed(command: String, stdout: String) -> Self {
        Self { command, status: ExitStatus::default(), stdout, stderr: String::new() }
    }

    /// The same, or an error when the exit code is not 0.
    pub fn ok(self) -> Result<Self, CommandError> {
        if self.status.success() {
            return Ok(self);
        }
        let tail = self.tail();
        Err(CommandError::Failed { command: self.command, status: self.status, tail })
    }

    /// The last lines that it said: of stderr, or of stdout where stderr is empty (vzdump logs there).
    pub fn tail(&self) -> String {
        let said = if self.stderr.trim().is_empty() { &self.stdout } else { &self.stderr };
        last_lines(said)
    }

    /// What `read` finds on stdout, or an error that says what it looked for.
    pub fn read<T>(self, expected: &'static str, read: impl FnOnce(&str) -> Option<T>) -> Result<T, CommandError> {
        read(&self.stdout).ok_or_else(|| CommandError::Unexpected {
            command: self.command,
            expected,
            output: self.stdout.chars().take(QUOTE_CHARS).collect(),
        })
    }
}

/// The last lines of a text, without blank ones.
pub(super) fn last_lines(text: &str) -> String {
    let lines: Vec<&str> = text.lines().filter(|line| !line.trim().is_empty()).collect();
    lines[lines.len().saturating_sub(TAIL_LINES)..].join("\n")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_tail_is_the_end_without_blank_lines() {
        let text = (0..30).map(|n| format!("line {n}")).collect::<Vec<_>>().join("\n\n");
        let tail = last_lines(&text);
        assert_eq!(tail.lines().count(), TAIL_LINES);
        assert!(tail.starts_with("line 10\n") && tail.ends_with("line 29"));
        assert_eq!(last_lines(""), "");
    }
}
