//! Names: text under a grammar.

use std::fmt;
use std::str::FromStr;

use serde::{Deserialize, Serialize};
use sha2::{Digest, Sha256};

use super::InvalidId;

/// Declares a name: a text that satisfies `$valid`, or an error that quotes `$rule`.
macro_rules! name {
    ($(#[$doc:meta])* $type:ident, $kind:literal, $rule:literal, $valid:expr) => {
        $(#[$doc])*
        #[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
        #[serde(try_from = "String", into = "String")]
        pub struct $type(String);

        impl $type {
            /// The name as text.
            pub fn as_str(&self) -> &str {
                &self.0
            }
        }

        impl FromStr for $type {
            type Err = InvalidId;

            fn from_str(text: &str) -> Result<Self, InvalidId> {
                let valid: fn(&str) -> bool = $valid;
                if valid(text) { Ok(Self(text.to_owned())) } else { Err(InvalidId::new($kind, text, $rule)) }
            }
        }

        impl TryFrom<String> for $type {
            type Error = InvalidId;

            fn try_from(text: String) -> Result<Self, InvalidId> {
                text.parse()
            }
        }

        impl From<$type> for String {
            fn from(name: $type) -> Self {
                name.0
            }
        }

        impl AsRef<str> for $type {
            fn as_ref(&self) -> &str {
                &self.0
            }
        }

        impl fmt::Display for $type {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.pad(&self.0)
            }
        }
    };
}

/// One DNS label as Proxmox's `dns-name` has it: letters and digits, hyphens inside.
fn is_label(text: &str) -> bool {
    let inner = |b: u8| b.is_ascii_alphanumeric() || b == b'-';
    !text.is_empty() && text.bytes().all(inner) && !text.starts_with('-') && !text.ends_with('-')
}

/// Letters, digits and `-_.`, starting with a letter or digit.
fn is_slug(text: &str, longest: usize) -> bool {
    let inner = |b: u8| b.is_ascii_alphanumeric() || matches!(b, b'-' | b'_' | b'.');
    (1..=longest).contains(&text.len()) && text.bytes().all(inner) && text.as_bytes()[0].is_ascii_alphanumeric()
}

name! {
    /// A node's name in its cluster.
    NodeName, "node name", "use letters, digits and inner hyphens", is_label
}

name! {
    /// A storage's id (`pve-storage-id`).
    StorageId, "storage id", "start with a letter, then letters, digits and -_., ending in a letter or digit",
    |text| {
        is_slug(text, 100)
            && text.as_bytes()[0].is_ascii_alphabetic()
            && text.as_bytes()[text.len() - 1].is_ascii_alphanumeric()
            && text.len() > 1
    }
}

name! {
    /// A bridge on the node: at most 15 characters, the kernel's limit for interfaces.
    BridgeName, "bridge name", "use at most 15 letters, digits and -_.", |text| is_slug(text, 15)
}

name! {
    /// A guest's hostname: DNS labels joined by dots, 255 characters at most (`dns-name` in Proxmox's schema).
    ///
    /// Proxmox has no limit for one label; we keep the 63 of RFC 1035, since no resolver accepts more.
    Hostname, "hostname", "use labels of letters, digits and inner hyphens joined by dots, 63 characters a label, 255 in all",
    |text| text.len() <= 255 && text.split('.').all(|label| is_label(label) && label.len() <= 63)
}

impl Hostname {
    /// The first label: what Proxmox writes to `/etc/hostname` in Debian guests.
    pub fn short(&self) -> &str {
        self.0.split('.').next().unwrap_or(&self.0)
    }
}

name! {
    /// Who a guest is for: the caller's own name for a customer, also the key that makes `provision` idempotent.
    CustomerId, "customer id", "use 1 to 64 letters, digits and -_., starting with a letter or digit", |text| is_slug(text, 64)
}

name! {
    /// A golden's name, as its recipe gives it.
    GoldenName, "golden name", "use 1 to 64 letters, digits and -_., starting with a letter or digit", |text| is_slug(text, 64)
}

name! {
    /// A SHA-256 as 64 lower-case hex digits.
    Sha256Hex, "SHA-256 digest", "write 64 lower-case hex digits",
    |text| text.len() == 64 && text.bytes().all(|b| b.is_ascii_digit() || (b'a'..=b'f').contains(&b))
}

impl Sha256Hex {
    /// The digest of these bytes.
    pub fn of(bytes: &[u8]) -> Self {
        let digest = Sha256::digest(bytes);
        Self(digest.iter().flat_map(|byte| [byte >> 4, byte & 15]).map(hex_digit).collect())
    }

    /// The first digits, for people.
    pub fn short(&self) -> &str {
        &self.0[..12]
    }
}

fn hex_digit(nibble: u8) -> char {
    char::from(b"0123456789abcdef"[usize::from(nibble)])
}

name! {
    /// Who signs: a principal of an `allowed_signers` file. It becomes part of file names.
    Principal, "principal", "use 1 to 64 letters, digits and @._+-, starting with a letter or digit",
    |text| {
        let inner = |b: u8| b.is_ascii_alphanumeric() || matches!(b, b'@' | b'.' | b'_' | b'+' | b'-');
        (1..=64).contains(&text.len()) && text.bytes().all(inner) && text.as_bytes()[0].is_ascii_alphanumeric()
    }
}

name! {
    /// A release channel's name: `stable`, `canary`.
    ChannelName, "channel name", "use 1 to 64 letters, digits and -_., starting with a letter or digit",
    |text| is_slug(text, 64)
}

name! {
    /// One run of a saga: a UUID, drawn by the caller (version 7, so that runs sort by age).
    RunId, "run id", "write a UUID", |text| uuid::Uuid::try_parse(text).is_ok() && text.len() == 36
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn hostnames_follow_the_dns_grammar() {
        for (text, accepted) in
            [("acme", true), ("a.b-c.d", true), ("acme.", false), ("-acme", false), ("a_b", false), ("", false)]
        {
            assert_eq!(text.parse::<Hostname>().is_ok(), accepted, "{text:?}");
        }
        assert!("x".repeat(64).parse::<Hostname>().is_err());
        assert_eq!("acme.example.org".parse::<Hostname>().unwrap().short(), "acme");
    }

    #[test]
    fn a_digest_is_sha256_sums() {
        let empty = "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855";
        assert_eq!(Sha256Hex::of(b"").as_str(), empty);
        assert_eq!(Sha256Hex::of(b"").short(), &empty[..12]);
    }

    #[test]
    fn a_principal_can_be_part_of_a_file_name() {
        for (text, accepted) in [("ci@example.org", true), ("a/b", false), ("../x", false), ("", false), ("*", false)] {
            assert_eq!(text.parse::<Principal>().is_ok(), accepted, "{text:?}");
        }
    }

    #[test]
    fn an_error_names_kind_value_and_rule() {
        let error = "a b".parse::<CustomerId>().unwrap_err();
        assert_eq!(
            error.to_string(),
            "\"a b\" is not a valid customer id: use 1 to 64 letters, digits and -_., starting with a letter or digit"
        );
    }
}
