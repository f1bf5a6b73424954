//! The drill: what two guests of the golden have in common, and what somebody hid in another one.

use std::fs;
use std::process::Command;

use anyhow::{Context, Result, ensure};
use e2e::lab::{Done, run};
use serde_json::Value;

use crate::Story;
use crate::small_recipe::small_recipe;
use crate::stage::{Stage, build_arguments};

pub(crate) const STORIES: &[Story] = &[
    ("drill::s2_13_twins_of_the_golden_share_nothing", the_golden_passes),
    ("drill::three_hidden_identities_are_found_one_of_them_in_a_database", hidden_identities),
];

/// `image-builder drill GOLDEN`, unsigned, on the stage's bridge that leads nowhere.
fn drill(stage: &Stage, golden: &str, more: &[&str]) -> Result<Done> {
    let bridge = stage.lab.isolated_bridge().context("the stage has no bridge that leads nowhere")?;
    let known_hosts = stage.lab.layout.known_hosts();
    let known_hosts = known_hosts.to_str().unwrap_or_default();
    let fixed = ["drill", golden, "--bridge", bridge, "--known-hosts", known_hosts, "--json"];
    stage.lab.builder(&[&fixed, more].concat())
}

fn the_golden_passes(stage: &Stage) -> Result<()> {
    let report = &stage.drilled;
    ensure!(report["verdict"] == "pass", "{report:#}");
    ensure!(report["shared"] == Value::Array(Vec::new()), "{:#}", report["shared"]);
    let check = |name: &str| -> Result<Vec<&Value>> {
        let checks = report["checks"].as_array().context("no checks")?.iter();
        let checks: Vec<&Value> = checks.filter(|check| check["check"] == name).collect();
        ensure!(!checks.is_empty() && checks.iter().all(|check| check["verdict"] == "pass"), "{name}: {checks:?}");
        Ok(checks)
    };
    ensure!(
        check("sshd-answers")?.iter().all(|check| check["why"].as_str().is_some_and(|why| why.starts_with("SSH-2.0-")))
    );
    // S4-31: the flag and the function are told apart, and the function has a driver.
    check("docker-flags")?;
    let drivers = check("docker-functional")?;
    ensure!(
        drivers.iter().all(|check| check["why"].as_str().is_some_and(|why| why.contains("overlay"))),
        "{drivers:?}"
    );
    check("nothing-left")?;
    // S4-37: three columns, and a machine-id in each twin of its own.
    let items = report["items"].as_array().context("no items")?;
    let row = items.iter().find(|row| row["item"] == "machine-id").context("no row for the machine-id")?;
    ensure!(row["as_restored"] == "empty" && row["after_boot"][0] != row["after_boot"][1], "{row:#}");
    ensure!(row["after_boot"] == row["after_second_boot"], "{row:#}");
    ensure!(stage.vmids()?.iter().all(|vmid| !(9100..9200).contains(vmid)), "twins are left: {:?}", stage.vmids()?);
    Ok(())
}

/// A daemon of nobody's draws an id, and writes it three times.
const PLANTED: &str = r#"[[step]]
run = "systemctl mask --now systemd-networkd.service systemd-networkd.socket systemd-networkd-wait-online.service"
[[step]]
copy = { from = "state.sqlite", to = "/var/lib/mydaemon/state.sqlite", mode = "0600" }
[[step]]
run = """
mkdir -p /etc/mydaemon
cat /proc/sys/kernel/random/uuid >/var/lib/mydaemon/id
printf '[cluster]\\nname = west\\nmember = %s\\n' "$(head -c 24 /dev/urandom | base64)" >/etc/mydaemon/config.ini
"""
"#;

/// A database as a daemon keeps it: a key beside sixteen bytes that no search for words finds.
const DATABASE: &str = "import sqlite3, sys, uuid\n\
    database = sqlite3.connect(sys.argv[1])\n\
    database.execute('create table meta(key text primary key, value blob)')\n\
    database.execute('insert into meta values (?, ?)', ('node_id', uuid.uuid4().bytes))\n\
    database.commit()\n";

fn hidden_identities(stage: &Stage) -> Result<()> {
    let folder = stage.lab.layout.root();
    let (recipe, database) = (folder.join("planted-ids.toml"), folder.join("state.sqlite"));
    fs::write(&recipe, small_recipe("planted-ids", PLANTED))?;
    run(Command::new("python3").args(["-c", DATABASE]).arg(&database), false)?.ok()?;
    let built: Value = stage.lab.builder(&build_arguments(&stage.lab, &recipe.to_string_lossy()))?.ok()?.json()?;
    // S2-14 on a real node: what is in the way is named, and nothing is touched.
    let stray = stage.lab.layout.node().join("firewall/9150.fw");
    fs::write(&stray, "")?;
    let refused = drill(stage, "planted-ids", &["--clean-room"])?.exited(1)?;
    ensure!(refused.stderr.contains("9150.fw"), "{}", refused.stderr);
    fs::remove_file(&stray)?;
    let failed = drill(stage, "planted-ids", &["--clean-room"])?.exited(1)?;
    let report: Value = failed.json()?;
    let shared = report["shared"].as_array().context("no list of shared identities")?;
    let found: Vec<&str> = shared.iter().filter_map(|suspect| suspect["path"].as_str()).collect();
    let planted = ["/etc/mydaemon/config.ini", "/var/lib/mydaemon/id", "/var/lib/mydaemon/state.sqlite"];
    ensure!(found == planted, "found {found:?}");
    ensure!(shared.iter().all(|suspect| suspect["row"].as_str().is_some_and(|row| row.contains("[[item]]"))));
    forget(stage, built["archive"]["file"].as_str().context("the build names no archive")?)?;
    for left in [recipe, database] {
        fs::remove_file(left)?;
    }
    Ok(())
}

/// Removes an archive with everything beside it, so that other stories find the stage as it was.
fn forget(stage: &Stage, archive: &str) -> Result<()> {
    let name = archive.trim_end_matches(".tar.zst");
    for entry in fs::read_dir(stage.lab.layout.dump())? {
        let entry = entry?;
        if entry.file_name().to_string_lossy().starts_with(name) {
            fs::remove_file(entry.path())?;
        }
    }
    Ok(())
}
