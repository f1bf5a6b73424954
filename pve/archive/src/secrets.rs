//! Secrets in an image, wherever they lie: by the file's name, or by what it holds.

use serde::Serialize;

use crate::member::shown;

/// A file that holds a secret. What it holds is never repeated.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Secret {
    /// The path inside the guest.
    pub path: String,
    /// What kind of secret.
    pub what: &'static str,
}

/// Files that hold credentials by their name, wherever they lie.
const NAMES: &[(&[u8], &str)] = &[
    (b".env", "an environment file"),
    (b".netrc", "passwords of network services (.netrc)"),
    (b".git-credentials", "git credentials"),
    (b".pgpass", "PostgreSQL passwords"),
    (b".my.cnf", "MySQL passwords"),
    (b".npmrc", "registry credentials (.npmrc)"),
    (b".pypirc", "registry credentials (.pypirc)"),
    (b".vault-token", "a Vault token"),
    (b".age-key.txt", "an age identity"),
];

/// Directories whose files come from packages and are documentation or code.
const DOCUMENTATION: &[&[u8]] = &[b"usr/share/doc/", b"usr/share/man/", b"usr/share/perl", b"usr/lib/python3"];

/// Looks at one file: its path below the root, its size, and its content where it was kept.
pub(crate) fn secret(path: &[u8], size: u64, content: Option<&[u8]>) -> Option<Secret> {
    if size == 0 || DOCUMENTATION.iter().any(|directory| path.starts_with(directory)) {
        return None;
    }
    let name = path.rsplit(|byte| *byte == b'/').next().unwrap_or(path);
    let by_name = NAMES.iter().find(|(known, _)| *known == name).map(|(_, what)| *what);
    let what = by_name.or_else(|| content.and_then(by_content))?;
    Some(Secret { path: format!("/{}", shown(path)), what })
}

fn by_content(content: &[u8]) -> Option<&'static str> {
    if holds_private_key(content) {
        return Some("a private key");
    }
    let starts_line = |text: &[u8]| content.split(|byte| *byte == b'\n').any(|line| line.starts_with(text));
    // Cheap tests first: most files have none of these bytes.
    (contains(content, b"AGE-SECRET-KEY-1") && starts_line(b"AGE-SECRET-KEY-1")).then_some("an age identity")
}

/// A PEM or OpenSSH private key: a header on a line of its own, then base64. Texts that only speak of such headers
/// have no key behind them.
fn holds_private_key(content: &[u8]) -> bool {
    if !contains(content, b"PRIVATE KEY-----") {
        return false;
    }
    let mut lines = content.split(|byte| *byte == b'\n').map(<[u8]>::trim_ascii);
    while let Some(line) = lines.next() {
        if line.starts_with(b"-----BEGIN ") && line.ends_with(b"PRIVATE KEY-----") {
            // Old encrypted keys have `Proc-Type:` and `DEK-Info:` between header and body.
            let mut body = lines.by_ref().filter(|line| !line.is_empty() && !line.contains(&b':'));
            if body.next().is_some_and(is_base64) {
                return true;
            }
        }
    }
    false
}

fn is_base64(line: &[u8]) -> bool {
    line.len() >= 16 && line.iter().all(|byte| byte.is_ascii_alphanumeric() || matches!(byte, b'+' | b'/' | b'='))
}

fn contains(content: &[u8], wanted: &[u8]) -> bool {
    content.windows(wanted.len()).any(|window| window == wanted)
}

#[cfg(test)]
mod tests {
    use super::*;

    const KEY: &[u8] = b"-----BEGIN OPENSSH PRIVATE KEY-----\nb3BlbnNzaC1rZXktdjEAAAAABG5vbmUAAAAEbm9uZQ\n-----END OPENSSH PRIVATE KEY-----\n";

    #[test]
    fn keys_are_found_wherever_they_lie() {
        let found = secret(b"srv/app/deploy", KEY.len() as u64, Some(KEY)).unwrap();
        assert_eq!((found.path.as_str(), found.what), ("/srv/app/deploy", "a private key"));
        assert!(secret(b"srv/.env", 5, None).is_some());
        let hostile = secret(b"srv/\x1b]0;owned\x07\n/.env", 5, None).unwrap();
        assert_eq!(hostile.path, r"/srv/\x1b]0;owned\x07\n/.env");
    }

    #[test]
    fn texts_about_keys_are_no_keys() {
        let text = b"grep -q -- '-----BEGIN PRIVATE KEY-----' \"$file\"\n-----BEGIN PRIVATE KEY-----\n(the key)\n";
        assert_eq!(secret(b"usr/bin/tool", 10, Some(text)), None);
        assert_eq!(secret(b"usr/share/doc/x/key.pem", 10, Some(KEY)), None);
        assert_eq!(secret(b"srv/.env", 0, None), None);
    }
}
