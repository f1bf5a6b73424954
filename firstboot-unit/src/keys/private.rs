//! A key's private half: whether the file is whole, and which public half it belongs to.

use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use spec::identity::reading::PublicHalf;
use spec::identity::reading::wire::Wire;

const OPENSSH_MAGIC: &[u8] = b"openssh-key-v1\0";

/// Older formats that sshd still loads; they do not carry the public half in the open.
const PEM_LABELS: [&str; 4] = ["RSA PRIVATE KEY", "EC PRIVATE KEY", "DSA PRIVATE KEY", "PRIVATE KEY"];

/// What a whole private key file tells without its secret.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum PrivateHalf {
    /// OpenSSH's own format, with the public half that it carries.
    OpenSsh(PublicHalf),
    /// A PEM key: whole, but only its `.pub` file tells the public half.
    Pem,
}

/// Why a file is no usable host key.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum KeyFault {
    /// No bytes, or white space only.
    #[error("the file is empty")]
    Empty,
    /// No private key at all.
    #[error("it is not a private key")]
    NotAKey,
    /// A passphrase protects it, and nobody types one at boot.
    #[error("it is encrypted with a passphrase")]
    Encrypted,
    /// A key that was cut or altered.
    #[error("it is damaged: {what}")]
    Damaged {
        /// The part that does not fit.
        what: &'static str,
    },
}

/// Looks at the content of a private key file.
pub fn examine_private(content: &[u8]) -> Result<PrivateHalf, KeyFault> {
    let text = String::from_utf8_lossy(content);
    let text = text.trim();
    if text.is_empty() {
        return Err(KeyFault::Empty);
    }
    let (label, body) = armour(text)?;
    if label == "OPENSSH PRIVATE KEY" {
        let body = decode(body)?;
        return openssh(&body).map(PrivateHalf::OpenSsh);
    }
    if !PEM_LABELS.contains(&label) {
        return Err(if label.contains("ENCRYPTED") { KeyFault::Encrypted } else { KeyFault::NotAKey });
    }
    if body.contains("ENCRYPTED") {
        return Err(KeyFault::Encrypted);
    }
    if is_der_sequence(&decode(body)?) { Ok(PrivateHalf::Pem) } else { Err(damaged("its DER is not one sequence")) }
}

fn damaged(what: &'static str) -> KeyFault {
    KeyFault::Damaged { what }
}

/// The label and what stands between the two marker lines.
fn armour(text: &str) -> Result<(&str, &str), KeyFault> {
    let rest = text.strip_prefix("-----BEGIN ").ok_or(KeyFault::NotAKey)?;
    let (label, rest) = rest.split_once("-----").ok_or(KeyFault::NotAKey)?;
    let end = format!("-----END {label}-----");
    let body = rest.strip_suffix(end.as_str()).ok_or(damaged("its end marker is missing"))?;
    Ok((label, body))
}

fn decode(body: &str) -> Result<Vec<u8>, KeyFault> {
    let packed: String = body.split_ascii_whitespace().collect();
    STANDARD.decode(packed).map_err(|_| damaged("its base64 does not decode"))
}

/// OpenSSH's PROTOCOL.key: magic, cipher, kdf, options, count, public half, private section.
fn openssh(bytes: &[u8]) -> Result<PublicHalf, KeyFault> {
    let mut wire = Wire(bytes.strip_prefix(OPENSSH_MAGIC).ok_or(damaged("its magic is missing"))?);
    let cipher = wire.name().ok_or(damaged("its header is cut"))?;
    if cipher != "none" {
        return Err(KeyFault::Encrypted);
    }
    let (_kdf, _options) = (wire.string(), wire.string());
    if wire.number() != Some(1) {
        return Err(damaged("it does not hold exactly one key"));
    }
    let public = wire.string().ok_or(damaged("its public half is cut"))?;
    let public = PublicHalf::from_blob(public).map_err(|_| damaged("its public half is not a key"))?;
    let section = wire.string().ok_or(damaged("its private half is cut"))?;
    check_section(section, &public.algorithm)?;
    if wire.0.is_empty() { Ok(public) } else { Err(damaged("bytes follow its end")) }
}

