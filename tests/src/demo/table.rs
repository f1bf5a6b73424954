//! The demo's one table: each identity of each guest at its three moments.

use anyhow::{Context, Result};
use comfy_table::presets::UTF8_HORIZONTAL_ONLY;
use comfy_table::{ContentArrangement, Table};
use serde::Deserialize;
use serde_json::Value;

/// What a provision's JSON says of one identity.
#[derive(Debug, Deserialize)]
struct Row {
    what: String,
    restored: Option<String>,
    reset: Option<String>,
    booted: Option<String>,
}

/// The identities that the table shows, in this order, and what it calls them.
const SHOWN: &[(&str, &str)] = &[
    ("MAC address (net0)", "MAC"),
    ("IP address", "IP"),
    ("configured hostname", "hostname"),
    ("hostname", "  in the guest"),
    ("machine-id", "machine-id"),
    ("SSH host key (ssh-ed25519)", "ed25519 host key"),
    ("Docker engine-id", "Docker engine-id"),
];

/// The table over the answers of `reset-agent provision --json`.
pub(super) fn of(guests: &[Value]) -> Result<Table> {
    let mut table = Table::new();
    table.load_style(UTF8_HORIZONTAL_ONLY).set_content_arrangement(ContentArrangement::Disabled);
    table.set_header(["guest", "identity", "as restored", "after reset", "after boot"]);
    for guest in guests {
        let rows: Vec<Row> = serde_json::from_value(guest["comparison"].clone()).context("a guest's comparison")?;
        let name = format!("{} {}", guest["vmid"], guest["customer"].as_str().unwrap_or_default());
        for (index, (what, title)) in SHOWN.iter().enumerate() {
            let row = rows.iter().find(|row| row.what == *what);
            let cell = |value: fn(&Row) -> &Option<String>| shown(row.and_then(|row| value(row).as_deref()));
            let guest = if index == 0 { name.as_str() } else { "" };
            table.add_row([
                guest,
                title,
                &cell(|row| &row.restored),
                &cell(|row| &row.reset),
                &cell(|row| &row.booted),
            ]);
        }
    }
    Ok(table)
}

/// Long values lose their tail: a table must fit its terminal. What is not there is a dash.
fn shown(value: Option<&str>) -> String {
    const WIDTH: usize = 30;
    match value {
        None => "–".to_owned(),
        Some(text) if text.chars().count() <= WIDTH => text.to_owned(),
        Some(text) => text.chars().take(WIDTH - 1).chain(['…']).collect(),
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn every_guest_has_its_rows_and_absence_is_a_dash() {
        let guest = json!({"vmid": 101, "customer": "acme", "comparison": [
            {"what": "machine-id", "restored": "empty", "reset": "empty", "booted": "01234567…"},
        ]});
        let text = of(&[guest]).unwrap().to_string();
        assert!(text.contains("101 acme") && text.contains("01234567…") && text.contains('–'), "{text}");
    }
}
