//! A report as a table.

use spec::identity::GuestState;
use spec::report::{AuditFinding, AuditReport, Class, GuestRef};

use crate::render::table;

/// The report for people: one line per finding, and a summary.
pub fn render(report: &AuditReport) -> String {
    let counts: Vec<String> = Class::ALL
        .iter()
        .map(|class| format!("{} {}", report.counts.get(class).copied().unwrap_or(0), class.as_str()))
        .collect();
    let summary = format!("{} guests: {}", report.guests, counts.join(", "));
    if report.findings.is_empty() {
        return summary;
    }
    let mut table = table(["class", "what", "value", "guests", "why"]);
    for finding in &report.findings {
        table.add_row(row(finding));
    }
    format!("{table}\n{summary}")
}

fn row(finding: &AuditFinding) -> [String; 5] {
    let guests: Vec<String> = finding.guests.iter().map(guest).collect();
    let class = finding.class.as_str().to_owned();
    [class, finding.kind.clone(), finding.value.clone(), guests.join(", "), finding.why.clone()]
}

fn guest(guest: &GuestRef) -> String {
    let state = match guest.state {
        GuestState::Running => "",
        GuestState::Stopped => ", stopped",
        GuestState::Template => ", template",
    };
    format!("{} ({}{state})", guest.vmid, guest.name)
}
