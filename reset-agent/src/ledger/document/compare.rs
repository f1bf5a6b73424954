//! What of a document is new to a ledger, what is the same, and what is in the way.

use std::collections::{BTreeMap, BTreeSet};
use std::fmt;

use serde::Serialize;
use serde_json::Value;

use super::row::{Part, Row, parts};
use super::tables::Table;

/// A row of the document that does not fit the ledger.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[serde(tag = "difference", rename_all = "kebab-case")]
pub enum Difference {
    /// The ledger has the row, with another value.
    Other {
        /// Table and key.
        row: String,
        /// The column.
        column: &'static str,
        /// As the ledger has it.
        ledger: String,
        /// As the document has it.
        document: String,
    },
    /// Another row has what only one may have.
    Taken {
        /// Table and key of the document's row.
        row: String,
        /// What.
        what: String,
        /// Table and key of the other.
        by: String,
    },
    /// A run that is not over: it belongs to the ledger in which it was begun.
    Unfinished {
        /// The run.
        run: String,
    },
}

impl fmt::Display for Difference {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Other { row, column, ledger, document } => {
                write!(f, "{row}: {column} is {ledger} in the ledger and {document} in the document")
            }
            Self::Taken { row, what, by } => write!(f, "{row}: {what} is that of {by}"),
            Self::Unfinished { run } => write!(
                f,
                "run {run} is unfinished: end it where it was begun (`reset-agent resume` or `abort`), then export again"
            ),
        }
    }
}

/// A table of the ledger held against the same table of a document.
pub(super) struct Compared<'a> {
    /// Rows that the ledger does not have.
    pub(super) new: Vec<&'a Row>,
    /// How many it has already.
    pub(super) same: usize,
    pub(super) differences: Vec<Difference>,
}

/// Compares.
pub(super) fn compare<'a>(table: &Table, ledger: &[Row], document: &[&'a Row]) -> Compared<'a> {
    let known: BTreeMap<Vec<Part>, &Row> = ledger.iter().map(|row| (parts(row, table.key), row)).collect();
    let mut compared = Compared { new: Vec::new(), same: 0, differences: Vec::new() };
    let mut seen = BTreeSet::new();
    for row in document {
        let key = parts(row, table.key);
        match known.get(&key) {
            Some(known) if *known == *row => compared.same += 1,
            Some(known) => compared.differences.extend(others(table, known, row)),
            None if seen.insert(key) => {
                compared.differences.extend(unfinished(table, row));
                compared.new.push(row);
            }
            None => compared.differences.push(Difference::Taken {
                row: name(table, row),
                what: "its place".to_owned(),
                by: "an earlier row of the document".to_owned(),
            }),
        }
    }
    let taken = taken(table, ledger, &compared.new);
    compared.differences.extend(taken);
    compared
}

fn others(table: &Table, ledger: &Row, document: &Row) -> Vec<Difference> {
    let differs = table.columns.iter().filter(|column| ledger.get(column.name) != document.get(column.name));
    let told = |row: &Row, column: &str| row.get(column).map_or_else(String::new, shown);
    differs
        .map(|column| Difference::Other {
            row: name(table, ledger),
            column: column.name,
            ledger: told(ledger, column.name),
            document: told(document, column.name),
        })
        .collect()
}

fn unfinished(table: &Table, row: &Row) -> Option<Difference> {
    let unfinished = table.name == "runs" && row.get("outcome").is_none_or(Value::is_null);
    let run = row.get("run").and_then(Value::as_str).unwrap_or_default();
    unfinished.then(|| Difference::Unfinished { run: run.to_owned() })
}

/// New rows that want what another row has.
fn taken(table: &Table, ledger: &[Row], new: &[&Row]) -> Vec<Difference> {
    let mut differences = Vec::new();
    for alone in table.alone {
        let counts = |row: &&Row| (alone.among)(row);
        let mut holders: BTreeMap<Vec<Part>, &Row> =
            ledger.iter().filter(counts).map(|row| (parts(row, alone.columns), row)).collect();
        for row in new.iter().copied().filter(counts) {
            if let Some(holder) = holders.insert(parts(row, alone.columns), row) {
                let values = alone.columns.iter().filter_map(|column| row.get(*column)).map(shown);
                differences.push(Difference::Taken {
                    row: name(table, row),
                    what: format!("{} {}", alone.columns.join(", "), values.collect::<Vec<_>>().join(", ")),
                    by: name(table, holder),
                });
            }
        }
    }
    differences
}

fn name(table: &Table, row: &Row) -> String {
    let key = table.key.iter().filter_map(|column| row.get(*column)).map(shown);
    format!("{} {}", table.name, key.collect::<Vec<_>>().join("/"))
}

/// A value in a line for people.
fn shown(value: &Value) -> String {
    const LONGEST: usize = 60;
    let text = match value {
        Value::Null => "nothing".to_owned(),
        Value::String(text) => format!("{text:?}"),
        other => other.to_string(),
    };
    match text.char_indices().nth(LONGEST) {
        Some((end, _)) => format!("{}…", &text[..end]),
        None => text,
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::super::tables::table;
    use super::*;

    fn guest(id: i64, customer: &str, vmid: i64, state: &str) -> Row {
        let row = json!({"id": id, "customer": customer, "vmid": vmid, "node": "pve", "hostname": "h", "golden": "g",
                         "run": "r", "state": state, "created_at": "", "updated_at": ""});
        row.as_object().unwrap().clone()
    }

    fn told(ledger: &[Row], document: &[Row]) -> (usize, usize, Vec<String>) {
        let document: Vec<&Row> = document.iter().collect();
        let Compared { new, same, differences } = compare(table("guests").unwrap(), ledger, &document);
        (new.len(), same, differences.iter().map(ToString::to_string).collect())
    }

    #[test]
    fn each_difference_is_told_by_itself() {
        let ledger = [guest(1, "acme", 200, "active"), guest(2, "globex", 201, "destroyed")];
        assert_eq!(told(&ledger, &ledger), (0, 2, vec![]));
        let other = [guest(1, "acme", 200, "destroyed"), guest(3, "initech", 201, "active")];
        assert_eq!(
            told(&ledger, &other),
            (1, 0, vec![r#"guests 1: state is "active" in the ledger and "destroyed" in the document"#.to_owned()])
        );
        let (_, _, differences) = told(&ledger, &[guest(3, "acme", 200, "active"), guest(3, "x", 203, "active")]);
        assert_eq!(differences.len(), 3, "customer, VMID and place: {differences:?}");
        assert!(differences.iter().any(|told| told == r#"guests 3: customer "acme" is that of guests 1"#));
    }
}
