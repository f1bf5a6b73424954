//! What can go wrong with a program.

use std::io;
use std::process::ExitStatus;
use std::time::Duration;

/// Why a program was not run to a good end. Every variant names the command line.
#[derive(Debug, thiserror::Error)]
pub enum CommandError {
    /// It could not be started or waited for.
    #[error("cannot run `{command}`")]
    NotRun {
        /// The command line.
        command: String,
        /// Why not.
        #[source]
        source: io::Error,
    },
    /// It ended, but not with exit code 0.
    #[error("`{command}` failed with {status}{}", quoted(tail))]
    Failed {
        /// The command line.
        command: String,
        /// How it ended.
        status: ExitStatus,
        /// The last lines that it said, of stderr where there are any.
        tail: String,
    },
    /// It took longer than it may, and was ended with everything that it started.
    #[error("`{command}` was killed after {} s{}", limit.as_secs(), quoted(tail))]
    TimedOut {
        /// The command line.
        command: String,
        /// The time it had.
        limit: Duration,
        /// The last lines that it said.
        tail: String,
    },
    /// Somebody wished that it ends early, and it was ended, or not even begun.
    #[error("`{command}` was interrupted")]
    Interrupted {
        /// The command line.
        command: String,
    },
    /// It printed more than is kept.
    #[error("`{command}` printed more than {limit} bytes")]
    TooMuchOutput {
        /// The command line.
        command: String,
        /// Bytes of stdout that are kept.
        limit: usize,
    },
    /// It succeeded, but what it printed is not what it prints.
    #[error("`{command}` printed no {expected}: {output:?}")]
    Unexpected {
        /// The command line.
        command: String,
        /// What was looked for, in words.
        expected: &'static str,
        /// What it printed instead, shortened.
        output: String,
    },
}

impl CommandError {
    /// What the program said before it failed; empty where it did not get that far.
    pub fn said(&self) -> &str {
        match self {
            Self::Failed { tail, .. } | Self::TimedOut { tail, .. } => tail,
            _ => "",
        }
    }
}

fn quoted(tail: &str) -> String {
    if tail.is_empty() { String::new() } else { format!(":\n{tail}") }
}
