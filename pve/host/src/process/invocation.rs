//! A command line as a value.

use std::ffi::{OsStr, OsString};
use std::fmt;
use std::fs::File;
use std::io;
use std::os::unix::process::CommandExt;
use std::path::{Path, PathBuf};
use std::process::{ChildStdin, ChildStdout, Command, Stdio};
use std::time::Duration;

use super::error::CommandError;
use super::finished::Finished;
use super::interrupt::Interrupt;
use super::piped::Piped;
use super::run::{Line, Until, run};
use crate::rehearsal::Rehearsal;

/// A program with its arguments, not started yet. Displays as one could type it into a shell.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Invocation {
    program: OsString,
    args: Vec<Argument>,
    input: Option<PathBuf>,
    limit: Option<Duration>,
    interrupt: Option<Interrupt>,
    rehearsal: Option<Rehearsal>,
}

#[derive(Debug, Clone, PartialEq, Eq)]
struct Argument {
    text: OsString,
    /// How it is shown instead of its text.
    shown: Option<String>,
}

impl From<&OsStr> for Argument {
    fn from(text: &OsStr) -> Self {
        Self { text: text.to_owned(), shown: None }
    }
}

impl Invocation {
    /// A program by its path, or by its name in `PATH`.
    pub fn new(program: impl AsRef<OsStr>) -> Self {
        Self {
            program: program.as_ref().to_owned(),
            args: Vec::new(),
            input: None,
            limit: None,
            interrupt: None,
            rehearsal: None,
        }
    }

    /// With one more argument.
    #[must_use]
    pub fn arg(mut self, arg: impl AsRef<OsStr>) -> Self {
        self.args.push(arg.as_ref().into());
        self
    }

    /// With more arguments.
    #[must_use]
    pub fn args<A: AsRef<OsStr>>(mut self, args: impl IntoIterator<Item = A>) -> Self {
        self.args.extend(args.into_iter().map(|arg| arg.as_ref().into()));
        self
    }

    /// With `NAME=value` for each variable; a value may be a secret and is never shown.
    #[must_use]
    pub fn variables<'v>(mut self, variables: impl IntoIterator<Item = (&'v str, &'v str)>) -> Self {
        self.args.extend(variables.into_iter().map(|(name, value)| {
            let shown = Some(format!("{name}=…"));
            Argument { text: format!("{name}={value}").into(), shown }
        }));
        self
    }

    /// With `--key value` for everything that is given.
    #[must_use]
    pub fn option(self, key: &str, value: Option<impl AsRef<OsStr>>) -> Self {
        match value {
            Some(value) => self.arg(format!("--{key}")).arg(value),
            None => self,
        }
    }

    /// With a file on its standard input; without one there is nothing on it.
    #[must_use]
    pub fn input(mut self, file: &Path) -> Self {
        self.input = Some(file.to_owned());
        self
    }

    /// With a time after which it is killed.
    #[must_use]
    pub fn limit(mut self, limit: Duration) -> Self {
        self.limit = Some(limit);
        self
    }

    /// With a wish that ends it early.
    #[must_use]
    pub fn interrupted_by(mut self, interrupt: Option<&Interrupt>) -> Self {
        self.interrupt = interrupt.cloned();
        self
    }

    /// As part of a rehearsal, if there is one: it is written down and not run.
    #[must_use]
    pub(crate) fn rehearsed_in(mut self, rehearsal: Option<&Rehearsal>) -> Self {
        self.rehearsal = rehearsal.cloned();
        self
    }

    /// Runs it to its end; any exit code is an answer.
    pub fn finish(&self) -> Result<Finished, CommandError> {
        self.follow(&mut |_| {})
    }

    /// Runs it to its end and tells each line as it comes; any exit code is an answer.
    pub fn follow(&self, on_line: &mut dyn FnMut(Line<'_>)) -> Result<Finished, CommandError> {
        if let Some(answer) =
            self.rehearsal.as_ref().and_then(|rehearsal| rehearsal.answer(&self.words(), &self.to_string()))
        {
            return Ok(Finished::rehearsed(self.to_string(), answer));
        }
        tracing::debug!(command = %self, "running");
        let command = self.command().map_err(|source| CommandError::NotRun { command: self.to_string(), source })?;
        run(command, self.to_string(), &Until { limit: self.limit, interrupt: self.interrupt.as_ref() }, on_line)
    }

    /// Runs it to its end; anything but exit code 0 is an error.
    pub fn ok(&self) -> Result<Finished, CommandError> {
        self.finish()?.ok()
    }

    /// Starts it; what its caller feeds it and reads of it is beside it. Its limit and its interrupt do not count.
    pub fn piped(&self) -> Result<(Piped, ChildStdin, ChildStdout), CommandError> {
        tracing::debug!(command = %self, "feeding");
        let command = self.command().map_err(|source| CommandError::NotRun { command: self.to_string(), source })?;
        Piped::start(command, self.to_string())
    }

    fn words(&self) -> Vec<String> {
        let args = self.args.iter().map(|arg| arg.text.to_string_lossy().into_owned());
        std::iter::once(self.program.to_string_lossy().into_owned()).chain(args).collect()
    }

    fn command(&self) -> io::Result<Command> {
        let stdin = self.input.as_ref().map(File::open).transpose()?.map_or_else(Stdio::null, Stdio::from);
        let mut command = Command::new(&self.program);
        command.args(self.args.iter().map(|arg| &arg.text)).stdin(stdin).stdout(Stdio::piped()).stderr(Stdio::piped());
        // Messages are read by programs: Proxmox's tools translate nothing, but what they call does.
        command.env("LC_ALL", "C.UTF-8");
        // A Ctrl-C at the terminal is for whoever started this, who knows what may be cut short and what may not; and
        // the whole group can be ended together.
        command.process_group(0);
        Ok(command)
    }
}

impl fmt::Display for Invocation {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&quote(&self.program))?;
        for arg in &self.args {
            let shown = arg.shown.clone().unwrap_or_else(|| quote(&arg.text));
            write!(f, " {shown}")?;
        }
        self.input.as_ref().map_or(Ok(()), |file| write!(f, " <{}", quote(file.as_os_str())))
    }
}

/// An argument as a shell would need it.
fn quote(arg: &OsStr) -> String {
    let text = arg.to_string_lossy();
    let plain = |c: char| c.is_ascii_alphanumeric() || "-_=+,./:@%".contains(c);
    if !text.is_empty() && text.chars().all(plain) {
        text.into_owned()
    } else {
        format!("'{}'", text.replace('\'', r"'\''"))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn it_displays_as_one_could_type_it() {
        let command = Invocation::new("pct").args(["exec", "100", "--", "sh", "-c", "echo 'a b'", ""]);
        assert_eq!(command.to_string(), r"pct exec 100 -- sh -c 'echo '\''a b'\''' ''");
    }

    #[test]
    fn the_values_of_variables_are_passed_on_and_never_shown() {
        let command = Invocation::new("env").arg("-i").variables([("TOKEN", "s3cret")]);
        assert_eq!(command.to_string(), "env -i TOKEN=…");
        assert_eq!(command.ok().unwrap().stdout, "TOKEN=s3cret\n");
        let error = command.args(["sh", "-c", "exit 3"]).ok().unwrap_err();
        assert!(!error.to_string().contains("s3cret"), "{error}");
    }

    #[test]
    fn an_option_that_is_not_given_is_not_there() {
        let command = Invocation::new("vzdump").option("storage", Some("local")).option("mode", None::<&str>);
        assert_eq!(command.to_string(), "vzdump --storage local");
    }
}
