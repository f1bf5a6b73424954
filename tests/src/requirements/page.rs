//! The matrix as a page for people: `docs/reference/requirements.md`, and a test holds them together.

use std::collections::BTreeMap;
use std::fmt::Write;

use super::matrix::{Matrix, Priority, Row};

/// The page.
pub fn page(matrix: &Matrix) -> String {
    let rows: Vec<&Row> = matrix.rows().collect();
    let must = rows.iter().filter(|row| row.priority == Priority::M);
    let (tested, all) = (must.clone().filter(|row| !row.tests.is_empty()).count(), must.count());
    let mut text = format!(
        "# Which test holds which requirement\n\n\
         Made from the tests' names and comments and from `tests/src/requirements/*.toml`; \
         `BLESS=1 cargo test -p e2e --test requirements` writes it anew. M must hold, S should, O is out of scope.\n\n\
         {} rows, {all} of them M: {tested} with tests, the others with a reason. \
         That the tests pass is what `make test` shows.\n",
        rows.len(),
    );
    for chapter in &matrix.chapters {
        // Writing to a String cannot fail.
        let _ = write!(text, "\n## {}\n\n| Row | | What is asked | Tests |\n|---|---|---|---|\n", chapter.title);
        for row in &chapter.rows {
            let _ = writeln!(text, "| {} | {:?} | {} | {} |", row.id, row.priority, row.text, held_by(row));
        }
    }
    text
}

fn held_by(row: &Row) -> String {
    let mut of_file: BTreeMap<&str, Vec<String>> = BTreeMap::new();
    for (file, name) in &row.tests {
        of_file.entry(file).or_default().push(format!("`{name}`"));
    }
    let files = of_file.into_iter().map(|(file, names)| format!("{file}: {}", names.join(", ")));
    let reason = match (&row.reason, row.tests.is_empty()) {
        (Some(reason), true) => Some(format!("*No test.* {reason}")),
        (Some(reason), false) => Some(format!("*Left open.* {reason}")),
        (None, true) => Some("*none*".to_owned()),
        (None, false) => None,
    };
    files.chain(reason).collect::<Vec<_>>().join("<br>")
}
