//! A writer that is killed with SIGKILL: what it acknowledged is there, and its run is free at once.

use std::io::{BufRead, BufReader, Write};
use std::path::Path;
use std::process::{Child, Command, Stdio};

use reset_agent::store::{RunJournal, Store};
use saga::{Event, Header, Journal, JournalError, Log};
use serde_json::json;

use crate::fixture::{Fixture, ask};

/// Tells the child, which is this same program, which ledger to write to.
const LEDGER: &str = "MINTMARK_TEST_KILLED_LEDGER";

#[tokio::test]
#[ignore = "the child of `a_killed_writer_loses_nothing`: it writes until it is killed"]
async fn writer() {
    let Some(path) = std::env::var_os(LEDGER) else { return };
    let store = Store::open(Path::new(&path)).await.unwrap();
    let journal = store.journal();
    let header =
        Header { run: "r1".into(), plan: "write".into(), version: 1, steps: vec!["s".into()], input: json!(null) };
    let mut log = Log::open(header.clone());
    let claim = journal.open(&header).await.unwrap();
    let mut event = Event::Started { step: "s".into() };
    for n in 1.. {
        let record = log.next_record(event).unwrap();
        journal.append(&claim, &record).await.unwrap();
        log.push(record).unwrap();
        store.ledger().reserve(&ask(n)).await.unwrap();
        writeln!(std::io::stdout(), "\nacknowledged {n}").unwrap();
        event = Event::Note { step: "s".into(), key: "n".into(), value: json!(n) };
    }
}

fn start_writer(path: &Path) -> Child {
    Command::new(std::env::current_exe().unwrap())
        .args(["--exact", "killed::writer", "--ignored", "--nocapture"])
        .env(LEDGER, path)
        .stdout(Stdio::piped())
        .stderr(Stdio::null())
        .spawn()
        .unwrap()
}

/// Reads acknowledgements up to the `n`-th, kills, and returns the last one that got out.
fn kill_after(mut child: Child, n: u32) -> u32 {
    let lines = BufReader::new(child.stdout.take().unwrap()).lines().map(Result::unwrap);
    let mut acknowledged = lines.filter_map(|line| line.strip_prefix("acknowledged ")?.parse::<u32>().ok());
    let reached = acknowledged.find(|last| *last >= n).unwrap();
    child.kill().unwrap();
    child.wait().unwrap();
    acknowledged.last().unwrap_or(reached)
}

async fn held_while_alive(journal: &RunJournal) -> bool {
    matches!(journal.claim("r1").await, Err(JournalError::Held { .. }))
}

/// Reliability fault 9 for a process: only what was acknowledged counts, and all of it does.
#[tokio::test]
async fn a_killed_writer_loses_nothing() {
    for round in 0..5 {
        let fixture = Fixture::sqlite().await;
        let child = start_writer(&fixture.path);
        let acknowledged = kill_after(child, 1 + 7 * round);

        let store = Store::open(&fixture.path).await.unwrap();
        let (claim, records) = store.journal().claim("r1").await.unwrap();
        assert_eq!(claim.fence(), 2, "taken over at once");
        assert!(records.len() > acknowledged as usize, "{} of {acknowledged}", records.len());
        Log::fold(records).unwrap();
        for n in 1..=acknowledged {
            let found = store.ledger().by_customer(&ask(n).customer).await.unwrap();
            assert!(found.is_some(), "customer {n} of {acknowledged} is lost");
        }
    }
}

#[tokio::test]
async fn a_living_writer_keeps_its_run() {
    let fixture = Fixture::sqlite().await;
    let mut child = start_writer(&fixture.path);
    let mut lines = BufReader::new(child.stdout.take().unwrap()).lines().map(Result::unwrap);
    assert!(lines.any(|line| line == "acknowledged 1"), "the child writes");
    let held = held_while_alive(&fixture.store.journal()).await;
    child.kill().unwrap();
    child.wait().unwrap();
    assert!(held);
    fixture.store.journal().claim("r1").await.unwrap();
}
