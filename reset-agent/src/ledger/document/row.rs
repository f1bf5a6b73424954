//! One row: out of a database, out of a document, into a database.

use serde_json::{Map, Value};
use sqlx::any::AnyRow;
use sqlx::{AnyConnection, AssertSqlSafe};

use super::tables::{Column, Holds, Table};

/// Column → value.
pub(super) type Row = Map<String, Value>;

/// A part of a key; numbers in their order, texts by their bytes whatever a database's collation says.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum Part {
    Nothing,
    Number(i64),
    Text(String),
}

/// The values of some columns.
pub(super) fn parts(row: &Row, columns: &[&str]) -> Vec<Part> {
    let part = |column: &&str| match row.get(*column) {
        Some(Value::Number(number)) => number.as_i64().map_or(Part::Nothing, Part::Number),
        Some(Value::String(text)) => Part::Text(text.clone()),
        _ => Part::Nothing,
    };
    columns.iter().map(part).collect()
}

/// Why a row of a document is none of its table's.
pub(super) fn fault(table: &Table, row: &Row) -> Option<String> {
    let unknown = row.keys().find(|name| !table.columns.iter().any(|column| column.name == *name));
    if let Some(unknown) = unknown {
        return Some(format!("{} has no column {unknown:?}", table.name));
    }
    let wrong = table.columns.iter().find(|column| !fits(column, row.get(column.name)));
    wrong.map(|column| format!("{}.{} is missing or of another type", table.name, column.name))
}

fn fits(column: &Column, value: Option<&Value>) -> bool {
    match (column.holds, value) {
        (Holds::Text | Holds::TextOrNothing, Some(Value::String(_)))
        | (Holds::TextOrNothing | Holds::NumberOrNothing, Some(Value::Null)) => true,
        (Holds::Number | Holds::NumberOrNothing, Some(Value::Number(number))) => number.as_i64().is_some(),
        _ => false,
    }
}

/// All rows of a table, in the order of its key.
pub(super) async fn read_all(conn: &mut AnyConnection, table: &Table) -> Result<Vec<Row>, sqlx::Error> {
    let names: Vec<&str> = table.columns.iter().map(|column| column.name).collect();
    // Only names that stand in this program.
    let sql = format!("SELECT {} FROM {}", names.join(", "), table.name);
    let rows = sqlx::query(AssertSqlSafe(sql)).fetch_all(conn).await?;
    let rows: Result<Vec<Row>, _> = rows.iter().map(|row| read(table, row)).collect();
    let mut rows = rows?;
    rows.sort_by_cached_key(|row| parts(row, table.key));
    Ok(rows)
}

fn read(table: &Table, row: &AnyRow) -> Result<Row, sqlx::Error> {
    use sqlx::Row as _;
    let cell = |column: &Column| {
        let value = match column.holds {
            Holds::Text => row.try_get::<String, _>(column.name)?.into(),
            Holds::Number => row.try_get::<i64, _>(column.name)?.into(),
            Holds::TextOrNothing => row.try_get::<Option<String>, _>(column.name)?.into(),
            Holds::NumberOrNothing => row.try_get::<Option<i64>, _>(column.name)?.into(),
        };
        Ok((column.name.to_owned(), value))
    };
    table.columns.iter().map(cell).collect()
}

/// Writes a new row.
pub(super) async fn insert(conn: &mut AnyConnection, table: &Table, row: &Row) -> Result<(), sqlx::Error> {
    let own = table.columns.iter().map(|column| column.name);
    let names: Vec<&str> = own.chain(table.fixed.iter().map(|(name, _)| *name)).collect();
    let placeholders = (1..=table.columns.len()).map(|n| format!("${n}"));
    let values: Vec<String> = placeholders.chain(table.fixed.iter().map(|(_, value)| (*value).to_owned())).collect();
    let sql = format!("INSERT INTO {} ({}) VALUES ({})", table.name, names.join(", "), values.join(", "));
    let mut query = sqlx::query(AssertSqlSafe(sql));
    for column in table.columns {
        let value = row.get(column.name);
        query = match column.holds {
            Holds::Text | Holds::TextOrNothing => query.bind(value.and_then(Value::as_str).map(ToOwned::to_owned)),
            Holds::Number | Holds::NumberOrNothing => query.bind(value.and_then(Value::as_i64)),
        };
    }
    query.execute(conn).await.map(|_| ())
}
