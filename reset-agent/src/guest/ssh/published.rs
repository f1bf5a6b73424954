//! Text files that the agent keeps about guests' keys and that others read: a line for each key, tagged with its guest.
//!
//! Lines that are not ours stay as they are. Ours end in the guest's tag, so that a guest's lines can be replaced and
//! taken away.

use std::fs::{self, File, OpenOptions, Permissions};
use std::io::{self, Write};
use std::os::unix::fs::{OpenOptionsExt, PermissionsExt};
use std::path::{Path, PathBuf};

const PREFIX: &str = "mintmark:run=";

/// The tag of the guest that a run made.
pub fn tag(run: &str) -> String {
    format!("{PREFIX}{run}")
}

/// The text with a guest's lines replaced by these. A line of another guest of ours goes too where `is_taken_over` says
/// so: its name or address was given to this one.
pub(super) fn with_lines(
    text: &str,
    tag: &str,
    lines: impl Iterator<Item = String>,
    is_taken_over: impl Fn(&str) -> bool,
) -> String {
    let kept = text.lines().filter(|line| !(is_tagged(line, tag) || is_ours(line) && is_taken_over(line)));
    join(kept.map(str::to_owned).chain(lines))
}

/// The text without a guest's lines.
pub fn without_tag(text: &str, tag: &str) -> String {
    join(text.lines().filter(|line| !is_tagged(line, tag)).map(str::to_owned))
}

fn is_tagged(line: &str, tag: &str) -> bool {
    line.split_whitespace().next_back() == Some(tag)
}

fn is_ours(line: &str) -> bool {
    line.split_whitespace().next_back().is_some_and(|last| last.starts_with(PREFIX))
}

fn join(lines: impl Iterator<Item = String>) -> String {
    lines.map(|line| line + "\n").collect()
}

/// Why a file could not be changed.
#[derive(Debug, thiserror::Error)]
#[error("{path}, which the agent keeps about its guests' keys, cannot be changed")]
pub struct PublishError {
    /// The file.
    pub path: PathBuf,
    /// Why not.
    #[source]
    pub source: io::Error,
}

/// Changes a file under a lock, so that two agents lose none of each other's lines: a new file of this mode beside it,
/// synced, then renamed over it.
///
/// # Errors
/// [`PublishError`] with the path.
pub fn change(path: &Path, mode: u32, change: impl FnOnce(&str) -> String) -> Result<(), PublishError> {
    replace(path, mode, change).map_err(|source| PublishError { path: path.to_owned(), source })
}

fn replace(path: &Path, mode: u32, change: impl FnOnce(&str) -> String) -> io::Result<()> {
    let folder = path.parent().filter(|parent| !parent.as_os_str().is_empty()).unwrap_or(Path::new("."));
    fs::create_dir_all(folder)?;
    let lock = private(&sibling(path, "lock"), false)?;
    lock.lock()?;
    let before = match fs::read_to_string(path) {
        Err(error) if error.kind() == io::ErrorKind::NotFound => String::new(),
        read => read?,
    };
    let after = change(&before);
    if after == before {
        return Ok(());
    }
    let fresh = sibling(path, "new");
    let mut file = private(&fresh, true)?;
    file.write_all(after.as_bytes())?;
    file.set_permissions(Permissions::from_mode(mode))?;
    file.sync_all()?;
    fs::rename(&fresh, path)?;
    File::open(folder)?.sync_all()
}

fn private(path: &Path, truncate: bool) -> io::Result<File> {
    OpenOptions::new().write(true).create(true).truncate(truncate).mode(0o600).open(path)
}

fn sibling(path: &Path, suffix: &str) -> PathBuf {
    let mut name = path.as_os_str().to_owned();
    name.push(".");
    name.push(suffix);
    PathBuf::from(name)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_file_has_its_mode_whatever_stood_there_and_what_stood_there_stays() {
        let dir = tempfile::tempdir().unwrap();
        for (name, before, mode) in [("known_hosts", 0o644, 0o600), ("sshfp.zone", 0o600, 0o644)] {
            let path = dir.path().join("state").join(name);
            fs::create_dir_all(path.parent().unwrap()).unwrap();
            fs::write(&path, "theirs").unwrap();
            fs::set_permissions(&path, Permissions::from_mode(before)).unwrap();
            change(&path, mode, |text| with_lines(text, "t", ["ours t".to_owned()].into_iter(), |_| false)).unwrap();
            assert_eq!(fs::metadata(&path).unwrap().permissions().mode() & 0o777, mode);
            assert_eq!(fs::read_to_string(&path).unwrap(), "theirs\nours t\n");
        }
    }

    #[test]
    fn of_many_who_write_at_once_none_loses_a_line() {
        let dir = tempfile::tempdir().unwrap();
        let path = dir.path().join("sshfp.zone");
        std::thread::scope(|scope| {
            for run in 0..16 {
                let path = &path;
                scope.spawn(move || {
                    let tag = tag(&run.to_string());
                    change(path, 0o644, |text| with_lines(text, &tag, [format!("x {tag}")].into_iter(), |_| false))
                });
            }
        });
        assert_eq!(fs::read_to_string(&path).unwrap().lines().count(), 16);
    }
}
