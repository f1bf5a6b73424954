//! The caller's key, and what a repeated request must be equal in.

use axum::http::HeaderMap;
use serde::Serialize;
use spec::ids::Sha256Hex;

use super::problem::Problem;

/// The header's name.
const HEADER: &str = "idempotency-key";
/// As EC2's client tokens.
const LONGEST: usize = 64;

/// The key of a request.
///
/// # Errors
/// There is none, or it is none: 1 to 64 visible ASCII characters.
pub(super) fn key(headers: &HeaderMap) -> Result<String, Problem> {
    let mut given = headers.get_all(HEADER).iter();
    let (Some(value), None) = (given.next(), given.next()) else {
        let detail = "send one Idempotency-Key: the same for every attempt at the same guest, of 1 to 64 visible ASCII characters";
        return Err(Problem::bad_request(detail));
    };
    let key = value.to_str().ok().filter(|key| (1..=LONGEST).contains(&key.len()));
    let visible = key.filter(|key| key.bytes().all(|byte| byte.is_ascii_graphic()));
    visible
        .map(ToOwned::to_owned)
        .ok_or_else(|| Problem::bad_request(format!("Idempotency-Key {value:?}: use 1 to 64 visible ASCII characters")))
}

/// What is asked, as one digest: the accepted values in their own order, so that blanks and the order of keys in the
/// body do not matter.
///
/// # Errors
/// The values have no JSON: a digest of nothing would be equal for requests that differ.
pub(super) fn digest(action: &str, asked: &impl Serialize) -> Result<String, Problem> {
    let text = serde_json::to_string(&(action, asked)).map_err(|error| Problem::broken(&error))?;
    Ok(Sha256Hex::of(text.as_bytes()).to_string())
}

/// The problem of a key that was used for something else.
pub(super) fn mismatch(key: &str) -> Problem {
    use axum::http::StatusCode;
    let detail = format!("the Idempotency-Key {key} was used with another body; nothing was touched");
    Problem::new(StatusCode::CONFLICT, "idempotency-mismatch", "The key was used for something else", detail)
        .next("take a fresh key for another request, or send the first body again")
}

#[cfg(test)]
mod tests {
    use super::*;
    use axum::http::HeaderValue;

    #[test]
    fn a_key_is_up_to_64_visible_characters() {
        let taken = |text: &'static str| {
            let mut headers = HeaderMap::new();
            headers.insert(HEADER, HeaderValue::from_static(text));
            key(&headers).is_ok()
        };
        assert!(taken("0193f2a4-7000") && taken("0123456789012345678901234567890123456789012345678901234567890123"));
        assert!(!taken("") && !taken("a b"));
        assert!(!taken("01234567890123456789012345678901234567890123456789012345678901234"));
        assert!(key(&HeaderMap::new()).is_err());
    }

    #[test]
    fn s0_05_what_cannot_be_digested_is_no_digest() {
        use std::collections::BTreeMap;
        let twice = |asked: &str| digest("guest.create", &asked).ok();
        assert!(twice("a").is_some() && twice("a") != twice("b"));
        // A map whose keys are no texts has no JSON.
        assert!(digest("guest.create", &BTreeMap::from([((1, 2), "a")])).is_err());
    }
}
