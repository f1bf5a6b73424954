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

/// What a description tells of the guest that a run made.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Mark {
    /// The run.
    pub run: RunId,
    /// Whose it is; none where a person wrote over it.
    pub customer: Option<CustomerId>,
    /// What it was made from; empty where a person wrote over it.
    pub golden: String,
}

/// The whole mark of a description, if it bears one.
pub fn read(description: Option<&str>) -> Option<Mark> {
    let run = run_of(description)?.parse().ok()?;
    let told = description?.lines().find_map(|line| line.trim().strip_prefix("Guest of customer ")?.strip_suffix('.'));
    let (customer, golden) = told.and_then(|told| told.split_once(", from golden ")).unwrap_or_default();
    Some(Mark { run, customer: customer.parse().ok(), golden: golden.to_owned() })
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
        let golden = "debian13 20261120T100000Z".to_owned();
        assert_eq!(read(Some(&text)), Some(Mark { run: run.clone(), customer: "acme".parse().ok(), golden }));
        let written_over = format!("a note\n{PREFIX}{run}\n");
        assert_eq!(read(Some(&written_over)).unwrap().customer, None);
        assert_eq!(read(Some("Guest of customer acme, from golden g.")), None);
        assert!(!is_of(None, &run) && !is_of(Some("a note about mintmark:run=x"), &run));
    }
}
