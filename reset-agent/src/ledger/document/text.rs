//! The document as a value, and as the lines of a file.

use serde::{Deserialize, Serialize};
use serde_json::Value;
use spec::ids::Sha256Hex;
use thiserror::Error;

use super::row::{Row, fault};
use super::tables::{Table, table};
use crate::ledger::audit_log::Head;

/// The version of the format. It rises when an older program could misunderstand a document.
const VERSION: u32 = 1;

/// A whole ledger.
#[derive(Debug, Clone)]
pub struct Document {
    /// The mark of the fleet key under which its machine-ids are kept: equal marks, equal keys.
    pub fleet_key: String,
    /// The audit log's head.
    pub head: Head,
    pub(super) rows: Vec<(&'static Table, Row)>,
}

#[derive(Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct Header {
    mintmark_ledger: u32,
    fleet_key: String,
}

#[derive(Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct Line {
    table: String,
    row: Row,
}

#[derive(Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct EndLine {
    end: End,
}

#[derive(Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct End {
    rows: usize,
    audit_log: Head,
    sha256: Sha256Hex,
}

/// Why a text is no document that can be used. Nothing was done with it.
#[derive(Debug, Clone, PartialEq, Eq, Error)]
pub enum DocumentError {
    /// It does not begin as one.
    #[error("it is no ledger document: its first line is none of an export")]
    NotOne,
    /// Another format.
    #[error("it has format {found}, and this program reads {VERSION}: take the program that wrote it, or a newer one")]
    Version {
        /// The format's version.
        found: u64,
    },
    /// Its end line is not there.
    #[error("its end line is missing: it was cut off, export it again")]
    CutOff,
    /// It is not what was written.
    #[error("it was changed after it was written: its digest does not fit, export it again")]
    Changed,
    /// A line that is none of a table's.
    #[error("line {line}: {why}: it was written by another version of this program")]
    Line {
        /// Which, from 1.
        line: usize,
        /// What is wrong.
        why: String,
    },
}

impl Document {
    /// How many rows it has.
    pub fn len(&self) -> usize {
        self.rows.len()
    }

    /// Whether it has none.
    pub fn is_empty(&self) -> bool {
        self.rows.is_empty()
    }

    /// Its lines. Equal documents are equal texts.
    ///
    /// # Errors
    /// None that is known: rows are texts and numbers.
    pub fn to_text(&self) -> Result<String, serde_json::Error> {
        let header = Header { mintmark_ledger: VERSION, fleet_key: self.fleet_key.clone() };
        let mut text = serde_json::to_string(&header)? + "\n";
        for (table, row) in &self.rows {
            let line = Line { table: table.name.to_owned(), row: row.clone() };
            text += &serde_json::to_string(&line)?;
            text.push('\n');
        }
        let sha256 = Sha256Hex::of(text.as_bytes());
        let end = End { rows: self.rows.len(), audit_log: self.head.clone(), sha256 };
        text += &serde_json::to_string(&EndLine { end })?;
        text.push('\n');
        Ok(text)
    }

    /// Reads one. Its end is looked at before any of its rows.
    ///
    /// # Errors
    /// [`DocumentError`] says what is wrong with it.
    pub fn read(text: &str) -> Result<Self, DocumentError> {
        let (first, _) = text.split_once('\n').ok_or(DocumentError::NotOne)?;
        let header = header(first)?;
        let lines = text.strip_suffix('\n').ok_or(DocumentError::CutOff)?;
        let (_, last) = lines.rsplit_once('\n').ok_or(DocumentError::CutOff)?;
        let EndLine { end } = serde_json::from_str(last).map_err(|_| DocumentError::CutOff)?;
        let body = &lines[..lines.len() - last.len()];
        if Sha256Hex::of(body.as_bytes()) != end.sha256 {
            return Err(DocumentError::Changed);
        }
        let rows: Result<Vec<_>, _> = body.lines().enumerate().skip(1).map(|(at, line)| row(at + 1, line)).collect();
        let document = Self { fleet_key: header.fleet_key, head: end.audit_log, rows: rows? };
        if document.rows.len() != end.rows || document.last_entry() != (document.head.seq, &document.head.hash) {
            return Err(DocumentError::Changed);
        }
        Ok(document)
    }

