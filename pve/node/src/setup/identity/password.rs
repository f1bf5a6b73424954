//! Root's password (shadow(5)).

use std::time::{SystemTime, UNIX_EPOCH};

use sha_crypt::{PasswordHasher, ShaCrypt};

use crate::error::Die;
use crate::setup::rooted::Root;

/// Sets root's password, or locks it where none is given.
pub(in crate::setup) fn set(tree: &Root, password: Option<&str>) -> Result<(), Die> {
    let Some(passwd) = tree.read("/etc/passwd")? else { return Ok(()) };
    let hash = match password {
        None => "*".to_owned(),
        Some(hash) if is_hash(hash) => hash.to_owned(),
        Some(password) => hashed(password)?,
    };
    let Some(shadow) = tree.read("/etc/shadow")? else {
        return tree.rewrite("/etc/passwd", &with_fields(&passwd, &[&hash]));
    };
    tree.rewrite("/etc/shadow", &with_fields(&shadow, &[&hash, &today().to_string()]))?;
    tree.rewrite("/etc/passwd", &with_fields(&passwd, &["x"]))
}

/// A password that is a hash already is taken as it is.
fn is_hash(text: &str) -> bool {
    let mut parts = text.split('$');
    let plain =
        |part: &str| !part.is_empty() && part.bytes().all(|b| b.is_ascii_alphanumeric() || b == b'.' || b == b'/');
    let (empty, kind, salt, hash, end) = (parts.next(), parts.next(), parts.next(), parts.next(), parts.next());
    empty == Some("")
        && matches!(kind, Some("1" | "2" | "2a" | "2x" | "2y" | "5" | "6"))
        && salt.is_some_and(|salt| plain(salt) && salt.len() <= 16)
        && hash.is_some_and(plain)
        && end.is_none()
}

fn hashed(password: &str) -> Result<String, Die> {
    let salt: [u8; 6] = rand::random();
    let hash = ShaCrypt::SHA512.hash_password_with_salt(password.as_bytes(), &salt);
    let hash = hash.map_err(|error| Die::text(format!("unable to hash password - {error}")))?;
    // crypt(5): this many rounds is what is meant when nothing is said.
    Ok(hash.as_str().replacen("rounds=5000$", "", 1))
}

fn today() -> u64 {
    SystemTime::now().duration_since(UNIX_EPOCH).map_or(0, |since| since.as_secs() / 86_400)
}

/// Root's line with its fields after the name replaced.
fn with_fields(text: &str, fields: &[&str]) -> String {
    let line = |line: &str| {
        let parts: Vec<&str> = line.split(':').collect();
        match parts.get(fields.len() + 1..) {
            Some(rest) if parts.first() == Some(&"root") && !rest.is_empty() => {
                let all: Vec<&str> =
                    std::iter::once("root").chain(fields.iter().copied()).chain(rest.iter().copied()).collect();
                all.join(":")
            }
            _ => line.to_owned(),
        }
    };
    text.split('\n').map(line).collect::<Vec<_>>().join("\n")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_roots_line_changes() {
        let shadow = "rooty:!:1:0:::::\nroot:old:19000:0:99999:7:::\ndaemon:*:19000:0:99999:7:::\n";
        let new = with_fields(shadow, &["*", "20000"]);
        assert_eq!(new, shadow.replace("root:old:19000:", "root:*:20000:"));
        assert_eq!(with_fields("root::0:0:root:/root:/bin/sh\n", &["x"]), "root:x:0:0:root:/root:/bin/sh\n");
    }

    #[test]
    fn hashes_are_told_from_passwords() {
        assert!(is_hash("$5$SALT$PASS") && is_hash("$2a$05$abc.DEF/"));
        assert!(!is_hash("hunter22") && !is_hash("$7$SALT$PASS") && !is_hash("$6$$x") && !is_hash("$6$a$b$c"));
    }

    #[test]
    fn a_password_becomes_what_crypt_makes_of_it() {
        let hash = hashed("hunter22").unwrap();
        let parts: Vec<&str> = hash.split('$').collect();
        assert_eq!((parts.len(), parts[1], parts[2].len(), parts[3].len()), (4, "6", 8, 86), "{hash}");
        assert!(is_hash(&hash));
    }
}
