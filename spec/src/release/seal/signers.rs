//! An `allowed_signers` file: who may sign what, and when (ssh-keygen(1), ALLOWED SIGNERS).
//!
//! Stricter than OpenSSH: a line names one principal, a key belongs to one principal, and nothing is a pattern. Two
//! persons must sign a release, so one key must never be two persons.

use jiff::Timestamp;
use jiff::civil::DateTime;
use jiff::tz::TimeZone;
use ssh_key::public::KeyData;
use ssh_key::{Algorithm, HashAlg, PublicKey, SshSig};

use super::signature::SEAL_LIMIT;
use crate::ids::Principal;
use crate::release::Namespace;

/// Who may sign what, and when.
#[derive(Debug, Clone, Default)]
pub struct AllowedSigners {
    lines: Vec<Line>,
}

#[derive(Debug, Clone)]
struct Line {
    principal: Principal,
    key: KeyData,
    /// Any namespace, where there is no list.
    namespaces: Option<Vec<String>>,
    after: Option<Timestamp>,
    before: Option<Timestamp>,
}

/// A line that is not accepted. The whole file is refused for it: a line left out might be the one that ends a key.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("line {line}: {why}")]
pub struct BadSigners {
    /// The line's number, from 1.
    pub line: usize,
    /// What is wrong with it and what to write.
    pub why: String,
}

/// Why a signature does not count.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum SealError {
    /// Endless data.
    #[error("the signature's file has more than {SEAL_LIMIT} bytes: it is none")]
    TooLong,
    /// No signature.
    #[error("the signature's file holds no SSH signature ({why})")]
    NotASignature {
        /// What the reader said.
        why: String,
    },
    /// Made for something else.
    #[error("it was made for {found:?}, and {wanted} is needed: another kind's signature never counts")]
    Namespace {
        /// Its namespace.
        found: String,
        /// The one needed.
        wanted: Namespace,
    },
    /// By a stranger.
    #[error("its key {key} is nobody's among the allowed signers")]
    Stranger {
        /// The key's fingerprint.
        key: String,
    },
    /// By somebody who may not sign this, or not now.
    #[error("{principal} may not sign this with key {key}: {why}")]
    NotAllowed {
        /// Whose key it is.
        principal: Principal,
        /// The key's fingerprint.
        key: String,
        /// What stands against it.
        why: String,
    },
    /// Other bytes.
    #[error("it is by {principal}, and for other bytes: the document was changed after it was signed")]
    OtherBytes {
        /// Whose key it is.
        principal: Principal,
    },
}

impl AllowedSigners {
    /// Reads the file's text.
    ///
    /// # Errors
    /// [`BadSigners`] for the first line that is not accepted.
    pub fn parse(text: &str) -> Result<Self, BadSigners> {
        let mut lines: Vec<Line> = Vec::new();
        for (index, text) in text.lines().enumerate() {
            let text = text.trim();
            if text.is_empty() || text.starts_with('#') {
                continue;
            }
            let bad = |why: String| BadSigners { line: index + 1, why };
            let line = parse_line(text).map_err(bad)?;
            if let Some(other) = lines.iter().find(|other| other.key == line.key && other.principal != line.principal) {
                return Err(bad(format!(
                    "the key of {} is {}'s already: give each principal a key of its own",
                    line.principal, other.principal
                )));
            }
            lines.push(line);
        }
        Ok(Self { lines })
    }

    /// Whether it names nobody.
    pub fn is_empty(&self) -> bool {
        self.lines.is_empty()
    }

    /// Whether it names this principal.
    pub fn names(&self, principal: &Principal) -> bool {
        self.lines.iter().any(|line| line.principal == *principal)
    }

    /// Whose key this is, where it may sign in this namespace at this time.
    ///
    /// # Errors
    /// It is a stranger's, or may not.
    pub fn owner(&self, key: &KeyData, namespace: Namespace, at: Timestamp) -> Result<&Principal, SealError> {
        let fingerprint = || key.fingerprint(HashAlg::Sha256).to_string();
        let mut refusal = SealError::Stranger { key: fingerprint() };
        for line in self.lines.iter().filter(|line| line.key == *key) {
            match line.forbids(namespace, at) {
                None => return Ok(&line.principal),
                Some(why) => {
                    refusal = SealError::NotAllowed { principal: line.principal.clone(), key: fingerprint(), why };
                }
            }
        }
        Err(refusal)
    }

