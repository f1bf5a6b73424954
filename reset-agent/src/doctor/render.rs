//! The checks as a table.

use spec::identity::Verdict;

use super::examine::Diagnosis;
use crate::render::table;

/// The checks for people, one line each.
pub fn render(diagnosis: &Diagnosis) -> String {
    let mut table = table(["", "check", "found", "blocks"]);
    for check in &diagnosis.checks {
        let mark = match check.verdict {
            Verdict::Pass => "ok",
            Verdict::Skipped => "skipped",
            Verdict::Unverified => "unverified",
            Verdict::Fail => "missing",
        };
        table.add_row([mark, &check.what, &check.why, &check.blocks]);
    }
    table.to_string()
}
