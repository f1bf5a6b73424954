//! The corpus of Proxmox's words: recorded from its code and read in its sources, each with the class that follows
//! from it. The classes were set by hand, from what each text says of the world.
#![allow(clippy::unwrap_used, reason = "a test that panics has failed")]

use std::collections::{BTreeMap, BTreeSet};

use pve_client::wire::ExitStatus;
use pve_client::{Meaning, Refusal, class_of_task};
use serde_json::Value;

use crate::corpus::fixture;

fn class_of(row: &Value) -> (String, bool) {
    let text = row["text"].as_str().unwrap();
    if row["kind"] == "task" {
        let class = class_of_task(&ExitStatus::from(text.to_owned()));
        return (format!("{:?}", class.unwrap()), Meaning::of_text(text) == Meaning::Unknown);
    }
    let status = u16::try_from(row["status"].as_u64().unwrap()).unwrap();
    let refusal = Refusal::read(status, text, row["body"].as_str().unwrap_or_default().as_bytes());
    (format!("{:?}", refusal.class()), refusal.meaning() == Meaning::Unknown)
}

#[test]
fn s4_30_every_text_of_the_corpus_has_its_class() {
    let rows = fixture("classes.jsonl");
    let mut wrong = Vec::new();
    for row in &rows {
        let (class, unknown) = class_of(row);
        // `unexpected status` is no text but the lack of one; everything else is known by its words.
        if class != row["class"] || unknown && row["text"] != "unexpected status" {
            wrong.push(format!("{class}, unknown: {unknown}: {row}"));
        }
    }
    assert!(wrong.is_empty(), "{} of {}:\n{}", wrong.len(), rows.len(), wrong.join("\n"));
}

/// Digits apart, no text stands there twice: VMIDs make no new message.
#[test]
fn the_corpus_is_large_and_every_class_is_in_it() {
    let mut distinct = BTreeSet::new();
    let mut classes: BTreeMap<String, usize> = BTreeMap::new();
    for row in fixture("classes.jsonl") {
        let errors = serde_json::from_str::<Value>(row["body"].as_str().unwrap_or_default()).unwrap_or_default();
        let text = format!("{} {} {} {}", row["kind"], row["status"], row["text"], errors["errors"]);
        let text: String = text.chars().filter(|c| !c.is_ascii_digit()).collect();
        assert!(distinct.insert(text), "twice: {row}");
        assert!(row["source"].as_str().is_some_and(|source| !source.is_empty()), "{row}");
        *classes.entry(row["class"].as_str().unwrap().to_owned()).or_default() += 1;
    }
    assert!(distinct.len() >= 150, "{}", distinct.len());
    let named: Vec<&str> = classes.keys().map(String::as_str).collect();
    assert_eq!(named, ["Ambiguous", "Authority", "Conflict", "Operator", "Permanent", "Transient"], "{classes:?}");
}

/// An old node tells an error in its status line alone: a 500 means the same without its body.
#[test]
fn a_text_means_the_same_in_the_status_line_and_in_the_body() {
    let mut compared = 0;
    for row in fixture("classes.jsonl").iter().filter(|row| row["status"] == 500) {
        let text = row["text"].as_str().unwrap();
        let body = serde_json::json!({ "data": null, "message": format!("{text}\n") }).to_string();
        let (old, new) = (Refusal::read(500, text, b""), Refusal::read(500, "", body.as_bytes()));
        assert_eq!((old.meaning(), old.class()), (new.meaning(), new.class()), "{text}");
        compared += 1;
    }
    assert!(compared > 100, "{compared}");
}
