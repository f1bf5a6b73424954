//! What proves who somebody is: passwords and tokens' secrets, each kept as a hash alone.

use std::collections::BTreeMap;

use base64::Engine;
use base64::prelude::BASE64_STANDARD_NO_PAD;
use sha_crypt::{PasswordHasher, PasswordVerifier, ShaCrypt};
use sha2::{Digest, Sha256};

use super::names::split_token;
use crate::error::Die;

/// Hashes by name, a line each.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Secrets {
    /// Tokens' full names and hashes: `token.cfg`.
    pub tokens: BTreeMap<String, String>,
    /// Passwords of realm `pve`, by account: `shadow.cfg`.
    pub pve: BTreeMap<String, String>,
    /// Passwords of realm `pam`, by account. Proxmox asks the system for these; here the system is left alone.
    pub pam: BTreeMap<String, String>,
}

impl Secrets {
    /// The passwords of a realm.
    fn realm(&mut self, realm: &str) -> &mut BTreeMap<String, String> {
        if realm == "pam" { &mut self.pam } else { &mut self.pve }
    }

    /// Makes a token's secret, which is kept nowhere.
    pub fn new_token(&mut self, id: &str) -> String {
        let secret = uuid::Uuid::new_v4().to_string();
        self.tokens.insert(id.to_owned(), token_hash(&secret));
        secret
    }

    /// Whether a secret is a token's.
    pub fn is_token(&self, id: &str, secret: &str) -> bool {
        self.tokens.get(id).is_some_and(|kept| same(kept.as_bytes(), token_hash(secret).as_bytes()))
    }

    /// Sets the password of an account.
    pub fn set_password(&mut self, account: &str, realm: &str, password: &str) -> Result<(), Die> {
        let hashed = ShaCrypt::default().hash_password(password.as_bytes());
        let hashed = hashed.map_err(|_| Die::text("Failed to hash password!"))?;
        self.realm(realm).insert(account.to_owned(), hashed.as_str().to_owned());
        Ok(())
    }

    /// Whether a password is an account's. Nobody without a password gets in.
    pub fn is_password(&self, account: &str, realm: &str, password: &str) -> bool {
        let kept = if realm == "pam" { &self.pam } else { &self.pve };
        let verified = |kept: &String| ShaCrypt::default().verify_password(password.as_bytes(), kept.as_str()).is_ok();
        !password.is_empty() && kept.get(account).is_some_and(verified)
    }

    /// Forgets a user: its password, and the secrets of its tokens.
    pub fn forget_user(&mut self, user: &str, account: &str, realm: &str) {
        self.realm(realm).remove(account);
        self.tokens.retain(|id, _| split_token(id).is_none_or(|(owner, _)| owner != user));
    }
}

/// A secret is a random UUID, so a slow hash would protect nothing more.
fn token_hash(secret: &str) -> String {
    BASE64_STANDARD_NO_PAD.encode(Sha256::digest(secret.as_bytes()))
}

/// Compares in a time that does not depend on where two texts differ; nothing is the same as nothing.
pub(super) fn same(a: &[u8], b: &[u8]) -> bool {
    !a.is_empty() && a.len() == b.len() && a.iter().zip(b).fold(0, |differ, (x, y)| differ | (x ^ y)) == 0
}

/// Reads lines of a name, a separator and a hash.
pub(super) fn read(text: &str, separator: char) -> BTreeMap<String, String> {
    let pair =
        |line: &str| line.trim().trim_end_matches(':').split_once(separator).map(|(a, b)| (a.to_owned(), b.to_owned()));
    text.lines().filter_map(pair).collect()
}

/// `token.cfg`: a blank between name and hash.
pub(super) fn write_tokens(tokens: &BTreeMap<String, String>) -> String {
    lines(tokens.iter().map(|(id, hash)| format!("{id} {hash}")))
}

/// `shadow.cfg`: `account:hash:`.
pub(super) fn write_shadow(shadow: &BTreeMap<String, String>) -> String {
    lines(shadow.iter().map(|(account, hash)| format!("{account}:{hash}:")))
}

fn lines(lines: impl Iterator<Item = String>) -> String {
    lines.flat_map(|line| [line, "\n".to_owned()]).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn passwords_are_kept_as_hashes_and_verified() {
        let mut secrets = Secrets::default();
        secrets.set_password("ci", "pve", "pw12345678").unwrap();
        assert!(secrets.is_password("ci", "pve", "pw12345678"));
        assert!(!secrets.is_password("ci", "pve", "wrong") && !secrets.is_password("ci", "pam", "pw12345678"));
        assert!(!secrets.is_password("root", "pam", ""));
        let text = write_shadow(&secrets.pve);
        assert!(text.starts_with("ci:$6$") && text.ends_with(":\n"), "{text}");
        assert_eq!(read(&text, ':'), secrets.pve);
    }

    #[test]
    fn a_token_opens_with_its_own_secret_only() {
        let mut secrets = Secrets::default();
        let secret = secrets.new_token("ci@pve!t1");
        assert!(secrets.is_token("ci@pve!t1", &secret) && !secrets.is_token("ci@pve!t1", "x"));
        assert!(!secrets.is_token("ci@pve!t2", &secret));
        let text = write_tokens(&secrets.tokens);
        assert!(!text.contains(&secret));
        assert_eq!(read(&text, ' '), secrets.tokens);
        secrets.forget_user("ci@pve", "ci", "pve");
        assert!(secrets.tokens.is_empty());
    }
}
