//! DHCP unique identifiers (RFC 8415, section 11), as dhcpcd writes them: octets in hex with colons between them.

use super::content::identified;
use super::digest::sha256_hex;
use crate::identity::{IdentityKind, Seen};

/// A type of two octets, an identifier of 1 to 128.
const OCTETS: std::ops::RangeInclusive<usize> = 3..=130;

/// Reads the content of a DUID file that is not empty. What is written in another form must differ all the same: it is
/// known by its digest, under its item's id.
pub fn seen(item: &str, text: &str, modified: i64) -> Seen {
    let word = text.trim();
    if is_duid(word) {
        return identified(IdentityKind::DhcpDuid, word, modified);
    }
    identified(IdentityKind::ContentOf(item.to_owned()), &sha256_hex(&[text.as_bytes()]), modified)
}

fn is_duid(word: &str) -> bool {
    let octet = |part: &str| part.len() == 2 && part.bytes().all(|byte| byte.is_ascii_hexdigit());
    OCTETS.contains(&word.split(':').count()) && word.split(':').all(octet)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn identity(text: &str) -> (String, String) {
        let seen = seen("dhcp-duid", text, 0);
        let identity = seen.identity().unwrap();
        (identity.kind.to_string(), identity.value.clone())
    }

    #[test]
    fn one_duid_in_two_spellings_is_one() {
        let duid = ("dhcp-duid".to_owned(), "00:01:00:01:2e:5f:aa:01:bc:24:11:00:00:01".to_owned());
        assert_eq!(identity("00:01:00:01:2e:5f:aa:01:bc:24:11:00:00:01\n"), duid);
        assert_eq!(identity("00:01:00:01:2E:5F:AA:01:BC:24:11:00:00:01"), duid);
    }

    #[test]
    fn what_is_no_duid_is_known_by_its_digest() {
        let long = vec!["00"; 131].join(":");
        for text in ["00:04", "00:04:0", "00:04:zz", "default", long.as_str()] {
            assert_eq!(identity(text).0, "content:dhcp-duid", "{text}");
        }
        assert_ne!(identity("default").1, identity("default-2").1);
    }
}
