//! What `--key` says.

use std::path::PathBuf;
use std::str::FromStr;

/// Where the key is.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum KeySource {
    /// An OpenSSH private key without passphrase, which only its owner may read.
    File(PathBuf),
    /// A key that the ssh-agent of `SSH_AUTH_SOCK` holds, by fingerprint (`SHA256:…`) or comment.
    Agent(String),
    /// A systemd credential of that name (`LoadCredential=`), in `CREDENTIALS_DIRECTORY`.
    Credential(String),
}

/// A source that is none.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("{0:?} names no key: write a path, agent:FINGERPRINT, agent:COMMENT or credential:NAME")]
pub struct BadSource(pub String);

impl FromStr for KeySource {
    type Err = BadSource;

    fn from_str(text: &str) -> Result<Self, BadSource> {
        let bad = || BadSource(text.to_owned());
        let (kind, rest) = text.split_once(':').unwrap_or(("", text));
        match kind {
            _ if rest.is_empty() => Err(bad()),
            "agent" => Ok(Self::Agent(rest.to_owned())),
            "credential" if rest.contains('/') || rest.starts_with('.') => Err(bad()),
            "credential" => Ok(Self::Credential(rest.to_owned())),
            "file" => Ok(Self::File(PathBuf::from(rest))),
            _ => Ok(Self::File(PathBuf::from(text))),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn three_kinds_of_sources() {
        for (text, source) in [
            ("/etc/mintmark/key", KeySource::File("/etc/mintmark/key".into())),
            ("file:/etc/mintmark/key", KeySource::File("/etc/mintmark/key".into())),
            ("agent:SHA256:abc", KeySource::Agent("SHA256:abc".into())),
            ("credential:release-key", KeySource::Credential("release-key".into())),
        ] {
            assert_eq!(text.parse(), Ok(source));
        }
        for text in ["", "agent:", "credential:../x", "credential:a/b"] {
            assert!(text.parse::<KeySource>().is_err(), "{text}");
        }
    }
}
