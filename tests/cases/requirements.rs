//! The table of requirements, held to the sources: every row that must hold has a test or says why not, nothing points
//! nowhere, and the printed page is the table.
#![expect(clippy::unwrap_used, reason = "a test says what it found by failing")]

use std::fs;

use e2e::requirements::matrix::{Matrix, Row};
use e2e::requirements::page::page;
use e2e::requirements::sources::{all_tests, repository};

fn matrix() -> Matrix {
    let read = |name: &str| fs::read_to_string(repository().join("tests/src/requirements").join(name)).unwrap();
    let tests = all_tests(&repository()).unwrap();
    assert!(tests.len() > 1000, "{} tests were found", tests.len());
    Matrix::of(&read("rows.toml"), &read("covers.toml"), &read("reasons.toml"), &tests).unwrap()
}

#[test]
fn every_row_that_must_hold_has_a_test_or_a_reason() {
    let matrix = matrix();
    let told = |row: &Row| format!("{} {}", row.id, row.text);
    let missing: Vec<String> = matrix.missing().into_iter().map(told).collect();
    assert!(missing.is_empty(), "{} rows have neither a test nor a reason:\n{}", missing.len(), missing.join("\n"));
}

#[test]
fn nothing_points_nowhere() {
    let wrong = matrix().wrong;
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}

#[test]
fn the_printed_page_is_the_table() {
    let file = repository().join("docs/reference/requirements.md");
    let page = page(&matrix());
    if std::env::var_os("BLESS").is_some() {
        fs::write(&file, &page).unwrap();
    }
    let printed = fs::read_to_string(&file).unwrap_or_default();
    assert!(printed == page, "stale: BLESS=1 cargo test -p e2e --test requirements writes it anew");
}
