//! The mark by which a scratch guest is known as its maker's: a line in its description, from birth.

use uuid::Uuid;

/// What the line begins with; the guest's nonce follows.
const MARK: &str = "mintmark-scratch: ";

/// The description of a scratch guest: what it is for, in one line, and the mark.
pub(super) fn description(purpose: &str, nonce: Uuid) -> String {
    format!("{purpose}\n{MARK}{nonce}")
}

/// Whether a description carries this mark.
pub(super) fn is_marked(description: Option<&str>, nonce: Uuid) -> bool {
    let mark = format!("{MARK}{nonce}");
    description.is_some_and(|text| text.lines().any(|line| line.trim() == mark))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_the_own_nonce_is_a_mark() {
        let nonce = Uuid::new_v4();
        let description = description("Build of debian13-docker", nonce);
        assert!(is_marked(Some(&description), nonce));
        // Proxmox ends a description with a line break.
        assert!(is_marked(Some(&format!("{description}\n")), nonce));
        assert!(!is_marked(Some(&description), Uuid::new_v4()));
        assert!(!is_marked(Some("a customer's guest"), nonce));
        assert!(!is_marked(None, nonce));
    }
}
