//! A program that is fed and read by its caller while it runs.

use std::io::{self, Read};
use std::process::{Child, ChildStdin, ChildStdout, Command, Stdio};
use std::thread::{self, JoinHandle};

use super::end::end;
use super::error::CommandError;
use super::finished::last_lines;

/// Bytes of stderr that are kept; what is over is read and dropped, so that the program never waits.
const KEPT_BYTES: usize = 64 << 10;

/// A running program with both its ends. One that is dropped before [`Piped::wait`] is ended.
#[derive(Debug)]
pub struct Piped {
    command: String,
    child: Child,
    complaints: Option<JoinHandle<String>>,
}

impl Piped {
    /// Starts it; gives its ends beside it.
    pub(super) fn start(mut command: Command, shown: String) -> Result<(Self, ChildStdin, ChildStdout), CommandError> {
        let spawned = command.stdin(Stdio::piped()).spawn();
        let mut child = spawned.map_err(|source| CommandError::NotRun { command: shown.clone(), source })?;
        let ends = (child.stdin.take(), child.stdout.take(), child.stderr.take());
        let mut piped = Self { command: shown, child, complaints: None };
        let (Some(stdin), Some(stdout), Some(stderr)) = ends else {
            let source = io::Error::other("its streams are not piped");
            return Err(CommandError::NotRun { command: std::mem::take(&mut piped.command), source });
        };
        piped.complaints = Some(thread::spawn(move || keep(stderr)));
        Ok((piped, stdin, stdout))
    }

    /// Waits for its end, which must be exit code 0. Its stdin must be closed by then.
    pub fn wait(mut self) -> Result<(), CommandError> {
        let waited = self.child.wait();
        let command = std::mem::take(&mut self.command);
        let status = waited.map_err(|source| CommandError::NotRun { command: command.clone(), source })?;
        let said = self.complaints.take().and_then(|complaints| complaints.join().ok()).unwrap_or_default();
        if status.success() { Ok(()) } else { Err(CommandError::Failed { command, status, tail: last_lines(&said) }) }
    }
}

impl Drop for Piped {
    fn drop(&mut self) {
        // One that was waited for has ended; of any other nobody wants to know how it ends.
        if !matches!(self.child.try_wait(), Ok(Some(_))) {
            let _ = end(&mut self.child);
        }
    }
}

fn keep(mut stderr: impl Read) -> String {
    let mut kept = Vec::new();
    let mut buffer = [0; 4096];
    // A stream that cannot be read has ended; how the program ends is what counts.
    while let Ok(count) = stderr.read(&mut buffer) {
        if count == 0 {
            break;
        }
        let room = KEPT_BYTES.saturating_sub(kept.len());
        kept.extend_from_slice(&buffer[..count.min(room)]);
    }
    String::from_utf8_lossy(&kept).into_owned()
}

#[cfg(test)]
mod tests {
    use std::io::Write as _;

    use super::super::Invocation;
    use super::*;

    #[test]
    fn what_goes_in_comes_out_again() {
        let (cat, mut stdin, mut stdout) = Invocation::new("cat").piped().unwrap();
        stdin.write_all(b"through").unwrap();
        drop(stdin);
        let mut read = String::new();
        stdout.read_to_string(&mut read).unwrap();
        assert_eq!(read, "through");
        cat.wait().unwrap();
    }

    #[test]
    fn a_bad_end_says_what_the_program_said() {
        let (shell, stdin, _) = Invocation::new("sh").args(["-c", "echo no good >&2; exit 3"]).piped().unwrap();
        drop(stdin);
        assert!(shell.wait().unwrap_err().said().contains("no good"));
        let missing = Invocation::new("/nowhere/tool").piped().unwrap_err();
        assert!(matches!(missing, CommandError::NotRun { .. }));
    }

    #[test]
    fn one_that_is_dropped_is_gone() {
        let (sleeper, _stdin, _stdout) = Invocation::new("sleep").arg("600").piped().unwrap();
        let process = super::super::ProcessId::with_pid(sleeper.child.id()).unwrap();
        drop(sleeper);
        assert!(!process.is_alive());
    }
}
