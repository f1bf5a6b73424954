//! `[access]`: public keys, and nothing but public keys.

use crate::recipe::accepted::{Access, KeySource};
use crate::recipe::keys::Problems;
use crate::recipe::public_key::PublicKey;

pub(super) fn access(
    user_ca: Option<String>,
    admin_keys: Option<Vec<String>>,
    problems: &mut Problems,
) -> Option<Access> {
    match (user_ca, admin_keys) {
        (None, None) => Some(Access::None),
        (Some(ca), None) => key_source("access.user_ca", ca, problems).map(Access::UserCa),
        (None, Some(keys)) => {
            if keys.is_empty() {
                problems.add("access.admin_keys", "is empty; name a public key, or leave the key out");
            }
            let sources = keys.into_iter().filter_map(|key| key_source("access.admin_keys", key, problems));
            Some(Access::AdminKeys(sources.collect()))
        }
        (Some(_), Some(_)) => {
            problems.add("access", "holds both user_ca and admin_keys; keep one of them");
            None
        }
    }
}

fn key_source(path: &str, text: String, problems: &mut Problems) -> Option<KeySource> {
    if PublicKey::looks_like_one(&text) {
        return problems.accept(path, text.parse()).map(KeySource::Inline);
    }
    if text.trim().is_empty() || text.contains('\n') {
        problems.add(path, "is neither a public key nor the path of one");
        return None;
    }
    Some(KeySource::File(text))
}
