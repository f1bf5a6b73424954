//! Parameter sets that Proxmox VE's schema check was asked about, and what it answered.

#![expect(clippy::unwrap_used, reason = "a test says what it found by failing")]

use std::collections::BTreeMap;

use pve_wire::api::{Given, Parameters, Verb, check, find};
use serde::Deserialize;
use serde_json::Value;

#[derive(Deserialize)]
struct Row {
    method: String,
    path: String,
    params: BTreeMap<String, Value>,
    ok: u8,
    errors: Option<BTreeMap<String, String>>,
}

fn text(value: &Value) -> String {
    match value {
        Value::String(text) => text.clone(),
        // A long text, written short.
        Value::Object(long) => {
            let times = usize::try_from(long["times"].as_u64().unwrap()).unwrap();
            long["repeat"].as_str().unwrap().repeat(times)
        }
        other => other.to_string(),
    }
}

/// What our check says of the row; nothing where it agrees with Proxmox.
fn difference(row: &Row) -> Option<String> {
    let segments: Vec<String> = row.path.split('/').skip(1).map(str::to_owned).collect();
    let (method, variables) = find(Verb::of(&row.method).unwrap(), &segments)?;
    let given = row.params.iter().map(|(key, value)| (key.clone(), text(value))).chain(variables);
    let given: Parameters = given.map(|(key, value)| (key, Given::One(value))).collect();
    let errors = check(method, &given).err().unwrap_or_default();
    let expected = row.errors.clone().unwrap_or_default();
    assert_eq!(row.ok == 1, expected.is_empty());
    (errors != expected).then(|| format!("{} {}\n  ours    {errors:?}\n  Proxmox {expected:?}", row.method, row.path))
}

#[test]
fn parameters_are_judged_as_proxmox_judges_them() {
    let rows: Vec<Row> = include_str!("fixtures/pve-observed/schema.jsonl")
        .lines()
        .map(|line| serde_json::from_str(line).unwrap())
        .collect();
    let known = |row: &&Row| {
        let segments: Vec<String> = row.path.split('/').skip(1).map(str::to_owned).collect();
        find(Verb::of(&row.method).unwrap(), &segments).is_some()
    };
    assert!(rows.iter().all(|row| known(&row)), "a recorded call is not in the table");
    let differences: Vec<String> = rows.iter().filter_map(difference).collect();
    println!("schema.jsonl: {} of {} as Proxmox", rows.len() - differences.len(), rows.len());
    assert!(differences.is_empty(), "{}", differences.join("\n"));
}
