//! The arrows between crates, held: an arrow that the design forbids fails here before it is reviewed.

#![expect(clippy::unwrap_used, reason = "a test says what it found by failing")]

use std::collections::{BTreeMap, BTreeSet};
use std::path::{Path, PathBuf};
use std::process::Command;

use serde_json::Value;

/// Who may depend on whom, inside the workspace. `e2e` stands above all and is left out.
const ARROWS: &[(&str, &[&str])] = &[
    ("spec", &[]),
    ("saga", &[]),
    ("pve-wire", &["spec"]),
    ("pve-client", &["spec", "pve-wire"]),
    ("pve-archive", &["spec"]),
    ("pve-host", &["spec"]),
    ("firstboot-unit", &["spec"]),
    ("pve-helper", &["spec", "firstboot-unit", "pve-host"]),
    ("pve-node", &["spec", "pve-wire", "pve-archive"]),
    ("image-builder", &["spec", "firstboot-unit", "pve-archive", "pve-host"]),
    ("secrets", &[]),
    ("reset-agent", &["spec", "saga", "pve-wire", "pve-client", "secrets"]),
    ("postgres-lab", &[]),
    ("fleets", &["spec"]),
];

/// Crates that know nobody's files, network or clock.
const PURE: [(&str, &str); 3] = [("spec", "spec/src"), ("saga", "saga/src"), ("pve-wire", "pve/wire/src")];

/// Crates that touch files or network or draw lots: pure crates do not have them.
const IO_CRATES: &[&str] = &["tokio", "reqwest", "hyper", "sqlx", "rustix", "russh", "axum", "zstd", "tar", "rand"];

/// How a clock is read. Points in time are values, and `jiff` may hold them; which one is now, callers say.
const CLOCKS: &[&str] = &["Timestamp::now", "Zoned::now", "SystemTime::now", "Instant::now"];

struct Workspace {
    root: PathBuf,
    /// Package name to the names of its normal dependencies.
    dependencies: BTreeMap<String, BTreeSet<String>>,
}

fn workspace() -> Workspace {
    let cargo = std::env::var_os("CARGO").unwrap_or_else(|| "cargo".into());
    let output =
        Command::new(cargo).args(["metadata", "--format-version", "1", "--no-deps", "--locked"]).output().unwrap();
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
    let metadata: Value = serde_json::from_slice(&output.stdout).unwrap();
    let packages = metadata["packages"].as_array().unwrap().iter().map(|package| {
        let dependencies = package["dependencies"].as_array().unwrap().iter();
        let normal = dependencies.filter(|d| d["kind"].is_null()).map(|d| d["name"].as_str().unwrap().to_owned());
        (package["name"].as_str().unwrap().to_owned(), normal.collect())
    });
    let root = PathBuf::from(metadata["workspace_root"].as_str().unwrap());
    Workspace { root, dependencies: packages.collect() }
}

#[test]
fn only_the_arrows_of_the_design_exist() {
    let workspace = workspace();
    let members: BTreeSet<&str> = workspace.dependencies.keys().map(String::as_str).collect();
    for (package, dependencies) in workspace.dependencies.iter().filter(|(name, _)| *name != "e2e") {
        let (_, allowed) = ARROWS
            .iter()
            .find(|(name, _)| name == package)
            .unwrap_or_else(|| panic!("{package} is new: draw its arrows here"));
        let drawn = dependencies.iter().map(String::as_str).filter(|name| members.contains(name));
        for dependency in drawn {
            assert!(allowed.contains(&dependency), "{package} → {dependency} is no arrow of the design");
        }
    }
}

#[test]
fn pure_crates_have_no_io_crates() {
    let workspace = workspace();
    for (pure, _) in PURE {
        let io: Vec<_> =
            workspace.dependencies[pure].iter().filter(|name| IO_CRATES.contains(&name.as_str())).collect();
        assert!(io.is_empty(), "{pure} gained {io:?}");
    }
}

#[test]
fn pure_crates_read_no_clock() {
    let workspace = workspace();
    for path in PURE.iter().flat_map(|(_, sources)| rust_files(&workspace.root.join(sources))) {
        let text = std::fs::read_to_string(&path).unwrap();
        for clock in CLOCKS {
            assert!(!text.contains(clock), "{} reads {clock}", path.display());
        }
    }
}

#[test]
fn s4_05_the_agent_starts_no_program() {
    let workspace = workspace();
    let sources = rust_files(&workspace.root.join("reset-agent/src"));
    assert!(!sources.is_empty());
    for path in sources {
        let text = std::fs::read_to_string(&path).unwrap();
        for call in ["process::Command", "Command::new(", "posix_spawn", "execve"] {
            assert!(!text.contains(call), "{} holds {call}", path.display());
        }
    }
}

#[test]
fn programs_are_started_in_one_place_each() {
    // The builder reaches a node's programs through pve-host and bootstraps through its own single module.
    let workspace = workspace();
    for path in rust_files(&workspace.root.join("pve/helper/src")) {
        let text = std::fs::read_to_string(&path).unwrap();
        assert!(!text.contains("Command::new("), "{} starts a program past pve-host", path.display());
    }
}

#[test]
fn the_arrow_test_sees_every_member() {
    let workspace = workspace();
    let drawn: BTreeSet<&str> = ARROWS.iter().map(|(name, _)| *name).chain(["e2e"]).collect();
    let members: BTreeSet<&str> = workspace.dependencies.keys().map(String::as_str).collect();
    assert_eq!(members, drawn);
}

fn rust_files(folder: &Path) -> Vec<PathBuf> {
    let mut files = Vec::new();
    for entry in std::fs::read_dir(folder).unwrap() {
        let path = entry.unwrap().path();
        if path.is_dir() {
            files.extend(rust_files(&path));
        } else if path.extension().is_some_and(|extension| extension == "rs") {
            files.push(path);
        }
    }
    files
}
