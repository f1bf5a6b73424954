//! Tickets: who somebody is and since when, under the node's seal; and the tokens that keep other sites from using them.

use base64::Engine;
use base64::prelude::{BASE64_STANDARD, BASE64_STANDARD_NO_PAD};
use hmac::{Hmac, KeyInit, Mac};
use sha2::{Sha256, Sha512};

use super::names::split_user;
use super::secrets::same;

/// How long a ticket holds, in seconds.
const LIFETIME: i64 = 2 * 3600;
/// By how much clocks may differ.
const GRACE: i64 = 300;

/// The node's key for both.
#[derive(Clone)]
pub struct TicketKey(Vec<u8>);

impl TicketKey {
    /// A key of these random bytes.
    pub fn of(bytes: Vec<u8>) -> Self {
        Self(bytes)
    }

    /// A ticket for a user: `PVE:user:TIME::seal`.
    pub fn ticket(&self, user: &str, now: i64) -> String {
        let plain = format!("PVE:{user}:{now:08X}");
        let seal = BASE64_STANDARD.encode(self.ticket_seal(&plain));
        format!("{plain}::{seal}")
    }

    /// Whose ticket this is; none when it is not one of ours, or too old.
    pub fn user_of(&self, ticket: &str, now: i64) -> Option<String> {
        let (plain, seal) = ticket.rsplit_once("::")?;
        if !same(&BASE64_STANDARD.decode(seal).ok()?, &self.ticket_seal(plain)) {
            return None;
        }
        let (user, time) = plain.strip_prefix("PVE:")?.rsplit_once(':')?;
        let fresh = is_fresh(time, now) && split_user(user).is_ok();
        fresh.then(|| user.to_owned())
    }

    /// What a user's browser must send with every change: `TIME:seal`.
    pub fn csrf_token(&self, user: &str, now: i64) -> String {
        let time = format!("{now:08X}");
        let seal = BASE64_STANDARD_NO_PAD.encode(self.csrf_seal(&time, user));
        format!("{time}:{seal}")
    }

    /// Whether this token is the user's, and not too old.
    pub fn is_csrf_token(&self, user: &str, token: &str, now: i64) -> bool {
        let Some((time, seal)) = token.split_once(':') else { return false };
        let seal = BASE64_STANDARD_NO_PAD.decode(seal).unwrap_or_default();
        is_fresh(time, now) && same(&seal, &self.csrf_seal(time, user))
    }

    /// The two kinds of seals are of different functions, so that none passes for the other.
    fn ticket_seal(&self, plain: &str) -> Vec<u8> {
        sealed::<Hmac<Sha512>>(&self.0, &[b"ticket:", plain.as_bytes()])
    }

    fn csrf_seal(&self, time: &str, user: &str) -> Vec<u8> {
        sealed::<Hmac<Sha256>>(&self.0, &[b"csrf:", time.as_bytes(), b":", user.as_bytes()])
    }
}

fn sealed<M: Mac + KeyInit>(key: &[u8], parts: &[&[u8]]) -> Vec<u8> {
    // An HMAC takes keys of any length.
    let Ok(mut mac) = <M as KeyInit>::new_from_slice(key) else { return Vec::new() };
    for part in parts {
        mac.update(part);
    }
    mac.finalize().into_bytes().to_vec()
}

/// Eight hexadecimal digits, upper case, of a time that is not over and not far ahead.
fn is_fresh(time: &str, now: i64) -> bool {
    let digits = time.len() == 8 && time.bytes().all(|b| b.is_ascii_digit() || (b'A'..=b'F').contains(&b));
    let age = i64::from_str_radix(time, 16).ok().filter(|_| digits).map(|time| now - time);
    age.is_some_and(|age| age > -GRACE && age < LIFETIME)
}

#[cfg(test)]
mod tests {
    use super::*;

    const NOW: i64 = 0x6B00_3A7F;

    #[test]
    fn a_ticket_tells_its_user_for_two_hours() {
        let key = TicketKey::of(vec![7; 32]);
        let ticket = key.ticket("ci@pve", NOW);
        assert!(ticket.starts_with("PVE:ci@pve:6B003A7F::"), "{ticket}");
        assert_eq!(key.user_of(&ticket, NOW + 7199).as_deref(), Some("ci@pve"));
        assert_eq!(key.user_of(&ticket, NOW + 7200), None);
        assert_eq!(key.user_of(&ticket, NOW - 300), None);
        assert_eq!(key.user_of(&ticket.replace("ci@", "xi@"), NOW), None);
        assert_eq!(TicketKey::of(vec![8; 32]).user_of(&ticket, NOW), None);
        assert_eq!(key.user_of("garbage", NOW), None);
    }

    #[test]
    fn a_csrf_token_has_proxmoxs_form_and_is_the_users_own() {
        let key = TicketKey::of(vec![7; 32]);
        let token = key.csrf_token("ci@pve", NOW);
        assert_eq!((token.len(), &token[..9]), (8 + 1 + 43, "6B003A7F:"));
        assert!(key.is_csrf_token("ci@pve", &token, NOW + 60) && !key.is_csrf_token("a@pve", &token, NOW));
        assert!(!key.is_csrf_token("ci@pve", &token, NOW + 7200) && !key.is_csrf_token("ci@pve", "", NOW));
    }
}
