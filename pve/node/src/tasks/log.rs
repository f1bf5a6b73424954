//! A task's log: written line by line, read back as rows.

use std::fs::{self, File};
use std::io::Write;
use std::os::unix::fs::OpenOptionsExt;
use std::path::{Path, PathBuf};
use std::sync::Mutex;
use std::sync::atomic::{AtomicU32, Ordering};

use pve_wire::{ExitStatus, LogLine, Upid};

use crate::error::{Die, chain};
use crate::faults::{self, Point};
use crate::state::Layout;

/// Where a task's log lies: spread over sixteen directories by the last digit of its start.
pub(super) fn log_path(layout: &Layout, upid: &Upid) -> PathBuf {
    layout.tasks().join(format!("{:X}", upid.starttime() % 16)).join(upid.as_str())
}

/// The log of a running task. Lines go to the file, and to standard output where a person waits for them.
pub struct TaskLog {
    file: Mutex<File>,
    echo: bool,
    warnings: AtomicU32,
}

impl TaskLog {
    /// Begins the log of a new task.
    pub(super) fn begin(layout: &Layout, upid: &Upid, echo: bool) -> Result<Self, Die> {
        let path = log_path(layout, upid);
        if let Some(directory) = path.parent() {
            fs::create_dir_all(directory).map_err(Die::io("create", directory))?;
        }
        let file = File::options().create(true).append(true).mode(0o640).open(&path).map_err(Die::io("open", &path))?;
        Ok(Self { file: Mutex::new(file), echo, warnings: AtomicU32::new(0) })
    }

    /// Whether a person waits for the task.
    pub fn is_attended(&self) -> bool {
        self.echo
    }

    /// One line.
    pub fn line(&self, text: &str) {
        self.write(text);
        faults::reach(Point::Line(text));
        if self.echo {
            let _ = writeln!(std::io::stdout(), "{text}");
        }
    }

    /// A warning that counts: the task ends with `WARNINGS: n`.
    pub fn warn(&self, text: &str) {
        self.warnings.fetch_add(1, Ordering::Relaxed);
        self.line(&format!("WARN: {text}"));
    }

    /// The last word; standard output does not show it, a failure's text goes to standard error instead.
    pub(super) fn finish(&self, result: &Result<(), Die>) -> ExitStatus {
        let warnings = self.warnings.load(Ordering::Relaxed);
        let (last, told, status) = match result {
            Ok(()) if warnings == 0 => ("TASK OK".to_owned(), None, ExitStatus::Ok),
            Ok(()) => {
                let told = format!("Task finished with {warnings} warning(s)!");
                (format!("TASK WARNINGS: {warnings}"), Some(told), ExitStatus::Warnings(warnings))
            }
            Err(error) => {
                let text = chain(error).trim_end().replace('\n', " ");
                (format!("TASK ERROR: {text}"), Some(text.clone()), ExitStatus::Error(text))
            }
        };
        self.write(&last);
        if let Some(told) = told.filter(|_| self.echo) {
            let _ = writeln!(std::io::stderr(), "{told}");
        }
        status
    }

    /// A log that cannot be written must not stop the work: the work itself says how it ended.
    fn write(&self, text: &str) {
        if let Ok(mut file) = self.file.lock() {
            let _ = file.write_all(format!("{text}\n").as_bytes());
        }
    }
}

/// The lines of a log from `start` on, at most `limit` (0: all), and how many there are in all.
pub fn log_lines(path: &Path, start: usize, limit: usize) -> (Vec<LogLine>, u64) {
    let row = |n: usize, t: &str| LogLine { n: n as u64, t: t.to_owned() };
    let Ok(bytes) = fs::read(path) else {
        return (vec![row(1, "unable to open file - No such file or directory")], 1);
    };
    let text = String::from_utf8_lossy(&bytes);
    let total = text.lines().count();
    if total == 0 {
        return (vec![row(1, "no content")], 1);
    }
    let limit = if limit == 0 { usize::MAX } else { limit };
    let rows = text.lines().enumerate().skip(start).take(limit).map(|(index, line)| row(index + 1, line)).collect();
    (rows, total as u64)
}

/// What a log's last line says about the task's end; none while it has no last word.
pub(super) fn last_word(log: &[u8]) -> Option<ExitStatus> {
    let text = String::from_utf8_lossy(log);
    let word = text.strip_suffix('\n')?.lines().next_back()?.strip_prefix("TASK ")?.to_owned();
    match word.strip_prefix("ERROR: ") {
        Some(error) => Some(ExitStatus::Error(error.to_owned())),
        None if word == "OK" || word.starts_with("WARNINGS: ") => Some(ExitStatus::from(word)),
        None => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_last_word_is_read_from_the_last_line() {
        assert_eq!(last_word(b"a\nTASK OK\n"), Some(ExitStatus::Ok));
        assert_eq!(last_word(b"TASK WARNINGS: 2\n"), Some(ExitStatus::Warnings(2)));
        assert_eq!(
            last_word(b"TASK ERROR: CT is locked (backup)\n"),
            Some(ExitStatus::Error("CT is locked (backup)".into()))
        );
        for unfinished in [&b""[..], b"TASK OK", b"TASK OK\nmore\n", b"working\n"] {
            assert_eq!(last_word(unfinished), None);
        }
    }

    #[test]
    fn log_rows_are_numbered_from_one_and_cut() {
        let dir = tempfile::tempdir().unwrap();
        let path = dir.path().join("log");
        assert_eq!(log_lines(&path, 0, 50).0[0].t, "unable to open file - No such file or directory");
        fs::write(&path, "").unwrap();
        assert_eq!(log_lines(&path, 0, 50).0[0].t, "no content");
        fs::write(&path, "a\nb\nTASK OK\n").unwrap();
        let (rows, total) = log_lines(&path, 1, 1);
        assert_eq!((rows.len(), rows[0].n, rows[0].t.as_str(), total), (1, 2, "b", 3));
        assert_eq!(log_lines(&path, 0, 0).0.len(), 3);
    }
}
