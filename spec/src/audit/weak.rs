//! Values that are there and worth nothing, or less than they seem.

use std::net::IpAddr;

use super::host_key::KeyFacts;
use super::sighting::KEYED;
use crate::identity::{Identity, IdentityKind};
use crate::ids::MachineId;

/// SHA-256 of no bytes at all.
const OF_NOTHING: &str = "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855";

/// Names that say that there is none.
const NO_NAMES: [&str; 4] = ["localhost", "localhost.localdomain", "(none)", "unknown"];

/// What is wrong with a value in one guest.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Weakness {
    /// It stands for "no value": shared by many and nobody's.
    Placeholder(&'static str),
    /// It is not what belongs there.
    Malformed(Box<str>),
    /// A DSA key.
    OldType,
    /// An RSA key of too few bits.
    Short { bits: u32, wanted: u32 },
    /// A host key from before its guest was made.
    OlderThanGuest { days: i64 },
    /// A host key from the future.
    NewerThanNow { days: i64 },
}

impl Weakness {
    pub(super) fn in_words(&self) -> String {
        match self {
            Self::Placeholder(why) => format!("{why}: it names no guest"),
            Self::Malformed(why) => why.to_string(),
            Self::OldType => "DSA keys have 1024 bits, and OpenSSH 10 has dropped them: remove the key".to_owned(),
            Self::Short { bits, wanted } => {
                format!("an RSA key of {bits} bits can be factored by those who want to; {wanted} is the least")
            }
            Self::OlderThanGuest { days } => {
                format!(
                    "the key is {days} days older than its guest: it was copied from somewhere, and its private half is there too"
                )
            }
            Self::NewerThanNow { days } => {
                format!(
                    "the key's file is from {days} days after this audit: the clock was wrong when it was made, or is now"
                )
            }
        }
    }
}

/// Why a value stands for none; none for one that can be compared.
pub(super) fn placeholder(identity: &Identity) -> Option<&'static str> {
    let value = identity.value.as_str();
    if value.is_empty() {
        return Some("the value is empty");
    }
    match &identity.kind {
        IdentityKind::MachineId | IdentityKind::DbusMachineId => {
            let dummy = !value.starts_with(KEYED) && value.parse::<MachineId>().is_err();
            dummy.then_some("a dummy machine-id")
        }
        IdentityKind::Ip => {
            let unset = value.parse::<IpAddr>().is_ok_and(|address| address.is_unspecified());
            unset.then_some("the unspecified address")
        }
        IdentityKind::Hostname => NO_NAMES.contains(&value).then_some("a name that says that there is none"),
        IdentityKind::ContentOf(_) if value.ends_with(OF_NOTHING) => Some("the file is empty"),
        IdentityKind::ContentOf(_) | IdentityKind::Mac | IdentityKind::DockerEngineId | IdentityKind::DhcpDuid => {
            repeats(value)
        }
        IdentityKind::SshHostKey(_) => None,
    }
}

/// Nothing but one digit: zeros, or all bits set.
fn repeats(value: &str) -> Option<&'static str> {
    let mut digits = value.bytes().filter(|byte| !b":-{}".contains(byte)).map(|byte| byte.to_ascii_lowercase());
    let first = digits.next().filter(|digit| b"0f".contains(digit))?;
    digits.all(|digit| digit == first).then_some("nothing but one digit")
}

/// A host key held against its guest and the clock.
#[derive(Debug, Clone, Copy)]
pub(super) struct Ages {
    /// When the key's file was last changed.
    pub(super) key: Option<i64>,
    /// When its guest was made; none where a guest keeps older keys by right.
    pub(super) guest: Option<i64>,
    /// When the audit is.
    pub(super) now: Option<i64>,
}

const DAY: i64 = 24 * 60 * 60;
/// Clocks of guest and node are one, those of a node and the ledger's machine are not.
const SLACK: i64 = 60 * 60;

/// What is wrong with a host key.
pub(super) fn weaknesses(algorithm: &str, facts: Option<&KeyFacts>, shortest: u32, ages: Ages) -> Vec<Weakness> {
    let mut found = Vec::new();
    if algorithm == "ssh-dss" {
        found.push(Weakness::OldType);
    } else if let Some(facts) = facts.filter(|facts| facts.bits < shortest) {
        found.push(Weakness::Short { bits: facts.bits, wanted: shortest });
    }
    let days = |from: i64, to: i64| (to - from + DAY - 1) / DAY;
    if let (Some(key), Some(guest)) = (ages.key, ages.guest)
        && key < guest - SLACK
    {
        found.push(Weakness::OlderThanGuest { days: days(key, guest) });
    }
    if let (Some(key), Some(now)) = (ages.key, ages.now)
        && key > now + SLACK
    {
        found.push(Weakness::NewerThanNow { days: days(now, key) });
    }
    found
}

#[cfg(test)]
mod tests {
    use super::*;

    const NO_AGES: Ages = Ages { key: None, guest: None, now: None };

    #[test]
    fn placeholders_are_told_from_values() {
        let zeros = "0".repeat(32);
        let cases = [
            (IdentityKind::MachineId, zeros.as_str(), true),
            (IdentityKind::MachineId, "0123456789abcdef0123456789abcdef", false),
            (IdentityKind::MachineId, "hmac-sha256:00ab", false),
            (IdentityKind::Mac, "00:00:00:00:00:00", true),
            (IdentityKind::Mac, "FF:FF:FF:FF:FF:FF", true),
            (IdentityKind::Mac, "02:00:00:00:00:01", false),
            (IdentityKind::Hostname, "localhost", true),
            (IdentityKind::Hostname, "web", false),
            (IdentityKind::Ip, "::", true),
            (IdentityKind::ContentOf("smbios-uuid".into()), "00000000-0000-0000-0000-000000000000", true),
            (IdentityKind::ContentOf("random-seed".into()), OF_NOTHING, true),
            (IdentityKind::ContentOf("random-seed".into()), "5f70bf18", false),
        ];
        for (kind, value, weak) in cases {
            assert_eq!(placeholder(&Identity::new(kind, value)).is_some(), weak, "{value}");
        }
    }

    #[test]
    fn old_and_short_keys_are_weak_and_good_ones_are_not() {
        let rsa = |bits| KeyFacts { bits, modulus: None };
        let found = |algorithm, facts: Option<KeyFacts>| weaknesses(algorithm, facts.as_ref(), 2048, NO_AGES);
        assert_eq!(found("ssh-dss", Some(rsa(1024))), [Weakness::OldType]);
        assert_eq!(found("ssh-rsa", Some(rsa(1024))), [Weakness::Short { bits: 1024, wanted: 2048 }]);
        assert_eq!(found("ssh-rsa", Some(rsa(2048))), []);
        assert_eq!(found("ssh-ed25519", None), []);
    }

    #[test]
    fn a_key_is_as_old_as_its_guest_or_younger() {
        let (made, now) = (1_800_000_000, 1_800_500_000);
        let found =
            |key| weaknesses("ssh-ed25519", None, 2048, Ages { key: Some(key), guest: Some(made), now: Some(now) });
        assert_eq!(found(made - 10 * DAY), [Weakness::OlderThanGuest { days: 10 }]);
        assert_eq!(found(now + 2 * DAY), [Weakness::NewerThanNow { days: 2 }]);
        assert_eq!(found(made - 60), []);
        assert_eq!(found(made + 60), []);
    }
}