    /// The last entry of its audit log; before the first one, as the head of an empty log is written.
    fn last_entry(&self) -> (i64, &str) {
        let mut entries = self.rows.iter().filter(|(table, _)| table.name == "audit_log");
        let last = entries.next_back().map(|(_, row)| row);
        let seq = last.and_then(|row| row.get("seq")).and_then(Value::as_i64);
        let hash = last.and_then(|row| row.get("hash")).and_then(Value::as_str);
        (seq.unwrap_or_default(), hash.unwrap_or(&self.head.hash))
    }
}

fn header(line: &str) -> Result<Header, DocumentError> {
    let value: Value = serde_json::from_str(line).map_err(|_| DocumentError::NotOne)?;
    match value.get("mintmark_ledger").and_then(Value::as_u64) {
        None => Err(DocumentError::NotOne),
        Some(found) if found != u64::from(VERSION) => Err(DocumentError::Version { found }),
        Some(_) => serde_json::from_value(value).map_err(|_| DocumentError::NotOne),
    }
}

fn row(at: usize, line: &str) -> Result<(&'static Table, Row), DocumentError> {
    let wrong = |why| DocumentError::Line { line: at, why };
    let Line { table: name, row } = serde_json::from_str(line).map_err(|error| wrong(error.to_string()))?;
    let table = table(&name).ok_or_else(|| wrong(format!("there is no table {name:?}")))?;
    match fault(table, &row) {
        Some(why) => Err(wrong(why)),
        None => Ok((table, row)),
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    fn document() -> Document {
        let row = |value: Value| value.as_object().unwrap().clone();
        let golden = json!({"golden": "ab", "name": "debian13 1", "kind": "mac", "value": "BC:24:11:00:00:01"});
        let entry = json!({"seq": 1, "entry": "{}", "previous": "0", "hash": "h"});
        let rows = vec![(table("forbidden").unwrap(), row(golden)), (table("audit_log").unwrap(), row(entry))];
        Document { fleet_key: "k".into(), head: Head { seq: 1, hash: "h".into() }, rows }
    }

    #[test]
    fn a_document_survives_its_text() {
        let text = document().to_text().unwrap();
        let again = Document::read(&text).unwrap();
        assert_eq!((again.len(), again.to_text().unwrap()), (2, text));
    }

    /// Wherever it is cut and whichever byte is changed, it is refused.
    #[test]
    fn a_damaged_document_is_refused() {
        let text = document().to_text().unwrap();
        for end in 0..text.len() {
            assert!(Document::read(&text[..end]).is_err(), "cut off at {end}");
        }
        for at in 0..text.len() {
            let mut bytes = text.clone().into_bytes();
            bytes[at] = if bytes[at] == b'7' { b'8' } else { b'7' };
            let changed = String::from_utf8(bytes).unwrap();
            assert!(Document::read(&changed).is_err(), "changed at {at}: {changed}");
        }
    }

    #[test]
    fn what_this_program_does_not_know_is_named() {
        assert_eq!(Document::read("guests\n").unwrap_err(), DocumentError::NotOne);
        let newer = "{\"mintmark_ledger\":2,\"fleet_key\":\"k\"}\n";
        assert_eq!(Document::read(newer).unwrap_err(), DocumentError::Version { found: 2 });
        for (key, value, told) in [("shoe", json!(1), "no column"), ("value", json!(1), "forbidden.value")] {
            let mut other = document();
            other.rows[0].1.insert(key.into(), value);
            let refused = Document::read(&other.to_text().unwrap()).unwrap_err().to_string();
            assert!(refused.starts_with("line 2: ") && refused.contains(told), "{refused}");
        }
    }
}