    /// Who signed these bytes for this namespace. `seal` is the armored file.
    ///
    /// # Errors
    /// [`SealError`]: nobody who counts.
    pub fn verify(
        &self,
        namespace: Namespace,
        bytes: &[u8],
        seal: &[u8],
        at: Timestamp,
    ) -> Result<Principal, SealError> {
        if seal.len() > SEAL_LIMIT {
            return Err(SealError::TooLong);
        }
        let signature = SshSig::from_pem(seal).map_err(|error| SealError::NotASignature { why: error.to_string() })?;
        if signature.namespace() != namespace.as_str() {
            return Err(SealError::Namespace { found: signature.namespace().to_owned(), wanted: namespace });
        }
        let principal = self.owner(signature.public_key(), namespace, at)?;
        let key = PublicKey::from(signature.public_key().clone());
        match key.verify(namespace.as_str(), bytes, &signature) {
            Ok(()) => Ok(principal.clone()),
            Err(_) => Err(SealError::OtherBytes { principal: principal.clone() }),
        }
    }
}

impl Line {
    /// What stands against a signature for this namespace at this time.
    fn forbids(&self, namespace: Namespace, at: Timestamp) -> Option<String> {
        if let Some(allowed) = &self.namespaces
            && !allowed.iter().any(|allowed| allowed == namespace.as_str())
        {
            return Some(format!("its line allows {}, not {namespace}", allowed.join(", ")));
        }
        if let Some(after) = self.after.filter(|after| at < *after) {
            return Some(format!("its line counts from {after}"));
        }
        self.before.filter(|before| at >= *before).map(|before| format!("its line counted until {before}"))
    }
}

fn parse_line(text: &str) -> Result<Line, String> {
    let (principal, rest) = text.split_once([' ', '\t']).ok_or("write PRINCIPAL [OPTIONS] KEYTYPE KEY")?;
    if principal.contains([',', '*', '?', '!', '"']) {
        return Err(format!("{principal:?} is a list or a pattern: write one principal a line"));
    }
    let principal = principal.parse().map_err(|error: crate::ids::InvalidId| error.to_string())?;
    let rest = rest.trim_start();
    let (options, key) = match algorithm(rest) {
        Some(_) => ("", rest),
        None => split_options(rest).ok_or("a key's type and a key are missing")?,
    };
    let key = PublicKey::from_openssh(key).map_err(|error| format!("the key is not understood: {error}"))?;
    accept_algorithm(&key.algorithm())?;
    let line = Line { principal, key: key.key_data().clone(), namespaces: None, after: None, before: None };
    each_option(options, line)
}

/// The algorithm whose name a text begins with.
fn algorithm(text: &str) -> Option<Algorithm> {
    let word = text.split([' ', '\t']).next()?;
    match Algorithm::new(word).ok()? {
        Algorithm::Other(_) => None,
        algorithm => Some(algorithm),
    }
}

/// RSA needs a library with an open advisory (RUSTSEC-2023-0071), DSA and SHA-1 are broken.
fn accept_algorithm(algorithm: &Algorithm) -> Result<(), String> {
    match algorithm {
        Algorithm::Ed25519 | Algorithm::Ecdsa { .. } | Algorithm::SkEd25519 | Algorithm::SkEcdsaSha2NistP256 => Ok(()),
        other => Err(format!("keys of type {other} do not count: use ssh-ed25519 or ecdsa-sha2-nistp256")),
    }
}

/// Options and what follows them: the blank outside of quotes ends them.
fn split_options(text: &str) -> Option<(&str, &str)> {
    let mut quoted = false;
    let end = text.char_indices().find(|(_, c)| {
        quoted ^= *c == '"';
        !quoted && c.is_ascii_whitespace()
    })?;
    Some((&text[..end.0], text[end.0..].trim_start()))
}

fn each_option(options: &str, mut line: Line) -> Result<Line, String> {
    let mut quoted = false;
    let options = options.split(|c| {
        quoted ^= c == '"';
        !quoted && c == ','
    });
    for option in options.filter(|option| !option.is_empty()) {
        let (name, value) = option.split_once('=').unwrap_or((option, ""));
        let value = value.trim_matches('"');
        match name.to_ascii_lowercase().as_str() {
            "namespaces" => line.namespaces = Some(namespaces(value)?),
            "valid-after" => line.after = Some(time(name, value)?),
            "valid-before" => line.before = Some(time(name, value)?),
            "cert-authority" => {
                return Err("cert-authority is not supported: give each principal a line with its key".to_owned());
            }
            _ => return Err(format!("the option {name:?} is not known")),
        }
    }
    Ok(line)
}

fn namespaces(value: &str) -> Result<Vec<String>, String> {
    if value.contains(['*', '?', '!']) {
        return Err(format!("namespaces={value:?} holds a pattern: write them out"));
    }
    Ok(value.split(',').map(|name| name.trim().to_owned()).filter(|name| !name.is_empty()).collect())
}

