//! Starting programs: the one place that does.

use std::ffi::{OsStr, OsString};
use std::io::{BufRead, BufReader, Read, Write};
use std::os::unix::process::ExitStatusExt;
use std::process::{Child, ChildStdin, Command, ExitStatus, Stdio};
use std::sync::Mutex;
use std::thread;

use crate::error::Die;
use crate::faults;

/// A program with its arguments, ready to start. Programs get a plain environment: no locale, no caller's variables.
pub struct Program {
    command: Command,
    shown: Vec<String>,
}

/// What a finished program left.
pub struct Output {
    /// How it ended.
    pub status: ExitStatus,
    /// Its standard output, as text.
    pub stdout: String,
    /// Its standard error, as text.
    pub stderr: String,
}

impl Program {
    /// A program by name, looked up in the standard directories.
    pub fn new(name: &str) -> Self {
        let mut command = Command::new(name);
        command
            .env_clear()
            .env("PATH", "/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin")
            .env("LC_ALL", "C");
        command.stdin(Stdio::null());
        Self { command, shown: vec![name.to_owned()] }
    }

    /// One argument.
    #[must_use]
    pub fn arg(mut self, arg: impl AsRef<OsStr>) -> Self {
        self.shown.push(arg.as_ref().to_string_lossy().into_owned());
        self.command.arg(arg);
        self
    }

    /// Several arguments.
    #[must_use]
    pub fn args<T: AsRef<OsStr>>(self, args: impl IntoIterator<Item = T>) -> Self {
        args.into_iter().fold(self, Self::arg)
    }

    /// Standard input.
    #[must_use]
    pub fn stdin(mut self, input: impl Into<Stdio>) -> Self {
        self.command.stdin(input);
        self
    }

    /// One environment variable more.
    #[must_use]
    pub fn env(mut self, name: &str, value: impl Into<OsString>) -> Self {
        self.command.env(name, value.into());
        self
    }

    /// The caller's whole environment, but for where programs are looked up.
    #[must_use]
    pub fn in_callers_environment(mut self) -> Self {
        self.command.envs(std::env::vars_os()).env("PATH", "/sbin:/bin:/usr/sbin:/usr/bin");
        self
    }

    /// The command as a person would type it.
    pub fn shown(&self) -> String {
        self.shown.iter().map(|word| quoted(word)).collect::<Vec<_>>().join(" ")
    }

    /// Runs it to its end and returns what it said, whatever its exit status.
    pub fn output(mut self) -> Result<Output, Die> {
        faults::due()?;
        let shown = self.shown();
        let output = self.command.output().map_err(|source| cannot_start(&shown, &source))?;
        let text = |bytes: Vec<u8>| String::from_utf8_lossy(&bytes).into_owned();
        Ok(Output { status: output.status, stdout: text(output.stdout), stderr: text(output.stderr) })
    }

    /// Runs it and returns its standard output; an exit status other than 0 is an error that quotes standard error.
    pub fn read(self) -> Result<String, Die> {
        let shown = self.shown();
        let output = self.output()?;
        if output.status.success() {
            return Ok(output.stdout);
        }
        let said = output.stderr.trim();
        let how = if said.is_empty() { how(output.status) } else { format!("{} ({said})", how(output.status)) };
        Err(Die::Command { command: shown, how })
    }

    /// Runs it and returns its standard output as it is; an exit status other than 0 is an error.
    pub fn bytes(mut self) -> Result<Vec<u8>, Die> {
        let shown = self.shown();
        let output = self.command.output().map_err(|source| cannot_start(&shown, &source))?;
        if output.status.success() {
            Ok(output.stdout)
        } else {
            Err(Die::Command { command: shown, how: how(output.status) })
        }
    }

    /// Runs it with `input` on its standard input and returns its standard output.
    pub fn read_with(mut self, input: &str) -> Result<String, Die> {
        faults::due()?;
        let shown = self.shown();
        self.command.stdin(Stdio::piped()).stdout(Stdio::piped()).stderr(Stdio::piped());
        let mut child = self.command.spawn().map_err(|source| cannot_start(&shown, &source))?;
        if let Some(mut pipe) = child.stdin.take() {
            pipe.write_all(input.as_bytes()).map_err(Die::io("write to", &shown))?;
        }
        let output = child.wait_with_output().map_err(Die::io("wait for", &shown))?;
        if output.status.success() {
            return Ok(String::from_utf8_lossy(&output.stdout).into_owned());
        }
        let said = String::from_utf8_lossy(&output.stderr).trim().to_owned();
        Err(Die::Command { command: shown, how: format!("{} ({said})", how(output.status)) })
    }

