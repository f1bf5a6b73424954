//! Cargo, started once per suite.

use std::env;
use std::io::{BufRead, BufReader};
use std::process::{Command, Stdio};
use std::thread::available_parallelism;

use anyhow::{Context, Result};

use super::tally::Tally;

/// How much is run.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Tier {
    /// What needs neither root nor containers.
    Quick,
    /// Everything.
    All,
}

/// Marked `ignore`, and not for want of root: with what the count says of them.
const LEFT_OUT: [(&str, &str); 2] = [
    ("killed::writer", "the child process of `a_killed_writer_loses_nothing`, not a test of its own"),
    ("vault::s3_09_the_cli_itself_gives_a_collection", "asks Bitwarden's own CLI (`BW_SERVE`, `BW_SERVER`)"),
];

/// The cargo invocations of a tier, in order: quick ones first, so that a slip shows before containers start.
fn commands(tier: Tier) -> Vec<Vec<&'static str>> {
    let mut unit = vec!["test", "--workspace", "--exclude", "e2e", "--locked", "--no-fail-fast"];
    let harness = vec![
        "test",
        "--package",
        "e2e",
        "--lib",
        "--test",
        "architecture",
        "--test",
        "documents",
        "--test",
        "requirements",
        "--locked",
        "--no-fail-fast",
    ];
    if tier == Tier::Quick {
        return vec![unit, harness];
    }
    // Tests that need root are marked `ignore` with that reason; as root they run.
    unit.extend(["--", "--include-ignored"]);
    unit.extend(LEFT_OUT.iter().flat_map(|(name, _)| ["--skip", name]));
    vec![unit, harness, vec!["test", "--package", "e2e", "--test", "stories", "--locked"]]
}

/// Runs a tier and counts it. Output is shown as it comes.
pub fn run(tier: Tier) -> Result<Tally> {
    let mut tally = Tally::default();
    for arguments in commands(tier) {
        let before = tally.failed.len();
        let succeeded = run_one(&arguments, &mut tally)?;
        if !succeeded && tally.failed.len() == before {
            tally.broken.push(format!("cargo {}", arguments.join(" ")));
        }
    }
    if tier == Tier::All {
        // Left out by name, so libtest does not tell of them.
        let skipped = LEFT_OUT.map(|(name, why)| (name.to_owned(), why.to_owned()));
        tally.skipped.extend(skipped);
    }
    Ok(tally)
}

/// Tests at a time: twice as many as processors, for many of them wait for a deadline or for another process.
fn threads() -> String {
    let asked = env::var("RUST_TEST_THREADS").ok();
    asked.unwrap_or_else(|| (2 * available_parallelism().map_or(1, usize::from)).to_string())
}

fn run_one(arguments: &[&str], tally: &mut Tally) -> Result<bool> {
    let cargo = env::var_os("CARGO").unwrap_or_else(|| "cargo".into());
    let mut child = Command::new(cargo)
        .args(arguments)
        .env("RUST_TEST_THREADS", threads())
        .stdout(Stdio::piped())
        .spawn()
        .with_context(|| format!("starting cargo {}", arguments.join(" ")))?;
    let stdout = child.stdout.take().context("cargo's output")?;
    for line in BufReader::new(stdout).lines() {
        let line = line.context("reading cargo's output")?;
        println!("{line}");
        tally.read(&line);
    }
    Ok(child.wait().context("waiting for cargo")?.success())
}
