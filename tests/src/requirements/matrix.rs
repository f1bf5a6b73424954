//! Rows, tests and reasons brought together.

use std::collections::{BTreeMap, BTreeSet};

use serde::Deserialize;

use super::tests::Test;

/// How much a row binds.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize)]
pub enum Priority {
    /// It must hold.
    M,
    /// It should.
    S,
    /// It is out of scope, and that is said.
    O,
}

/// One acceptance row, with what holds it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Row {
    /// `S4-12`, `I3`.
    pub id: String,
    /// How much it binds.
    pub priority: Priority,
    /// What is asked.
    pub text: String,
    /// Its tests: file and name.
    pub tests: BTreeSet<(String, String)>,
    /// Why there is none, or what the tests leave open.
    pub reason: Option<String>,
}

/// Rows of one origin.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Chapter {
    /// What they are about.
    pub title: String,
    /// In order of their numbers.
    pub rows: Vec<Row>,
}

/// Everything, and what is wrong with it.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Matrix {
    /// In order of their names.
    pub chapters: Vec<Chapter>,
    /// Citations, covers and reasons that point nowhere.
    pub wrong: Vec<String>,
}

/// A chapter of `rows.toml`.
#[derive(Deserialize)]
struct Written {
    title: String,
    #[serde(flatten)]
    rows: BTreeMap<String, (Priority, String)>,
}

impl Matrix {
    /// Brings rows, covers, reasons and tests together.
    ///
    /// # Errors
    /// One of the files is not what it should be.
    pub fn of(rows: &str, covers: &str, reasons: &str, tests: &[Test]) -> Result<Self, toml::de::Error> {
        let written: BTreeMap<String, Written> = toml::from_str(rows)?;
        let covers: BTreeMap<String, Vec<String>> = toml::from_str(covers)?;
        let mut reasons: BTreeMap<String, String> = toml::from_str(reasons)?;
        let mut wrong = Vec::new();
        let mut of_row = cited(tests);
        for (id, names) in covers {
            for name in names {
                let meant = tests.iter().find(|test| format!("{}::{}", test.file, test.name) == name);
                let Some(test) = meant else {
                    wrong.push(format!("covers.toml: {id}: there is no test {name}"));
                    continue;
                };
                of_row.entry(id.clone()).or_default().insert((test.file.clone(), test.name.clone()));
            }
        }
        let mut chapters = Vec::new();
        for (origin, Written { title, rows }) in written {
            let rows = rows.into_iter().map(|(number, (priority, text))| {
                let id = if origin.len() > 1 { format!("{origin}-{number}") } else { format!("{origin}{number}") };
                let (tests, reason) = (of_row.remove(&id).unwrap_or_default(), reasons.remove(&id));
                Row { id, priority, text, tests, reason }
            });
            chapters.push(Chapter { title, rows: rows.collect() });
        }
        wrong.extend(of_row.keys().map(|id| format!("{id} is cited and no row: {:?}", of_row[id])));
        wrong.extend(reasons.keys().map(|id| format!("reasons.toml: {id} is no row")));
        Ok(Self { chapters, wrong })
    }

    /// All rows.
    pub fn rows(&self) -> impl Iterator<Item = &Row> {
        self.chapters.iter().flat_map(|chapter| &chapter.rows)
    }

    /// Rows that must hold and have neither a test nor a reason.
    pub fn missing(&self) -> Vec<&Row> {
        let open = |row: &&Row| row.priority == Priority::M && row.tests.is_empty() && row.reason.is_none();
        self.rows().filter(open).collect()
    }
}

fn cited(tests: &[Test]) -> BTreeMap<String, BTreeSet<(String, String)>> {
    let mut of_row: BTreeMap<String, BTreeSet<(String, String)>> = BTreeMap::new();
    for test in tests {
        for row in &test.rows {
            of_row.entry(row.clone()).or_default().insert((test.file.clone(), test.name.clone()));
        }
    }
    of_row
}

#[cfg(test)]
mod cases {
    use super::*;

    #[test]
    fn a_row_without_test_and_reason_is_missing_and_what_points_nowhere_is_told() {
        let rows =
            "[S0]\ntitle = \"t\"\n01 = [\"M\", \"a\"]\n02 = [\"M\", \"b\"]\n03 = [\"M\", \"c\"]\n04 = [\"S\", \"d\"]\n";
        let test = |name: &str, rows: &[&str]| Test {
            file: "a.rs".to_owned(),
            name: name.to_owned(),
            rows: rows.iter().map(|&row| row.to_owned()).collect(),
        };
        let tests = [test("one", &["S0-01", "S0-77"]), test("two", &[])];
        let covers = "S0-02 = [\"a.rs::two\", \"a.rs::gone\"]";
        let matrix = Matrix::of(rows, covers, "S0-66 = \"why\"", &tests).unwrap();
        let missing: Vec<&str> = matrix.missing().iter().map(|row| row.id.as_str()).collect();
        assert_eq!(missing, ["S0-03"]);
        assert_eq!(matrix.wrong.len(), 3, "{:?}", matrix.wrong);
        let reasoned = Matrix::of(rows, "", "S0-02 = \"a\"\nS0-03 = \"b\"", &tests[1..]).unwrap();
        assert_eq!(reasoned.missing().len(), 1);
    }
}
