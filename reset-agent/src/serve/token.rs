//! The tokens' text: drawn, read, and compared by digest.

use base64::Engine;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use rand::TryRng;
use rand::rngs::{SysError, SysRng};
use spec::ids::Sha256Hex;
use zeroize::Zeroizing;

use super::{Scope, Tenant};
use crate::ledger::TokenRow;

/// What a new token is for.
#[derive(Debug, Clone)]
pub struct Grant {
    /// Whose it is, for people.
    pub name: String,
    /// Whose guests it sees; all, where there is none.
    pub tenant: Option<Tenant>,
    /// What it may do.
    pub scopes: Vec<Scope>,
    /// Days until it is no longer taken.
    pub days: u16,
}

/// A new token: its row, and its text, `mint_ID_SECRET`. The secret has 256 random bits, so its plain SHA-256 gives
/// nothing away: there is no list of likely secrets to try.
///
/// # Errors
/// The operating system gave no randomness.
pub fn make(grant: &Grant) -> Result<(TokenRow, Zeroizing<String>), SysError> {
    let (mut id, mut secret) = ([0; 8], Zeroizing::new([0; 32]));
    SysRng.try_fill_bytes(&mut id[2..])?;
    SysRng.try_fill_bytes(&mut *secret)?;
    let id = format!("{:012x}", u64::from_be_bytes(id));
    let text = Zeroizing::new(format!("mint_{id}_{}", URL_SAFE_NO_PAD.encode(*secret)));
    let now = jiff::Timestamp::now();
    let until = now + jiff::SignedDuration::from_hours(24 * i64::from(grant.days));
    let scopes: Vec<&str> = grant.scopes.iter().map(|scope| scope.word()).collect();
    let row = TokenRow {
        digest: digest(&text),
        name: grant.name.clone(),
        tenant: grant.tenant.as_ref().map(ToString::to_string),
        scopes: scopes.join(" "),
        created_at: rfc3339(now),
        expires_at: rfc3339(until),
        revoked_at: None,
        id,
    };
    Ok((row, text))
}

/// The id in a token's text; none: it is no token of ours.
pub fn id_of(text: &str) -> Option<&str> {
    let (id, secret) = text.strip_prefix("mint_")?.split_once('_')?;
    let is_id = id.len() == 12 && id.bytes().all(|byte| byte.is_ascii_hexdigit());
    (is_id && secret.len() == 43).then_some(id)
}

/// Whether this text is the row's token, and is still taken. Digests are compared, so the time tells nothing of the
/// secret.
pub fn is_taken(row: &TokenRow, text: &str, now: jiff::Timestamp) -> bool {
    let expires: Result<jiff::Timestamp, _> = row.expires_at.parse();
    row.revoked_at.is_none() && expires.is_ok_and(|expires| now < expires) && row.digest == digest(text)
}

fn digest(text: &str) -> String {
    Sha256Hex::of(text.as_bytes()).to_string()
}

fn rfc3339(time: jiff::Timestamp) -> String {
    time.strftime("%Y-%m-%dT%H:%M:%SZ").to_string()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_token_is_taken_until_it_ends_or_is_revoked_and_its_row_does_not_hold_it() {
        let grant = Grant { name: "shop".into(), tenant: None, scopes: vec![Scope::Read], days: 1 };
        let (mut row, text) = make(&grant).unwrap();
        let (other, _) = make(&grant).unwrap();
        let now = jiff::Timestamp::now();
        assert_eq!(id_of(&text), Some(row.id.as_str()));
        assert!(is_taken(&row, &text, now) && !is_taken(&other, &text, now));
        assert!(!is_taken(&row, &text, now + jiff::SignedDuration::from_hours(25)));
        let secret = text.rsplit('_').next().unwrap();
        assert!(!format!("{row:?}").contains(secret));
        row.revoked_at = Some(rfc3339(now));
        assert!(!is_taken(&row, &text, now));
        for bad in ["", "mint_", "Bearer x", "mint_0123456789ab_short", "mint_0123456789zz_"] {
            assert_eq!(id_of(bad), None, "{bad}");
        }
    }
}