    /// Runs it and returns its standard output; its error output goes to `line`, and it wants exit status 0.
    pub fn read_telling(self, line: &(dyn Fn(&str) + Sync)) -> Result<String, Die> {
        let shown = self.shown();
        let output = self.output()?;
        lines(&output.stderr).for_each(line);
        if output.status.success() {
            return Ok(output.stdout);
        }
        Err(Die::Command { command: shown, how: how(output.status) })
    }

    /// Runs it until it prints a line that is `wanted`, and ends it then: true. Where it ends without one its error
    /// output goes to `line`, its exit status does not matter.
    pub fn seek(mut self, wanted: &dyn Fn(&str) -> bool, line: &(dyn Fn(&str) + Sync)) -> Result<bool, Die> {
        faults::due()?;
        let shown = self.shown();
        self.command.stdout(Stdio::piped()).stderr(Stdio::piped());
        let mut child = self.command.spawn().map_err(|source| cannot_start(&shown, &source))?;
        let (out, err) = (child.stdout.take(), child.stderr.take());
        let said = Mutex::new(Vec::new());
        let hear = |line: &str| {
            if let Ok(mut said) = said.lock() {
                said.push(line.to_owned());
            }
        };
        let found = thread::scope(|scope| {
            scope.spawn(|| each_line(err, &hear));
            let Some(out) = out else { return false };
            let found = BufReader::new(out).lines().map_while(Result::ok).any(|line| wanted(&line));
            if found {
                end(&mut child);
            }
            found
        });
        child.wait().map_err(Die::io("wait for", &shown))?;
        // How much it said before it was ended would be a matter of luck.
        if !found {
            said.into_inner().unwrap_or_default().iter().for_each(|said| line(said));
        }
        Ok(found)
    }

    /// Runs it, gives every line of its output and its error output to `line`, and wants exit status 0.
    pub fn run(self, line: &(dyn Fn(&str) + Sync)) -> Result<(), Die> {
        let (status, command) = self.run_status(line)?;
        if status.success() { Ok(()) } else { Err(Die::Command { command, how: how(status) }) }
    }

    /// Runs it, gives every line of its output to `out` and of its error output to `err`, and tells how it ended and what
    /// it was, as a person would type it.
    pub fn run_apart(
        mut self,
        out: &(dyn Fn(&str) + Sync),
        err: &(dyn Fn(&str) + Sync),
    ) -> Result<(ExitStatus, String), Die> {
        faults::due()?;
        let shown = self.shown();
        self.command.stdout(Stdio::piped()).stderr(Stdio::piped());
        let mut child = self.command.spawn().map_err(|source| cannot_start(&shown, &source))?;
        let (stdout, stderr) = (child.stdout.take(), child.stderr.take());
        thread::scope(|scope| {
            scope.spawn(|| each_line(stdout, out));
            each_line(stderr, err);
        });
        let status = child.wait().map_err(Die::io("wait for", &shown))?;
        Ok((status, shown))
    }

    /// Both outputs share one pipe, so that their lines keep the order in which they were written.
    fn run_status(mut self, line: &(dyn Fn(&str) + Sync)) -> Result<(ExitStatus, String), Die> {
        faults::due()?;
        let shown = self.shown();
        let (reader, writer) = std::io::pipe().map_err(Die::io("make a pipe for", &shown))?;
        let second = writer.try_clone().map_err(Die::io("make a pipe for", &shown))?;
        self.command.stdout(writer).stderr(second);
        let mut child = self.command.spawn().map_err(|source| cannot_start(&shown, &source))?;
        // The pipe ends when nobody holds it for writing any more, this process included.
        drop(self);
        each_line(Some(reader), line);
        let status = child.wait().map_err(Die::io("wait for", &shown))?;
        Ok((status, shown))
    }

    /// The same, its standard input written by `feed` meanwhile.
    pub fn run_fed(mut self, feed: impl FnOnce(ChildStdin) + Send, line: &(dyn Fn(&str) + Sync)) -> Result<(), Die> {
        faults::due()?;
        let shown = self.shown();
        self.command.stdin(Stdio::piped()).stdout(Stdio::piped()).stderr(Stdio::piped());
        let mut child = self.command.spawn().map_err(|source| cannot_start(&shown, &source))?;
        let (input, out, err) = (child.stdin.take(), child.stdout.take(), child.stderr.take());
        thread::scope(|scope| {
            scope.spawn(|| input.map(feed));
            scope.spawn(|| each_line(out, line));
            each_line(err, line);
        });
        let status = child.wait().map_err(Die::io("wait for", &shown))?;
        if status.success() { Ok(()) } else { Err(Die::Command { command: shown, how: how(status) }) }
    }

