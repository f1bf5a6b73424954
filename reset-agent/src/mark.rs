//! A run's mark in a guest's description: from the guest's first instant, whatever we made can be told from what
//! others made. Undo, resume and destroy touch nothing without it.

use spec::ids::{CustomerId, RunId};

const PREFIX: &str = "mintmark:run=";

/// The description that a new guest is born with.
pub fn description(customer: &CustomerId, golden: &str, run: &RunId) -> String {
    // A release is free text of a manifest: on a line of its own it could pass for another run's mark.
    let golden = golden.replace(char::is_control, " ");
    format!("Guest of customer {customer}, from golden {golden}.\n{PREFIX}{run}\n")
}

/// Whether a description carries the mark of this run.
pub fn is_of(description: Option<&str>, run: &RunId) -> bool {
    run_of(description) == Some(run.as_str())
}

/// The run that made the guest with this description.
pub fn run_of(description: Option<&str>) -> Option<&str> {
    description?.lines().find_map(|line| line.trim().strip_prefix(PREFIX))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_mark_is_found_whole_or_not_at_all() {
        let run: RunId = "0193f2a4-0000-7000-8000-000000000001".parse().unwrap();
        let other: RunId = "0193f2a4-0000-7000-8000-000000000002".parse().unwrap();
        let text = description(&"acme".parse().unwrap(), "debian13 20261120T100000Z", &run);
        assert!(is_of(Some(&text), &run) && !is_of(Some(&text), &other));
        assert!(!is_of(Some(&text[..text.len() - 3]), &run));
        let forged = description(&"acme".parse().unwrap(), &format!("g 1\n{PREFIX}{other}"), &run);
        assert!(is_of(Some(&forged), &run) && !is_of(Some(&forged), &other));
        assert!(!is_of(None, &run) && !is_of(Some("a note about mintmark:run=x"), &run));
    }
}
