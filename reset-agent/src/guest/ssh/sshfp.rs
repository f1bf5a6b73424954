//! SSHFP records (RFC 4255): a guest's host keys for a name server, as lines of a zone file.
//!
//! The file is a fragment that a zone includes (`$INCLUDE`): names are relative to its origin, and a line's comment is
//! the guest's tag. How it gets to the name server, and that the zone is signed, is the operator's.

use spec::ids::Hostname;
use ssh_key::{Algorithm, Fingerprint};

use super::host_key::PinnedKey;
use super::published::with_lines;

/// Everybody may know these: a name server reads them as another user.
pub const MODE: u32 = 0o644;
/// The fingerprint's kind: SHA-256 (RFC 6594). SHA-1 is not published.
const SHA256: u8 = 2;

/// The records of one guest.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Records {
    host: Hostname,
    /// Number of the algorithm, and the fingerprint in hex.
    keys: Vec<(u8, String)>,
    tag: String,
}

impl Records {
    /// The records of a guest's keys. A key of a type that has no number is left out.
    pub fn of(host: Hostname, keys: &[PinnedKey], tag: String) -> Self {
        Self { host, keys: keys.iter().filter_map(|key| number(key).zip(digest(key))).collect(), tag }
    }

    /// As a zone file writes them.
    pub fn lines(&self) -> impl Iterator<Item = String> {
        self.keys
            .iter()
            .map(|(algorithm, hex)| format!("{} IN SSHFP {algorithm} {SHA256} {hex} ; {}", self.host, self.tag))
    }
}

/// The fragment with a guest's records replaced. Records of ours with its name or one of its keys go too: they are an
/// earlier guest's of that name, or this guest's under an earlier name.
pub fn with_records(text: &str, records: &Records) -> String {
    let is_taken_over = |line: &str| {
        let words: Vec<&str> = line.split_whitespace().collect();
        let same_host = words.first().is_some_and(|host| host.eq_ignore_ascii_case(records.host.as_str()));
        same_host || words.get(5).is_some_and(|shown| records.keys.iter().any(|(_, hex)| hex == shown))
    };
    with_lines(text, &records.tag, records.lines(), is_taken_over)
}

/// IANA's number of a key's algorithm (RFC 4255, 6594, 7479).
fn number(key: &PinnedKey) -> Option<u8> {
    match key.algorithm.parse().ok()? {
        Algorithm::Rsa { .. } => Some(1),
        Algorithm::Dsa => Some(2),
        Algorithm::Ecdsa { .. } => Some(3),
        Algorithm::Ed25519 => Some(4),
        _ => None,
    }
}

fn digest(key: &PinnedKey) -> Option<String> {
    let fingerprint: Fingerprint = key.fingerprint.parse().ok()?;
    Some(fingerprint.as_bytes().iter().map(|byte| format!("{byte:02x}")).collect::<Vec<_>>().concat())
}

#[cfg(test)]
mod tests {
    use super::super::published::{tag, without_tag};
    use super::*;

    const A: &str = "ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAILM+rvN+ot98qgEN796jTiQfZfG1KaT0PtFDJ/XFSqti";
    const B: &str = "ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAIFeAbxwyNDTmVSuKHq9C9ydR5n2tGpUXC5gXfWn4bOTz";

    fn records(run: &str, host: &str, key: &str) -> Records {
        Records::of(host.parse().unwrap(), &[PinnedKey::of_line(key).unwrap()], tag(run))
    }

    #[test]
    fn a_guest_has_one_block_and_foreign_lines_stay() {
        let foreign = "; mine\nwww IN SSHFP 4 2 00 ; kept\nacme IN A 10.66.0.9\n";
        let first = with_records(foreign, &records("one", "acme", A));
        assert!(first.starts_with(foreign) && first.lines().count() == 4, "{first}");
        assert_eq!(with_records(&first, &records("one", "acme", A)), first);
        assert_eq!(without_tag(&first, &tag("one")), foreign);
    }

    #[test]
    fn a_guest_under_a_new_name_and_a_name_given_on_leave_no_old_record() {
        let pooled = with_records("", &records("stock", "pool-1", A));
        let claimed = with_records(&pooled, &records("claim", "acme", A));
        assert!(!claimed.contains("pool-1") && claimed.contains("acme"), "{claimed}");
        let given_on = with_records(&claimed, &records("two", "acme", B));
        assert_eq!(given_on.lines().count(), 1, "{given_on}");
    }

    #[test]
    fn a_key_of_a_type_without_a_number_is_left_out() {
        let mut strange = PinnedKey::of_line(A).unwrap();
        strange.algorithm = "ssh-unheard@example.org".into();
        assert_eq!(Records::of("acme".parse().unwrap(), &[strange], tag("one")).lines().count(), 0);
    }
}