    /// Runs it with this process's own standard streams and returns its exit code (128 + n for signal n).
    pub fn attached(mut self) -> Result<u8, Die> {
        let shown = self.shown();
        self.command.stdin(Stdio::inherit());
        let status = self.command.status().map_err(|source| cannot_start(&shown, &source))?;
        let code = status.code().or_else(|| status.signal().map(|signal| 128 + signal)).unwrap_or(255);
        Ok(u8::try_from(code).unwrap_or(255))
    }

    /// Starts it and hands over the child.
    pub fn spawn(mut self, stdin: Stdio, stdout: Stdio, stderr: Stdio) -> Result<Child, Die> {
        let shown = self.shown();
        self.command.stdin(stdin).stdout(stdout).stderr(stderr);
        self.command.spawn().map_err(|source| cannot_start(&shown, &source))
    }
}

/// A child that nobody will listen to any more.
pub fn end(child: &mut Child) {
    if child.kill().is_ok() {
        let _ = child.wait();
    }
}

fn cannot_start(command: &str, source: &std::io::Error) -> Die {
    Die::Command { command: command.to_owned(), how: format!("unable to start ({source})") }
}

/// Gives every line of a stream to `line`.
pub fn each_line(stream: Option<impl Read>, line: &(dyn Fn(&str) + Sync)) {
    let Some(stream) = stream else { return };
    for bytes in BufReader::new(stream).split(b'\n').map_while(Result::ok) {
        String::from_utf8_lossy(&bytes).trim_end_matches('\r').split('\r').for_each(line);
    }
}

/// The lines of a text, whichever way they end.
pub fn lines(text: &str) -> impl Iterator<Item = &str> {
    text.lines().flat_map(|line| line.trim_end_matches('\r').split('\r'))
}

/// How a program ended, in the words of Proxmox's `run_command`.
pub fn how(status: ExitStatus) -> String {
    match (status.code(), status.signal()) {
        (Some(code), _) => format!("exit code {code}"),
        (None, Some(2 | 15)) => "received interrupt".to_owned(),
        (None, Some(signal)) => format!("got signal {signal}"),
        (None, None) => "unknown exit status".to_owned(),
    }
}

/// A word as a shell would need it, in Proxmox's manner (Perl's `shellquote`).
pub fn quoted(word: &str) -> String {
    let plain = |c: char| c.is_ascii_alphanumeric() || matches!(c, '_' | '-' | '/' | '.' | ':' | ',' | '@' | '%' | '+');
    if !word.is_empty() && word.chars().all(plain) {
        word.to_owned()
    } else {
        format!("'{}'", word.replace('\'', "'\"'\"'"))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn output_comes_line_by_line_and_failure_names_the_command() {
        let lines = Mutex::new(Vec::new());
        let error = Program::new("sh")
            .args(["-c", "echo one; echo two >&2; exit 3"])
            .run(&|line| lines.lock().unwrap().push(line.to_owned()))
            .unwrap_err();
        let mut lines = lines.into_inner().unwrap();
        lines.sort();
        assert_eq!(lines, ["one", "two"]);
        assert_eq!(error.to_string(), "command 'sh -c 'echo one; echo two >&2; exit 3'' failed: exit code 3");
    }

    #[test]
    fn a_program_is_fed_and_ended_when_it_has_said_enough() {
        let heard = Mutex::new(String::new());
        let feed = |mut input: ChildStdin| input.write_all(b"one\ntwo\r\n").unwrap();
        Program::new("cat").run_fed(feed, &|line| heard.lock().unwrap().push_str(line)).unwrap();
        assert_eq!(*heard.lock().unwrap(), "onetwo");
        let endless = || Program::new("sh").args(["-c", "echo x >&2; while echo y; do :; done"]);
        let said = Mutex::new(String::new());
        let say = |line: &str| said.lock().unwrap().push_str(line);
        assert!(endless().seek(&|line| line == "y", &say).unwrap());
        assert!(!Program::new("sh").args(["-c", "echo z >&2"]).seek(&|line| line == "y", &say).unwrap());
        assert_eq!(*said.lock().unwrap(), "z");
    }

    #[test]
    fn a_missing_program_is_named() {
        let error = Program::new("no-such-program").read().unwrap_err();
        assert!(error.to_string().starts_with("command 'no-such-program' failed: unable to start"), "{error}");
    }
}
