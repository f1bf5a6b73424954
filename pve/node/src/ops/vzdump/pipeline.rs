//! `source | filter > sink`, held to a rate where one is asked for.

use std::fs::File;
use std::path::Path;
use std::process::{ExitStatus, Stdio};
use std::thread;

use crate::error::Die;
use crate::exec::{Program, each_line, end, how, quoted};
use crate::ops::archive::copy_paced;
use crate::{faults, tasks};

/// Two programs, the second one optional.
pub(super) struct Pipeline {
    /// The program whose output is wanted.
    pub(super) source: Program,
    /// The program that it goes through.
    pub(super) filter: Option<Program>,
    /// The most bytes that may leave the source in a second; 0: any number.
    pub(super) limit: u64,
}

/// Takes the lines that programs say.
type Line<'a> = &'a (dyn Fn(&str) + Sync);

impl Pipeline {
    /// Runs it to its end. The error output of both goes to `line`, and both want exit status 0.
    pub(super) fn run(self, sink: &Path, line: Line<'_>) -> Result<(), Die> {
        faults::due()?;
        let shown = self.shown(sink);
        let file = File::options().write(true).create(true).truncate(true).open(sink);
        let file = file.map_err(Die::io("create", sink))?;
        let statuses = match (self.filter, self.limit) {
            (None, 0) => vec![alone(self.source, file, line)?],
            (filter, limit) => {
                let filter = filter.unwrap_or_else(|| Program::new("cat"));
                through((self.source, filter), limit, file, line, &shown)?
            }
        };
        judge(&statuses, &shown)
    }

    /// The whole as a person would type it.
    fn shown(&self, sink: &Path) -> String {
        let filter = self.filter.as_ref().map(|filter| format!(" | {}", filter.shown())).unwrap_or_default();
        format!("set -o pipefail && {}{filter} >{}", self.source.shown(), quoted(&sink.to_string_lossy()))
    }
}

fn alone(source: Program, sink: File, line: Line<'_>) -> Result<ExitStatus, Die> {
    let mut child = source.spawn(Stdio::null(), sink.into(), Stdio::piped())?;
    each_line(child.stderr.take(), line);
    child.wait().map_err(Die::io("wait for", "tar"))
}

fn through(
    (source, filter): (Program, Program),
    limit: u64,
    sink: File,
    line: Line<'_>,
    shown: &str,
) -> Result<Vec<ExitStatus>, Die> {
    let name = filter.shown().split(' ').next().unwrap_or_default().to_owned();
    let mut first = source.spawn(Stdio::null(), Stdio::piped(), Stdio::piped())?;
    let Some(stream) = first.stdout.take() else { return Err(Die::text(format!("command '{shown}' has no output"))) };
    let (input, pumped) = if limit == 0 { (Stdio::from(stream), None) } else { (Stdio::piped(), Some(stream)) };
    let Ok(mut second) = filter.spawn(input, sink.into(), Stdio::piped()) else {
        end(&mut first);
        line(&format!("/bin/bash: line 1: {name}: command not found"));
        return Err(Die::Command { command: shown.to_owned(), how: "exit code 127".to_owned() });
    };
    let (err, filter_err, to) = (first.stderr.take(), second.stderr.take(), second.stdin.take());
    thread::scope(|scope| {
        scope.spawn(|| each_line(err, line));
        scope.spawn(|| each_line(filter_err, line));
        if let (Some(mut from), Some(mut to)) = (pumped, to) {
            // A side that went away is told by its exit status.
            let _ = copy_paced(&mut from, &mut to, limit);
        }
    });
    let first = first.wait().map_err(Die::io("wait for", "tar"))?;
    Ok(vec![first, second.wait().map_err(Die::io("wait for", &name))?])
}

/// As a shell's `pipefail`: the last program that failed speaks for the whole.
fn judge(statuses: &[ExitStatus], shown: &str) -> Result<(), Die> {
    match statuses.iter().rev().find(|status| !status.success()) {
        None => Ok(()),
        Some(status) => Err(failure(shown, *status)),
    }
}

/// A program that ended because the task was told to stop did not fail by itself.
pub(super) fn failure(shown: &str, status: ExitStatus) -> Die {
    let how = if tasks::interrupted() { "interrupted by signal".to_owned() } else { how(status) };
    Die::Command { command: shown.to_owned(), how }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn shell(script: &str) -> Program {
        Program::new("sh").args(["-c", script])
    }

    fn run(source: &str, filter: Option<&str>, limit: u64) -> (Result<(), Die>, String) {
        let dir = tempfile::tempdir().unwrap();
        let sink = dir.path().join("sink");
        let pipeline = Pipeline { source: shell(source), filter: filter.map(shell), limit };
        let result = pipeline.run(&sink, &|_| ());
        (result, std::fs::read_to_string(sink).unwrap())
    }

    #[test]
    fn data_goes_through_all_ways() {
        for (filter, limit) in [(None, 0), (Some("tr a b"), 0), (None, 1 << 20), (Some("tr a b"), 1 << 20)] {
            let (result, written) = run("echo aa", filter, limit);
            result.unwrap();
            assert_eq!(written, if filter.is_some() { "bb\n" } else { "aa\n" });
        }
    }

    #[test]
    fn either_side_fails_the_whole_and_the_last_one_speaks() {
        for (source, filter, how) in [
            ("exit 2", Some("cat"), "exit code 2"),
            ("true", Some("exit 3"), "exit code 3"),
            ("exit 2", Some("exit 3"), "exit code 3"),
            ("exit 2", None, "exit code 2"),
        ] {
            let error = run(source, filter, 0).0.unwrap_err().to_string();
            assert!(error.starts_with("command 'set -o pipefail && sh -c"), "{error}");
            assert!(error.ends_with(&format!("failed: {how}")), "{error}");
        }
    }

    #[test]
    fn a_missing_compressor_is_told_as_by_a_shell() {
        let dir = tempfile::tempdir().unwrap();
        let said = std::sync::Mutex::new(Vec::new());
        let pipeline = Pipeline { source: shell("true"), filter: Some(Program::new("no-such-packer")), limit: 0 };
        let line = |text: &str| said.lock().unwrap().push(text.to_owned());
        let error = pipeline.run(&dir.path().join("sink"), &line).unwrap_err().to_string();
        assert!(error.ends_with("failed: exit code 127"), "{error}");
        assert_eq!(said.into_inner().unwrap(), ["/bin/bash: line 1: no-such-packer: command not found"]);
    }
}