/// `YYYYMMDDZ` or `YYYYMMDDHHMM[SS]Z`. OpenSSH takes a time without `Z` as local; two machines then disagree.
fn time(name: &str, value: &str) -> Result<Timestamp, String> {
    let wrong = || format!("{name}={value:?} is no time in UTC: write YYYYMMDDZ or YYYYMMDDHHMMSSZ");
    let digits = value.strip_suffix('Z').ok_or_else(wrong)?;
    let whole = match digits.len() {
        8 => format!("{digits}000000"),
        12 => format!("{digits}00"),
        14 => digits.to_owned(),
        _ => return Err(wrong()),
    };
    let time = DateTime::strptime("%Y%m%d%H%M%S", whole).map_err(|_| wrong())?;
    time.to_zoned(TimeZone::UTC).map(|zoned| zoned.timestamp()).map_err(|_| wrong())
}

#[cfg(test)]
mod tests {
    use super::*;

    const KEY: &str = "ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAILM+rvN+ot98qgEN796jTiQfZfG1KaT0PtFDJ/XFSqti";

    /// Made by `ssh-keygen -Y sign -n example` over `testing`: the example of ssh-key's documentation.
    const SEAL: &str = "-----BEGIN SSH SIGNATURE-----
U1NIU0lHAAAAAQAAADMAAAALc3NoLWVkMjU1MTkAAAAgsz6u836i33yqAQ3v3qNOJB9l8b
UppPQ+0UMn9cVKq2IAAAAHZXhhbXBsZQAAAAAAAAAGc2hhNTEyAAAAUwAAAAtzc2gtZWQy
NTUxOQAAAEBPEav+tMGNnox4MuzM7rlHyVBajCn8B0kAyiOWwPKprNsG3i6X+voz/WCSik
/FowYwqhgCABUJSvRX3AERVBUP
-----END SSH SIGNATURE-----
";

    fn refused(text: &str) -> String {
        AllowedSigners::parse(text).unwrap_err().to_string()
    }

    #[test]
    fn one_key_is_one_principal_and_nothing_is_a_pattern() {
        let cases = [
            (format!("a {KEY}\nb {KEY}"), "line 2: the key of b is a's already"),
            (format!("a,b {KEY}"), "one principal a line"),
            (format!("*@x {KEY}"), "one principal a line"),
            (format!("a cert-authority {KEY}"), "cert-authority is not supported"),
            (format!("a namespaces=\"*\" {KEY}"), "write them out"),
            (format!("a verify-required {KEY}"), "\"verify-required\" is not known"),
            (format!("a valid-before=\"20260101\" {KEY}"), "no time in UTC"),
            ("a ssh-ed25519 AAAA".to_owned(), "not understood"),
            ("a ssh-rsa AAAAB3NzaC1yc2EAAAADAQABAAAAQQC7".to_owned(), "line 1"),
            ("a".to_owned(), "write PRINCIPAL"),
        ];
        for (text, why) in cases {
            assert!(refused(&text).contains(why), "{text}: {}", refused(&text));
        }
        let text =
            format!("# who\n\na namespaces=\"manifest@mintmark\" {KEY} comment\na namespaces=\"log@mintmark\" {KEY}");
        let signers = AllowedSigners::parse(&text).unwrap();
        assert!(signers.names(&"a".parse().unwrap()) && !signers.is_empty());
    }

    #[test]
    fn a_line_counts_for_its_namespaces_and_its_time_alone() {
        let options =
            "namespaces=\"manifest@mintmark,log@mintmark\",valid-after=\"20260101Z\",valid-before=\"202602010000Z\"";
        let signers = AllowedSigners::parse(&format!("a {options} {KEY}")).unwrap();
        let key = PublicKey::from_openssh(KEY).unwrap();
        let owner = |namespace, at: &str| signers.owner(key.key_data(), namespace, at.parse().unwrap()).cloned();
        assert_eq!(owner(Namespace::Log, "2026-01-01T00:00:00Z").unwrap().as_str(), "a");
        for (namespace, at, why) in [
            (Namespace::Channel, "2026-01-01T00:00:00Z", "not channel@mintmark"),
            (Namespace::Log, "2025-12-31T23:59:59Z", "counts from"),
            (Namespace::Log, "2026-02-01T00:00:00Z", "counted until"),
        ] {
            let refusal = owner(namespace, at).unwrap_err().to_string();
            assert!(refusal.contains(why), "{refusal}");
        }
    }

    #[test]
    fn a_seal_for_another_purpose_is_told_as_such() {
        let signers = AllowedSigners::parse(&format!("a {KEY}")).unwrap();
        let now = "2026-01-01T00:00:00Z".parse().unwrap();
        let error = signers.verify(Namespace::Manifest, b"testing", SEAL.as_bytes(), now).unwrap_err();
        assert_eq!(error, SealError::Namespace { found: "example".into(), wanted: Namespace::Manifest });
        assert_eq!(signers.verify(Namespace::Log, b"", &vec![b'-'; SEAL_LIMIT + 1], now), Err(SealError::TooLong));
        assert!(matches!(signers.verify(Namespace::Log, b"", b"x", now), Err(SealError::NotASignature { .. })));
    }
}
