//! A report as a table.

use spec::report::{AuditFinding, AuditReport};

use crate::render::table;

/// The report for people: a summary, and one line per finding.
pub fn render(report: &AuditReport) -> String {
    let summary = report.headline();
    if report.findings.is_empty() {
        return summary;
    }
    let mut table = table(["class", "what", "value", "guests", "origin", "why"]);
    for finding in &report.findings {
        table.add_row(row(finding));
    }
    format!("{summary}\n{table}")
}

fn row(finding: &AuditFinding) -> [String; 6] {
    let guests: Vec<String> = finding.guests.iter().map(ToString::to_string).collect();
    let class = finding.class.as_str();
    let class = if finding.counts() { class.to_owned() } else { format!("{class} (accepted)") };
    let origin = finding.origin.as_ref().map(|origin| origin.from.to_string()).unwrap_or_default();
    [class, finding.kind.clone(), finding.value.clone(), guests.join(", "), origin, finding.why.clone()]
}
