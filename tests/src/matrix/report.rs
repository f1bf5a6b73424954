//! What the matrix found, for people and for programs.

use std::fmt;

use comfy_table::presets::UTF8_HORIZONTAL_ONLY;
use comfy_table::{ContentArrangement, LineStyle, Table};
use serde::Serialize;
use serde_json::{Value, json};
use spec::exit::Exit;
use spec::identity::Verdict;

/// Characters of a value that the table shows.
const SHOWN: usize = 20;
/// The report's form.
const VERSION: u32 = 1;

/// One application's line.
#[derive(Debug, Clone, Serialize)]
pub(super) struct Row {
    /// The golden that it was in.
    pub(super) golden: &'static str,
    /// The application.
    pub(super) app: &'static str,
    /// Its rows in the survey.
    pub(super) rows: &'static [u16],
    /// What it was known by in the build guest and the two guests.
    pub(super) identities: [String; 3],
    /// Whether it works in the two guests.
    pub(super) works: [bool; 2],
    /// The verdict.
    pub(super) verdict: Verdict,
    /// Why.
    pub(super) why: String,
}

/// All lines.
#[derive(Debug, Clone, Default)]
pub struct Report {
    pub(super) rows: Vec<Row>,
    /// How long each golden took from recipe to judgement, seconds.
    pub(super) seconds: Vec<(&'static str, u64)>,
}

impl Report {
    /// How the run ends: any failure is one, and what could not be verified is not passed over.
    pub fn exit(&self) -> Exit {
        match self.rows.iter().map(|row| row.verdict).max() {
            Some(Verdict::Fail) | None => Exit::Failed,
            Some(Verdict::Unverified) => Exit::Unverified,
            Some(_) => Exit::Done,
        }
    }

    /// As one JSON object.
    pub fn json(&self) -> Value {
        let seconds: Vec<Value> =
            self.seconds.iter().map(|(golden, seconds)| json!({"golden": golden, "seconds": seconds})).collect();
        json!({"version": VERSION, "goldens": seconds, "applications": self.rows})
    }

    fn count(&self, verdict: Verdict) -> usize {
        self.rows.iter().filter(|row| row.verdict == verdict).count()
    }
}

impl fmt::Display for Report {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let mut table = Table::new();
        table.load_style(UTF8_HORIZONTAL_ONLY.row_separator(LineStyle::none()));
        table.set_content_arrangement(ContentArrangement::Disabled);
        table.set_header(["application", "build guest", "guest A", "guest B", "works", "verdict"]);
        table.add_rows(self.rows.iter().map(line));
        writeln!(f, "{table}")?;
        for row in self.rows.iter().filter(|row| row.verdict != Verdict::Pass) {
            writeln!(f, "{}: {}", row.app, row.why)?;
        }
        for (golden, seconds) in &self.seconds {
            writeln!(f, "{golden}: {seconds} s")?;
        }
        let [passed, failed, unverified] = [Verdict::Pass, Verdict::Fail, Verdict::Unverified].map(|v| self.count(v));
        write!(f, "applications: {passed} passed, {failed} failed, {unverified} unverified")
    }
}

fn line(row: &Row) -> [String; 6] {
    let [build, a, b] = row.identities.each_ref().map(|value| shown(value));
    let works = row.works.map(|works| if works { "yes" } else { "no" }).join(", ");
    [row.app.to_owned(), build, a, b, works, word(row.verdict).to_owned()]
}

fn word(verdict: Verdict) -> &'static str {
    match verdict {
        Verdict::Pass => "pass",
        Verdict::Skipped => "skipped",
        Verdict::Unverified => "unverified",
        Verdict::Fail => "FAIL",
    }
}

fn shown(value: &str) -> String {
    if value.is_empty() {
        return "–".to_owned();
    }
    if value.chars().count() <= SHOWN {
        return value.to_owned();
    }
    value.chars().take(SHOWN - 1).chain(['…']).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn report(verdicts: &[Verdict]) -> Report {
        let row = |verdict: &Verdict| Row {
            golden: "g",
            app: "app",
            rows: &[1],
            identities: ["a".into(), "b".repeat(30), String::new()],
            works: [true, false],
            verdict: *verdict,
            why: "because".into(),
        };
        Report { rows: verdicts.iter().map(row).collect(), seconds: Vec::new() }
    }

    #[test]
    fn the_worst_line_decides_and_no_line_is_no_success() {
        for (verdicts, exit) in [
            (vec![], Exit::Failed),
            (vec![Verdict::Pass], Exit::Done),
            (vec![Verdict::Pass, Verdict::Unverified], Exit::Unverified),
            (vec![Verdict::Fail, Verdict::Unverified], Exit::Failed),
        ] {
            assert_eq!(report(&verdicts).exit(), exit, "{verdicts:?}");
        }
    }

    #[test]
    fn it_tells_why_and_counts() {
        let text = report(&[Verdict::Pass, Verdict::Fail]).to_string();
        assert!(text.contains("app: because") && text.contains("1 passed, 1 failed, 0 unverified"), "{text}");
        assert!(text.contains("bbbbbbbbbbbbbbbbbbb…") && text.contains("yes, no"), "{text}");
    }
}
