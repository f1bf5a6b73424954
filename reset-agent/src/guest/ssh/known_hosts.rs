//! The known_hosts file that the agent keeps, for people and programs that log in to guests later.
//!
//! A line's comment is the guest's tag (see [`super::published`]).

use std::net::IpAddr;

use super::published::with_lines;

/// Only the agent's user reads it.
pub const MODE: u32 = 0o600;

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
    with_lines(text, &entry.tag, entry.lines(), names_a_host)
}

/// The file's text with a line that believes certificates of the fleet's host CA, whatever the host: a certificate names
/// its hosts itself. It is written once and stays; another CA has a line of its own.
pub fn with_authority(text: &str, authority: &str) -> String {
    let line = format!("@cert-authority * {authority} mintmark:host-ca");
    if text.lines().any(|known| known == line) { text.to_owned() } else { format!("{}{line}\n", ended(text)) }
}

/// The text with its last line ended.
fn ended(text: &str) -> String {
    if text.is_empty() || text.ends_with('\n') { text.to_owned() } else { format!("{text}\n") }
}

#[cfg(test)]
mod tests {
    use super::super::published::{tag, without_tag};
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
    fn the_host_ca_has_one_line_that_outlives_guests() {
        let first = with_authority("# mine", "ssh-ed25519 CA");
        assert_eq!(first, "# mine\n@cert-authority * ssh-ed25519 CA mintmark:host-ca\n");
        let with_guest = with_entry(&first, &entry("one", "10.66.0.7", "K1"));
        assert_eq!(with_authority(&with_guest, "ssh-ed25519 CA"), with_guest);
        assert_eq!(without_tag(&with_guest, &tag("one")), first);
        assert_eq!(with_authority(&first, "ssh-ed25519 NEXT").lines().count(), 3);
    }

    #[test]
    fn ports_are_written_in_brackets() {
        let address: IpAddr = "10.66.0.7".parse().unwrap();
        assert_eq!(host_pattern(address, 22), "10.66.0.7");
        assert_eq!(host_pattern(address, 2222), "[10.66.0.7]:2222");
    }
}
