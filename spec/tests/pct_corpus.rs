//! What Proxmox VE's own parser and writer answered, and what ours answers.

#![expect(clippy::unwrap_used, clippy::panic, reason = "a test that cannot go on must stop")]

use std::collections::BTreeSet;
use std::fs;
use std::path::Path;

use serde_json::{Value, json};
use spec::pct::{MountPoint, Net, PctConf, PropertyError, Section};

fn corpus(name: &str) -> Vec<Value> {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/fixtures/pve-observed").join(name);
    let text = fs::read_to_string(&path).unwrap_or_else(|error| panic!("{}: {error}", path.display()));
    let rows: Vec<Value> = text.lines().map(|line| serde_json::from_str(line).unwrap()).collect();
    assert!(rows.len() > 300, "{name}: {} rows", rows.len());
    rows
}

fn text<'a>(row: &'a Value, key: &str) -> &'a str {
    row[key].as_str().unwrap_or_default()
}

/// Proxmox keeps properties in a hash: the order of its complaints is chance.
fn complaints(text: &str) -> BTreeSet<&str> {
    text.lines().filter(|line| !line.is_empty()).collect()
}

/// Every row that is answered otherwise, as one text.
fn differences<'a>(rows: &'a [Value], answer: impl Fn(&'a Value) -> Result<String, PropertyError>) -> Vec<String> {
    let differs = |row: &'a Value| {
        let ours = answer(row);
        let same = match &ours {
            Ok(printed) => row["error"].is_null() && *printed == text(row, "printed"),
            Err(error) => complaints(&error.pve_text()) == complaints(text(row, "error")),
        };
        (!same).then(|| format!("{}\n   Proxmox: {} {}\n   ours:    {ours:?}", row["in"], row["printed"], row["error"]))
    };
    rows.iter().filter_map(differs).collect()
}

/// Prints the pass rate of a file, and fails where a row was answered otherwise.
#[track_caller]
fn assert_none(file: &str, rows: usize, differences: &[String]) {
    println!("{file}: {} of {rows} rows answered as Proxmox does", rows - differences.len());
    assert!(differences.is_empty(), "{} differ:\n{}", differences.len(), differences.join("\n"));
}

#[test]
fn s4_21_interfaces_are_read_and_printed_as_proxmox_does() {
    let rows = corpus("net.jsonl");
    // Proxmox fills two gaps while it reads: the type, and a random address (masked in the recording).
    let answer = |row: &Value| -> Result<String, PropertyError> {
        let mut net: Net = text(row, "in").parse()?;
        net.set("type", "veth")?;
        if net.hwaddr().is_some() {
            return Ok(net.to_string());
        }
        net.set("hwaddr", "02:00:00:00:00:00")?;
        Ok(net.to_string().replace("hwaddr=02:00:00:00:00:00", "hwaddr=<random>"))
    };
    assert_none("net.jsonl", rows.len(), &differences(&rows, answer));
}

#[test]
fn volumes_are_read_and_printed_as_proxmox_does() {
    let rows = corpus("volume.jsonl");
    let answer = |row: &Value| -> Result<String, PropertyError> {
        let value = text(row, "in");
        let mount = match text(row, "key") {
            "rootfs" => MountPoint::parse_rootfs(value),
            key if key.starts_with("unused") => MountPoint::parse_unused(value),
            _ => MountPoint::parse_mp(value),
        }?;
        Ok(mount.to_string())
    };
    assert_none("volume.jsonl", rows.len(), &differences(&rows, answer));
}

#[test]
fn s4_16_configurations_are_rewritten_and_warned_about_as_proxmox_does() {
    let rows = corpus("pct-conf.jsonl");
    let mut wrong = Vec::new();
    for row in &rows {
        let conf = PctConf::parse(text(row, "in"));
        let warnings: Vec<String> = conf.warnings().iter().map(|w| format!("vm 100 - {w}\n")).collect();
        let theirs: Vec<&str> = row["warnings"].as_array().unwrap().iter().map(|w| w.as_str().unwrap()).collect();
        if conf.canonical() != text(row, "rewritten") || warnings != theirs {
            wrong.push(format!(
                "{}\n   Proxmox: {} {theirs:?}\n   ours:    {:?} {warnings:?}",
                row["in"],
                row["rewritten"],
                conf.canonical()
            ));
        }
    }
    assert_none("pct-conf.jsonl (rewritten, warned about)", rows.len(), &wrong);
}

#[test]
fn s4_16_configurations_mean_what_proxmox_reads_in_them() {
    let rows = corpus("pct-conf.jsonl");
    let mut wrong = Vec::new();
    for row in &rows {
        let conf = PctConf::parse(text(row, "in"));
        let mut ours = meant(conf.current());
        ours["pending"] = conf.pending().map_or_else(|| json!({}), meant);
        ours["snapshots"] = conf.snapshots().into_iter().map(|(name, part)| (name.to_owned(), meant(part))).collect();
        // The digest is the text's, and the text's reader does not make it.
        ours["digest"] = row["conf"]["digest"].clone();
        let theirs = as_text(&row["conf"]);
        if ours != theirs {
            wrong.push(format!("{}\n   Proxmox: {theirs}\n   ours:    {ours}", row["in"]));
        }
    }
    assert_none("pct-conf.jsonl (parsed)", rows.len(), &wrong);
}

/// A section's keys and values.
fn meant(section: &Section) -> Value {
    let entries = section.entries().map(|(key, value)| (key.to_owned(), json!(value)));
    let description = section.description().map(|text| ("description".to_owned(), json!(text)));
    let raw: Vec<Value> = section.raw_lxc().iter().map(|raw| json!([raw.key, raw.value])).collect();
    let raw = (!raw.is_empty()).then(|| ("lxc".to_owned(), json!(raw)));
    entries.chain(description).chain(raw).collect()
}

/// Perl writes what it read as a number as a number.
fn as_text(value: &Value) -> Value {
    match value {
        Value::Number(number) => json!(number.to_string()),
        Value::Array(list) => list.iter().map(as_text).collect(),
        Value::Object(map) => map.iter().map(|(key, value)| (key.clone(), as_text(value))).collect(),
        other => other.clone(),
    }
}

#[test]
fn every_recorded_configuration_prints_back_as_it_was() {
    for row in corpus("pct-conf.jsonl") {
        let read = text(&row, "in");
        assert_eq!(PctConf::parse(read).print(), read);
        let canonical = PctConf::parse(read).canonical();
        assert_eq!(PctConf::parse(&canonical).canonical(), canonical, "Proxmox's form is stable");
    }
}
