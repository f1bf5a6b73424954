//! Password hashes in `/etc/shadow` (shadow(5)).

use super::content::present;
use crate::identity::Seen;

/// No password fits it, and other ways to log in stay open.
const LOCKED: &str = "*";

/// Locks every account whose field lets somebody in, or would after an unlock: a hash, a hash behind `!`, nothing at
/// all. Answers the new text and the accounts that were locked.
pub fn locked(text: &str) -> (String, Vec<String>) {
    let mut accounts = Vec::new();
    let mut out = String::with_capacity(text.len());
    for line in text.split_inclusive('\n') {
        let (entry, end) = line.strip_suffix('\n').map_or((line, ""), |entry| (entry, "\n"));
        let mut fields: Vec<&str> = entry.split(':').collect();
        // An entry cut short lets nobody in, but its hash would travel all the same.
        if let [account, field, ..] = fields.as_mut_slice()
            && !is_locked(field)
        {
            accounts.push((*account).to_owned());
            *field = LOCKED;
        }
        out.push_str(&fields.join(":"));
        out.push_str(end);
    }
    (out, accounts)
}

/// `*`, `!`, `!!`, `!*`: nothing but marks that match no password.
fn is_locked(field: &str) -> bool {
    !field.is_empty() && field.bytes().all(|byte| byte == b'*' || byte == b'!')
}

/// Reads the content of a shadow file: names of accounts, never hashes.
pub fn seen(text: &str) -> Seen {
    let (_, accounts) = locked(text);
    if accounts.is_empty() {
        return Seen::Empty;
    }
    present(text.len(), Some(format!("a password or its hash for {}", accounts.join(", "))))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn hashes_and_open_doors_are_locked_and_nothing_else_changes() {
        let text = "root:$y$j9T$abc$def:19000:0:99999:7:::\ndaemon:*:19000:0:99999:7:::\nold:!$6$salt$hash:1::::::\nopen::1::::::\nsshd:!*:1::::::\nshort:$y$hash\nbroken line\n";
        let (after, accounts) = locked(text);
        assert_eq!(accounts, ["root", "old", "open", "short"]);
        assert_eq!(
            after,
            "root:*:19000:0:99999:7:::\ndaemon:*:19000:0:99999:7:::\nold:*:1::::::\nopen:*:1::::::\nsshd:!*:1::::::\nshort:*\nbroken line\n"
        );
        assert_eq!(locked(&after), (after.clone(), vec![]));
        assert!(!seen(text).in_words().contains("$y$"));
        assert_eq!(seen(&after), Seen::Empty);
    }
}
