//! A program that ended.

use std::process::{Command, Output, Stdio};

use anyhow::{Context, Result, bail};
use serde::de::DeserializeOwned;

/// How a program ended and what it said.
#[derive(Debug, Clone)]
pub struct Done {
    /// The command line, for messages.
    pub command: String,
    /// Exit code; -1 when a signal ended it.
    pub code: i32,
    /// Everything on stdout.
    pub stdout: String,
    /// Everything on stderr, where it was captured.
    pub stderr: String,
}

impl Done {
    /// A program that ended, by its command line.
    pub(super) fn of(command: String, output: &Output) -> Self {
        Self {
            command,
            code: output.status.code().unwrap_or(-1),
            stdout: String::from_utf8_lossy(&output.stdout).into_owned(),
            stderr: String::from_utf8_lossy(&output.stderr).into_owned(),
        }
    }

    /// The same, or an error when the exit code is not 0.
    pub fn ok(self) -> Result<Self> {
        self.exited(0)
    }

    /// The same, or an error when the exit code is not `code`.
    pub fn exited(self, code: i32) -> Result<Self> {
        if self.code == code {
            return Ok(self);
        }
        bail!("{} exited {} instead of {code}\n{}{}", self.command, self.code, self.stdout, self.stderr)
    }

    /// Stdout as one JSON value.
    pub fn json<T: DeserializeOwned>(&self) -> Result<T> {
        serde_json::from_str(&self.stdout)
            .with_context(|| format!("{} printed no such JSON:\n{}", self.command, self.stdout))
    }
}

/// Runs a program to its end. With `show`, its stderr goes to ours: that is where progress is.
pub fn run(command: &mut Command, show: bool) -> Result<Done> {
    let line = format!("{command:?}").replace('"', "");
    let stderr = if show { Stdio::inherit() } else { Stdio::piped() };
    let output = command.stdin(Stdio::null()).stdout(Stdio::piped()).stderr(stderr).spawn();
    let output = output.and_then(std::process::Child::wait_with_output).with_context(|| format!("running {line}"))?;
    Ok(Done::of(line, &output))
}
