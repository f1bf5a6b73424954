//! Docker's engine id: one line of its own since 23.0, before that the id of a JSON web key.

use super::content::identified;
use crate::identity::{IdentityKind, Seen};

/// Reads the content of an `engine-id` or `key.json` that is not empty; of the latter only the id, never the key.
pub fn seen(text: &str, modified: i64) -> Seen {
    let text = text.trim();
    if !text.starts_with('{') {
        return match text.lines().next() {
            Some(id) if text.lines().count() == 1 && id.len() <= 256 => {
                identified(IdentityKind::DockerEngineId, id, modified)
            }
            _ => Seen::Malformed { why: "it is not one line".into() },
        };
    }
    let key: Result<serde_json::Value, _> = serde_json::from_str(text);
    match key.as_ref().ok().and_then(|key| key.get("kid")).and_then(|kid| kid.as_str()) {
        Some(kid) if !kid.is_empty() => identified(IdentityKind::DockerEngineId, kid, modified),
        _ => Seen::Malformed { why: "it is no key with an id (kid)".into() },
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn both_forms_give_the_id_and_never_the_key() {
        let id = |text: &str| seen(text, 0).identity().map(|identity| identity.value.clone());
        assert_eq!(
            id("9d0a7c3e-0000-4000-8000-000000000001\n").as_deref(),
            Some("9d0a7c3e-0000-4000-8000-000000000001")
        );
        assert_eq!(id(r#"{"d":"SECRET","kid":"AAAA:BBBB","kty":"EC"}"#).as_deref(), Some("AAAA:BBBB"));
        for text in ["{", r#"{"d":"SECRET"}"#, "two\nlines"] {
            let seen = seen(text, 0);
            assert!(matches!(seen, Seen::Malformed { .. }) && !seen.in_words().contains("SECRET"), "{text}");
        }
    }
}
