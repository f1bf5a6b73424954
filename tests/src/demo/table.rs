//! The demo's one table: each identity of each guest at its three moments.

use anyhow::{Context, Result};
use comfy_table::presets::UTF8_HORIZONTAL_ONLY;
use comfy_table::{ContentArrangement, LineStyle, Table};
use serde::Deserialize;
use serde_json::Value;
use spec::release::Manifest;

/// What a provision's JSON says of one identity.
#[derive(Debug, Deserialize)]
struct Row {
    what: String,
    restored: Option<String>,
    reset: Option<String>,
    booted: Option<String>,
}

/// One line of the table: the row's name in a provision's JSON, the name of its absence where that has a row of its
/// own, the kind among the golden's forbidden identities, and what the table calls it.
struct Line {
    what: &'static str,
    absence: &'static str,
    golden: &'static str,
    title: &'static str,
}

const LINES: &[Line] = &[
    Line { what: "MAC address (net0)", absence: "", golden: "mac", title: "MAC" },
    Line { what: "IP address", absence: "", golden: "", title: "IP" },
    Line { what: "configured hostname", absence: "", golden: "hostname", title: "hostname" },
    Line { what: "hostname", absence: "", golden: "", title: "  in the guest" },
    Line { what: "machine-id", absence: "", golden: "machine-id", title: "machine-id" },
    Line {
        what: "SSH host key (ssh-ed25519)",
        absence: "SSH host keys",
        golden: "ssh-host-key:ssh-ed25519",
        title: "ed25519 host key",
    },
    Line { what: "Docker engine-id", absence: "", golden: "docker-engine-id", title: "Docker engine-id" },
];

/// The table over the golden's manifest and the answers of `reset-agent provision --json`.
pub(super) fn of(golden: &Manifest, guests: &[Value]) -> Result<Table> {
    let mut table = Table::new();
    table.load_style(UTF8_HORIZONTAL_ONLY.row_separator(LineStyle::none()));
    table.set_content_arrangement(ContentArrangement::Disabled);
    table.set_header(["guest", "identity", "build guest had", "as restored", "after reset", "after boot"]);
    for guest in guests {
        let rows: Vec<Row> = serde_json::from_value(guest["comparison"].clone()).context("a guest's comparison")?;
        let name = format!("{} {}", guest["vmid"], guest["customer"].as_str().unwrap_or_default());
        for (index, line) in LINES.iter().enumerate() {
            let guest = if index == 0 { name.clone() } else { String::new() };
            let moments = moments(&rows, line).map(|value| shown(value.as_deref()));
            table.add_row(
                [vec![guest, line.title.to_owned(), shown(of_golden(golden, line).as_deref())], moments.into()]
                    .concat(),
            );
        }
    }
    Ok(table)
}

fn of_golden(golden: &Manifest, line: &Line) -> Option<String> {
    let identity = golden.forbidden.iter().find(|identity| identity.kind.to_string() == line.golden)?;
    Some(identity.shown())
}

/// The value at the three moments; where there is none, what the row of its absence says.
fn moments(rows: &[Row], line: &Line) -> [Option<String>; 3] {
    let value = |of: fn(&Row) -> &Option<String>| {
        let named = |name: &str| rows.iter().find(|row| row.what == name).and_then(|row| of(row).clone());
        let named = |name: &str| named(name).map(|value| value.replace(", link down", " (down)"));
        named(line.what).or_else(|| named(line.absence))
    };
    [value(|row| &row.restored), value(|row| &row.reset), value(|row| &row.booted)]
}

/// Long values lose their tail: a table must fit its terminal. What is not there is a dash.
fn shown(value: Option<&str>) -> String {
    const WIDTH: usize = 24;
    match value {
        None => "–".to_owned(),
        Some(text) if text.chars().count() <= WIDTH => text.to_owned(),
        Some(text) => text.chars().take(WIDTH - 1).chain(['…']).collect(),
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;
    use spec::identity::{Identity, IdentityKind};

    use super::*;

    fn golden() -> Manifest {
        let mut manifest: Manifest =
            serde_json::from_str(include_str!("../../../spec/fixtures/manifest.json")).unwrap();
        manifest.forbidden = [Identity::new(IdentityKind::Mac, "BC:24:11:00:00:01")].into();
        manifest
    }

    #[test]
    fn every_guest_has_its_rows_beside_the_goldens_and_absence_is_told() {
        let guest = json!({"vmid": 101, "customer": "acme", "comparison": [
            {"what": "machine-id", "restored": "empty", "reset": "empty", "booted": "01234567…"},
            {"what": "SSH host keys", "restored": "absent", "reset": "absent", "booted": null},
            {"what": "SSH host key (ssh-ed25519)", "restored": null, "reset": null, "booted": "SHA256:abc"},
        ]});
        let text = of(&golden(), &[guest]).unwrap().to_string();
        for part in ["101 acme", "01234567…", "–", "BC:24:11:00:00:01", "SHA256:abc", "absent"] {
            assert!(text.contains(part), "{part} is missing:\n{text}");
        }
    }
}
