//! Password hashes in `/etc/shadow` (shadow(5)).

use spec::identity::Seen;

/// No password fits it, and other ways to log in stay open.
const LOCKED: &str = "*";

/// Locks every account whose field lets somebody in, or would after an unlock: a hash, a hash behind `!`, nothing at
/// all. Answers the new text and the accounts that were locked.
pub fn locked(text: &str) -> (String, Vec<String>) {
    let mut accounts = Vec::new();
    let mut out = String::with_capacity(text.len());
    for line in text.split_inclusive('\n') {
        match line.split(':').collect::<Vec<_>>().as_mut_slice() {
            [account, field, rest @ ..] if !rest.is_empty() && !is_locked(field) => {
                accounts.push((*account).to_owned());
                *field = LOCKED;
                out.push_str(&[&[*account, *field], &*rest].concat().join(":"));
            }
            _ => out.push_str(line),
        }
    }
    (out, accounts)
}

/// `*`, `!`, `!!`, `!*`: nothing but marks that match no password.
fn is_locked(field: &str) -> bool {
    !field.is_empty() && field.bytes().all(|byte| byte == b'*' || byte == b'!')
}

/// Reads the content of a shadow file: names of accounts, never hashes.
pub fn reading(text: &str) -> Seen {
    let (_, accounts) = locked(text);
    if accounts.is_empty() {
        return Seen::Empty;
    }
    Seen::Present {
        bytes: u64::try_from(text.len()).unwrap_or(u64::MAX),
        note: Some(format!("a password or its hash for {}", accounts.join(", "))),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn hashes_and_open_doors_are_locked_and_nothing_else_changes() {
        let text = "root:$y$j9T$abc$def:19000:0:99999:7:::\ndaemon:*:19000:0:99999:7:::\nold:!$6$salt$hash:1::::::\nopen::1::::::\nsshd:!*:1::::::\nbroken line\n";
        let (after, accounts) = locked(text);
        assert_eq!(accounts, ["root", "old", "open"]);
        assert_eq!(
            after,
            "root:*:19000:0:99999:7:::\ndaemon:*:19000:0:99999:7:::\nold:*:1::::::\nopen:*:1::::::\nsshd:!*:1::::::\nbroken line\n"
        );
        assert_eq!(locked(&after), (after.clone(), vec![]));
        assert!(!reading(text).in_words().contains("$y$"));
        assert_eq!(reading(&after), Seen::Empty);
    }
}
