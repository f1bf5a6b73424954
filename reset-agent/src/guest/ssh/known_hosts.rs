//! The known_hosts file that the agent keeps, for people and programs that log in to guests later.
//!
//! Lines that are not ours stay as they are. Ours end in a comment with the guest's tag, so that a guest's lines can
//! be replaced and taken away.

use std::fs::{self, File, OpenOptions};
use std::io::{self, Write};
use std::net::IpAddr;
use std::os::unix::fs::OpenOptionsExt;
use std::path::{Path, PathBuf};

/// The lines of one guest.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Entry {
    /// Names and addresses under which the guest is reached.
    pub hosts: Vec<String>,
    /// Its keys, each in OpenSSH's one-line form without a comment.
    pub keys: Vec<String>,
    /// The guest's tag, without white space.
    pub tag: String,
}

/// A host as known_hosts(5) writes it: with its port in brackets unless it is 22.
pub fn host_pattern(address: IpAddr, port: u16) -> String {
    if port == 22 { address.to_string() } else { format!("[{address}]:{port}") }
}

impl Entry {
    fn lines(&self) -> impl Iterator<Item = String> {
        let hosts = self.hosts.join(",");
        self.keys.iter().map(move |key| format!("{hosts} {key} {}", self.tag))
    }
}

/// The file's text with the guest's lines replaced. A line of another guest of ours that names one of the same hosts
/// goes too: its address was given to this guest.
pub fn with_entry(text: &str, entry: &Entry) -> String {
    let names_a_host = |line: &str| {
        let hosts = line.split_whitespace().next().unwrap_or_default();
        hosts.split(',').any(|host| entry.hosts.iter().any(|ours| ours == host))
    };
    let kept = text.lines().filter(|line| !(is_tagged(line, &entry.tag) || is_ours(line) && names_a_host(line)));
    join(kept.map(str::to_owned).chain(entry.lines()))
}

/// The file's text without a guest's lines.
pub fn without_tag(text: &str, tag: &str) -> String {
    join(text.lines().filter(|line| !is_tagged(line, tag)).map(str::to_owned))
}

/// The tag of the guest that a run made.
pub fn tag(run: &str) -> String {
    format!("{PREFIX}{run}")
}

const PREFIX: &str = "mintmark:run=";

fn is_tagged(line: &str, tag: &str) -> bool {
    line.split_whitespace().next_back() == Some(tag)
}

fn is_ours(line: &str) -> bool {
    line.split_whitespace().next_back().is_some_and(|last| last.starts_with(PREFIX))
}

fn join(lines: impl Iterator<Item = String>) -> String {
    lines.map(|line| line + "\n").collect()
}

/// Why the file could not be changed.
#[derive(Debug, thiserror::Error)]
#[error("known_hosts file {path} cannot be changed")]
pub struct KnownHostsError {
    /// The file.
    pub path: PathBuf,
    /// Why not.
    #[source]
    pub source: io::Error,
}

/// Changes the file under a lock, so that two agents lose none of each other's lines: a new file beside it, synced,
/// closed to others, then renamed over it.
///
/// # Errors
/// [`KnownHostsError`] with the path.
pub fn change(path: &Path, change: impl FnOnce(&str) -> String) -> Result<(), KnownHostsError> {
    replace(path, change).map_err(|source| KnownHostsError { path: path.to_owned(), source })
}

fn replace(path: &Path, change: impl FnOnce(&str) -> String) -> io::Result<()> {
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
    use std::os::unix::fs::PermissionsExt;

    use super::*;

    fn entry(run: &str, host: &str, key: &str) -> Entry {
        Entry { hosts: vec![host.into(), "acme".into()], keys: vec![format!("ssh-ed25519 {key}")], tag: tag(run) }
    }

    #[test]
    fn foreign_lines_stay_and_a_guests_lines_are_replaced() {
        let foreign = "# mine\nexample.org ssh-rsa AAAA\n@revoked * ssh-rsa BBBB\n";
        let first = with_entry(foreign, &entry("one", "10.66.0.7", "K1"));
        assert!(first.starts_with(foreign));
        let renewed = with_entry(&first, &entry("one", "10.66.0.8", "K2"));
        assert!(!renewed.contains("K1") && renewed.contains("10.66.0.8,acme ssh-ed25519 K2 mintmark:run=one\n"));
        assert_eq!(without_tag(&renewed, &tag("one")), foreign);
    }

    #[test]
    fn an_address_given_to_a_new_guest_loses_its_old_key() {
        let first = with_entry("10.66.0.7 ssh-rsa THEIRS\n", &entry("one", "10.66.0.7", "K1"));
        let mut second = entry("two", "10.66.0.7", "K2");
        second.hosts.truncate(1);
        let text = with_entry(&first, &second);
        assert!(!text.contains("K1") && text.contains("THEIRS") && text.contains("K2"));
    }

    #[test]
    fn the_file_is_private_whatever_stood_there() {
        let dir = tempfile::tempdir().unwrap();
        let path = dir.path().join("state/known_hosts");
        fs::create_dir_all(path.parent().unwrap()).unwrap();
        fs::write(&path, "example.org ssh-rsa AAAA").unwrap();
        fs::set_permissions(&path, fs::Permissions::from_mode(0o644)).unwrap();
        change(&path, |text| with_entry(text, &entry("one", "10.66.0.7", "K1"))).unwrap();
        assert_eq!(fs::metadata(&path).unwrap().permissions().mode() & 0o777, 0o600);
        assert_eq!(fs::read_to_string(&path).unwrap().lines().count(), 2);
    }

    #[test]
    fn ports_are_written_in_brackets() {
        let address: IpAddr = "10.66.0.7".parse().unwrap();
        assert_eq!(host_pattern(address, 22), "10.66.0.7");
        assert_eq!(host_pattern(address, 2222), "[10.66.0.7]:2222");
    }
}
