//! Which tables a document carries: named here, never drawn in from a database or a document.

use serde_json::Value;

use super::row::Row;

/// What a column holds.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Holds {
    Text,
    Number,
    TextOrNothing,
    NumberOrNothing,
}

/// A column.
#[derive(Debug, Clone, Copy)]
pub(super) struct Column {
    pub(super) name: &'static str,
    pub(super) holds: Holds,
}

/// Columns whose values no two rows share, among those rows for which it counts.
#[derive(Debug, Clone, Copy)]
pub(super) struct Alone {
    pub(super) columns: &'static [&'static str],
    pub(super) among: fn(&Row) -> bool,
}

/// A table.
#[derive(Debug)]
pub(super) struct Table {
    pub(super) name: &'static str,
    pub(super) columns: &'static [Column],
    /// By which its rows are known.
    pub(super) key: &'static [&'static str],
    pub(super) alone: &'static [Alone],
    /// Columns that belong to one database only, with what a new row has there.
    pub(super) fixed: &'static [(&'static str, &'static str)],
}

impl Table {
    const fn new(name: &'static str, key: &'static [&'static str], columns: &'static [Column]) -> Self {
        Self { name, columns, key, alone: &[], fixed: &[] }
    }

    const fn alone(self, alone: &'static [Alone]) -> Self {
        Self { alone, ..self }
    }

    const fn fixed(self, fixed: &'static [(&'static str, &'static str)]) -> Self {
        Self { fixed, ..self }
    }
}

const fn text(name: &'static str) -> Column {
    Column { name, holds: Holds::Text }
}

const fn number(name: &'static str) -> Column {
    Column { name, holds: Holds::Number }
}

const fn text_or_nothing(name: &'static str) -> Column {
    Column { name, holds: Holds::TextOrNothing }
}

const fn number_or_nothing(name: &'static str) -> Column {
    Column { name, holds: Holds::NumberOrNothing }
}

fn always(_: &Row) -> bool {
    true
}

fn is_live(row: &Row) -> bool {
    !matches!(row.get("state").and_then(Value::as_str), Some("released" | "destroyed"))
}

fn is_for_ever(row: &Row) -> bool {
    row.get("for_ever").and_then(Value::as_i64) == Some(1)
}

fn is_held(row: &Row) -> bool {
    row.get("retired_at").is_none_or(Value::is_null)
}

fn is_ready(row: &Row) -> bool {
    row.get("state").and_then(Value::as_str) == Some("ready")
}

fn is_claimed(row: &Row) -> bool {
    row.get("claim").is_some_and(|claim| !claim.is_null())
}

/// The tables, those first to which others point.
pub(super) const TABLES: &[Table] = &[
    // Fence, holder and lease are matters of the one ledger in which a run is worked on.
    Table::new(
        "runs",
        &["run"],
        &[
            text("run"),
            text("plan"),
            number("version"),
            text_or_nothing("outcome"),
            text("opened_at"),
            text("updated_at"),
        ],
    )
    .fixed(&[("fence", "1"), ("holder", "'an import'")]),
    Table::new("events", &["run", "seq"], &[text("run"), number("seq"), text("at"), text("record")]),
    Table::new(
        "guests",
        &["id"],
        &[
            number("id"),
            text("customer"),
            number("vmid"),
            text("node"),
            text("hostname"),
            text("golden"),
            text("run"),
            text("state"),
            text("created_at"),
            text("updated_at"),
        ],
    )
    .alone(&[Alone { columns: &["customer"], among: is_live }, Alone { columns: &["vmid"], among: is_live }]),
    Table::new(
        "identities",
        &["id"],
        &[
            number("id"),
            text("kind"),
            text("value"),
            number("guest"),
            number("for_ever"),
            text("recorded_at"),
            text_or_nothing("retired_at"),
        ],
    )
    .alone(&[
        Alone { columns: &["kind", "value"], among: is_for_ever },
        Alone { columns: &["kind", "value"], among: is_held },
    ]),
    Table::new("rebuilt", &["guest"], &[number("guest"), text("why"), text("rebuilt_at")]),
    Table::new("forbidden", &["golden", "kind", "value"], &[text("golden"), text("name"), text("kind"), text("value")]),
    Table::new(
        "channels_seen",
        &["golden", "channel"],
        &[text("golden"), text("channel"), number("serial"), text("sha256"), text("seen_at")],
    ),
    Table::new("logs_seen", &["golden"], &[text("golden"), number("line"), text("sha256"), text("seen_at")]),
    Table::new(
        "warm",
        &["guest"],
        &[
            number("guest"),
            text("manifest"),
            text("golden"),
            text("title"),
            text("node"),
            text("storage"),
            text("size"),
            text("fingerprint"),
            text("state"),
            text("updated_at"),
        ],
    )
    .alone(&[Alone { columns: &["manifest", "node", "storage"], among: is_ready }]),
    Table::new(
        "pool",
        &["guest"],
        &[
            number("guest"),
            text("golden"),
            text("release"),
            text("made_by"),
            text_or_nothing("claim"),
            text("state"),
            text("updated_at"),
        ],
    )
    .alone(&[Alone { columns: &["claim"], among: is_claimed }]),
    Table::new(
        "customers",
        &["customer"],
        &[
            text("customer"),
            text("hostname"),
            text("secrets"),
            text("status"),
            number_or_nothing("guest"),
            number_or_nothing("vmid"),
            text_or_nothing("node"),
            text_or_nothing("rootfs"),
            number_or_nothing("delivered"),
            text_or_nothing("delivered_at"),
            text("registered_at"),
            text("updated_at"),
        ],
    )
    .alone(&[Alone { columns: &["hostname"], among: always }, Alone { columns: &["secrets"], among: always }]),
    Table::new(
        "host_certificates",
        &["serial"],
        &[
            text("serial"),
            text("ca"),
            number("guest"),
            text("run"),
            text("key_id"),
            text("host_key"),
            number("valid_before"),
            number("replaced"),
            text("issued_at"),
        ],
    ),
    Table::new(
        "api_tokens",
        &["id"],
        &[
            text("id"),
            text("name"),
            text_or_nothing("tenant"),
            text("digest"),
            text("scopes"),
            text("created_at"),
            text("expires_at"),
            text_or_nothing("revoked_at"),
        ],
    ),
    Table::new(
        "api_requests",
        &["tenant", "key"],
        &[
            text("tenant"),
            text("key"),
            text("body"),
            text("customer"),
            text("run"),
            text("plan"),
            text("input"),
            number("existing"),
            text("accepted_at"),
        ],
    ),
    Table::new(
        "api_audits",
        &["id"],
        &[
            text("id"),
            text("began_at"),
            text_or_nothing("ended_at"),
            text_or_nothing("exit"),
            text_or_nothing("report"),
        ],
    ),
    Table::new("audit_log", &["seq"], &[number("seq"), text("entry"), text("previous"), text("hash")]),
];

/// Tables that a document does not carry: the fleet key and the latest time seen belong to the one ledger, whose turn
/// it is to the runs of the moment, the rest to the database.
const LEFT_OUT: [&str; 4] = ["meta", "turns", "_sqlx_migrations", "sqlite_sequence"];

/// The table of this name.
pub(super) fn table(name: &str) -> Option<&'static Table> {
    TABLES.iter().find(|table| table.name == name)
}

/// The names of the tables that a document carries.
pub fn exported_tables() -> impl Iterator<Item = &'static str> {
    TABLES.iter().map(|table| table.name)
}

/// The names of the tables that it does not carry.
pub fn left_out_tables() -> impl Iterator<Item = &'static str> {
    LEFT_OUT.into_iter()
}
