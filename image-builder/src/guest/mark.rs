//! The mark by which a build guest is known as its build's: a line in its description, from birth.

use spec::ids::GoldenName;
use uuid::Uuid;

/// What the line begins with; the build's nonce follows.
const MARK: &str = "mintmark-build: ";

/// The description of a build guest.
pub(super) fn description(golden: &GoldenName, nonce: Uuid) -> String {
    format!("Build of {golden}\n{MARK}{nonce}")
}

/// Whether a description carries this build's mark.
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
        let description = description(&"debian13-docker".parse().unwrap(), nonce);
        assert!(is_marked(Some(&description), nonce));
        // Proxmox ends a description with a line break.
        assert!(is_marked(Some(&format!("{description}\n")), nonce));
        assert!(!is_marked(Some(&description), Uuid::new_v4()));
        assert!(!is_marked(Some("a customer's guest"), nonce));
        assert!(!is_marked(None, nonce));
    }
}