/// The private section: two equal check numbers, the type again, its numbers, a comment, padding 1, 2, 3…
fn check_section(section: &[u8], algorithm: &str) -> Result<(), KeyFault> {
    let mut wire = Wire(section);
    if wire.number().is_none_or(|check| wire.number() != Some(check)) {
        return Err(damaged("its check numbers differ"));
    }
    if wire.name() != Some(algorithm) {
        return Err(damaged("its halves are of different types"));
    }
    let mut strings = 0;
    while !is_padding(wire.0) {
        wire.string().ok_or(damaged("its private half is cut"))?;
        strings += 1;
    }
    // The least that a type has: public and private numbers, then the comment.
    if strings >= 3 { Ok(()) } else { Err(damaged("its private half is cut")) }
}

fn is_padding(rest: &[u8]) -> bool {
    rest.len() < 256 && rest.iter().zip(1u8..).all(|(byte, expected)| *byte == expected)
}

fn is_der_sequence(der: &[u8]) -> bool {
    let Some((0x30, rest)) = der.split_first().map(|(tag, rest)| (*tag, rest)) else { return false };
    let Some((&first, rest)) = rest.split_first() else { return false };
    if first < 0x80 {
        return rest.len() == usize::from(first);
    }
    let count = usize::from(first & 0x7f);
    let Some((length, content)) = rest.split_at_checked(count).filter(|_| (1..=4).contains(&count)) else {
        return false;
    };
    content.len() == length.iter().fold(0, |sum, byte| (sum << 8) | usize::from(*byte))
}

#[cfg(test)]
mod tests {
    use super::super::sample;
    use super::*;

    #[test]
    fn a_whole_key_tells_its_public_half() {
        for algorithm in ["ssh-ed25519", "ecdsa-sha2-nistp256", "ssh-rsa"] {
            let half = examine_private(sample::private(algorithm, 3).as_bytes()).unwrap();
            assert_eq!(half, PrivateHalf::OpenSsh(sample::public(algorithm, 3)));
        }
    }

    #[test]
    fn every_cut_of_a_key_is_damaged() {
        let key = sample::private("ssh-ed25519", 3);
        for cut in 1..key.trim_end().len() {
            let fault = examine_private(&key.as_bytes()[..cut]).unwrap_err();
            assert!(matches!(fault, KeyFault::Damaged { .. } | KeyFault::NotAKey), "{cut}: {fault:?}");
        }
    }

    #[test]
    fn what_is_no_key_is_named() {
        assert_eq!(examine_private(b""), Err(KeyFault::Empty));
        assert_eq!(examine_private(b" \n\n"), Err(KeyFault::Empty));
        assert_eq!(examine_private(b"hello"), Err(KeyFault::NotAKey));
        assert_eq!(examine_private(&[0u8; 400]), Err(KeyFault::NotAKey));
        let encrypted =
            "-----BEGIN RSA PRIVATE KEY-----\nProc-Type: 4,ENCRYPTED\n\nAAAA\n-----END RSA PRIVATE KEY-----\n";
        assert_eq!(examine_private(encrypted.as_bytes()), Err(KeyFault::Encrypted));
    }

    #[test]
    fn pem_keys_are_whole_or_damaged() {
        let pem = |der: &[u8]| {
            format!("-----BEGIN EC PRIVATE KEY-----\n{}\n-----END EC PRIVATE KEY-----\n", STANDARD.encode(der))
        };
        assert_eq!(examine_private(pem(&[0x30, 3, 2, 1, 1]).as_bytes()), Ok(PrivateHalf::Pem));
        assert!(examine_private(pem(&[0x30, 9, 2, 1, 1]).as_bytes()).is_err());
        assert!(examine_private(pem(&[]).as_bytes()).is_err());
    }
}
