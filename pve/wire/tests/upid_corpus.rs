//! What Proxmox VE's own code read from texts that look like UPIDs, and what ours reads.

#![expect(clippy::unwrap_used, clippy::panic, reason = "a test that cannot go on must stop")]

use std::fs;
use std::path::Path;

use pve_wire::Upid;
use serde_json::{Value, json};

fn corpus() -> Vec<Value> {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/fixtures/pve-observed/upid.jsonl");
    let text = fs::read_to_string(&path).unwrap_or_else(|error| panic!("{}: {error}", path.display()));
    text.lines().map(|line| serde_json::from_str(line).unwrap()).collect()
}

/// What a text says, in the recording's form; null where it is no UPID.
fn decoded(text: &str) -> Value {
    let Ok(upid) = text.parse::<Upid>() else { return Value::Null };
    json!({"node": upid.node(), "pid": upid.pid(), "pstart": upid.pstart(), "starttime": upid.starttime(),
        "type": upid.kind(), "id": upid.id(), "user": upid.auth_id()})
}

#[test]
fn every_recorded_upid_is_read_or_refused_as_by_proxmox() {
    let rows = corpus();
    let ours = |row: &Value| decoded(row["in"].as_str().unwrap());
    let wrong: Vec<String> = rows
        .iter()
        .filter(|row| ours(row) != row["decoded"])
        .map(|row| format!("{}\n   Proxmox: {}\n   ours:    {}", row["in"], row["decoded"], ours(row)))
        .collect();
    println!("upid.jsonl: {} of {} rows answered as Proxmox does", rows.len() - wrong.len(), rows.len());
    assert!(rows.len() > 150, "{} rows", rows.len());
    assert!(rows.iter().any(|row| row["decoded"].is_null()) && rows.iter().any(|row| row["decoded"].is_object()));
    assert!(wrong.is_empty(), "{} differ:\n{}", wrong.len(), wrong.join("\n"));
}

#[test]
fn every_recorded_upid_prints_back_as_it_was() {
    let read = corpus().into_iter().filter_map(|row| row["in"].as_str().unwrap().parse::<Upid>().ok().zip(Some(row)));
    assert!(read.inspect(|(upid, row)| assert_eq!(upid.as_str(), row["in"].as_str().unwrap())).count() > 40);
}
