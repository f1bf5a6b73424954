//! What came of a run, for people.

use std::collections::BTreeMap;

use spec::identity::{Finding, Verdict};

use super::table::comparison;
use crate::outcome::{End, Outcome};
use crate::rotation::Todo;
use crate::sagas::DESTROY;

/// A run's outcome: a sentence, the three moments, and what is no pass.
pub fn outcome(outcome: &Outcome) -> String {
    let mut text = sentence(outcome);
    if let Some(moments) = &outcome.comparison {
        text.push('\n');
        text.push_str(&comparison(moments));
    }
    for ((verdict, why), items) in grouped(&outcome.findings) {
        text = format!("{text}\n{}: {}: {why}", verdict_word(verdict), items.join(", "));
    }
    if !outcome.checklist.is_empty() {
        text.push_str("\nto look after, since the lost guest may be in other hands:");
    }
    for Todo { what, why, todo } in &outcome.checklist {
        text = format!("{text}\n- {what} ({why}): {todo}");
    }
    text
}

/// The same in one line.
pub fn outcome_line(outcome: &Outcome) -> String {
    sentence(outcome).replace('\n', "; ")
}

/// Findings that say the same, together.
fn grouped(findings: &[Finding]) -> BTreeMap<(Verdict, &str), Vec<&str>> {
    let mut groups: BTreeMap<(Verdict, &str), Vec<&str>> = BTreeMap::new();
    for finding in findings {
        groups.entry((finding.verdict, &finding.why)).or_default().push(&finding.item);
    }
    groups
}

fn verdict_word(verdict: Verdict) -> &'static str {
    match verdict {
        Verdict::Pass => "pass",
        Verdict::Skipped => "skipped",
        Verdict::Unverified => "unverified",
        Verdict::Fail => "fail",
    }
}

fn sentence(outcome: &Outcome) -> String {
    match &outcome.end {
        End::Done => done(outcome),
        End::RolledBack { reason } if outcome.plan == DESTROY => {
            format!("{} of customer {} is not destroyed: {reason}", guest(outcome), customer(outcome))
        }
        End::RolledBack { reason } => {
            format!("no guest for customer {}, everything is undone: {reason}", customer(outcome))
        }
        End::Parked { reason, command } => format!("parked: {reason}\nto do: {command}"),
        End::Unfinished => {
            format!("run {} ({}) for customer {} is unfinished", outcome.run, outcome.plan, customer(outcome))
        }
    }
}

fn done(outcome: &Outcome) -> String {
    let (customer, guest) = (customer(outcome), guest(outcome));
    match outcome.verdict {
        Some(Verdict::Pass) if outcome.existing => format!("customer {customer} has {guest} already"),
        Some(Verdict::Pass) => format!("customer {customer} has {guest}, verified"),
        Some(_) => format!("customer {customer} has {guest}, not verified: it is not `active`"),
        None if outcome.plan == DESTROY => format!("{guest} of customer {customer} is destroyed"),
        None => format!("{} of {guest} for customer {customer} is done", outcome.plan),
    }
}

fn guest(outcome: &Outcome) -> String {
    let name = outcome.hostname.as_ref().map(|name| format!(" ({name})")).unwrap_or_default();
    match (outcome.vmid, outcome.address) {
        (Some(vmid), Some(address)) => format!("guest {vmid}{name} at {address}"),
        (Some(vmid), None) => format!("guest {vmid}{name}"),
        _ => format!("the guest{name}"),
    }
}

fn customer(outcome: &Outcome) -> &str {
    outcome.customer.as_ref().map_or("-", |customer| customer.as_str())
}
