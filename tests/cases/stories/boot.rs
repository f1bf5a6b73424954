//! What the three states of a machine-id do at first boot, with and without our unit, and that all of it was foretold.

use std::fs;
use std::path::{Path, PathBuf};
use std::time::Duration;

use anyhow::{Context, Result, ensure};
use e2e::lab::{at_once, until};

use super::first_boot::{Told, compare, tell};
use crate::Story;
use crate::stage::Stage;

pub(crate) const STORIES: &[Story] = &[("boot::s4_25_three_machine_id_states_with_and_without_the_unit", three_states)];

/// The number of the first guest; each case has one.
const FIRST: u32 = 160;

/// `/etc/machine-id` before the boot, whether our unit is enabled, and whether ssh comes up.
const CASES: [(Option<&str>, bool, bool); 6] = [
    (Some(""), true, true),
    (None, true, true),
    (Some("uninitialized\n"), true, true),
    // An empty id is no first boot: the stock key unit is skipped and sshd has no key. This is what the unit is for.
    (Some(""), false, false),
    (None, false, true),
    (Some("uninitialized\n"), false, true),
];

fn three_states(stage: &Stage) -> Result<()> {
    let told = at_once(CASES.into_iter().zip(FIRST..), |((machine_id, unit, _), vmid)| {
        boot(stage, vmid, machine_id, unit).with_context(|| format!("machine-id {machine_id:?}, unit {unit}"))
    })?;
    for ((machine_id, unit, ssh_comes_up), seen) in CASES.into_iter().zip(told) {
        eprintln!(
            "     (machine-id {machine_id:?}, unit {unit}: ssh {}, stock key unit ran: {})",
            seen.ssh, seen.stock
        );
        ensure!((seen.ssh == "active") == ssh_comes_up, "machine-id {machine_id:?}, unit {unit}: ssh is {}", seen.ssh);
        ensure!(seen.machine_id.len() == 32, "machine-id {machine_id:?} became {:?}", seen.machine_id);
        if unit {
            ensure!(!seen.stock || machine_id != Some(""), "an empty machine-id was taken for a first boot");
        }
    }
    Ok(())
}

struct Booted {
    machine_id: String,
    ssh: String,
    stock: bool,
}

fn boot(stage: &Stage, number: u32, machine_id: Option<&str>, unit: bool) -> Result<Booted> {
    let vmid = number.to_string();
    stage
        .lab
        .pct(&[
            "restore",
            &vmid,
            &stage.golden.archive.volid,
            "--storage",
            "local",
            "--unprivileged",
            "1",
            "--unique",
            "1",
        ])?
        .ok()?;
    let told = prepare(stage, &vmid, machine_id, unit)?;
    stage.lab.pct(&["start", &vmid])?.ok()?;
    let says = |command: &str| -> Result<String> { Ok(stage.lab.in_guest(number, command)?.stdout.trim().to_owned()) };
    until("the guest to be up", Duration::from_mins(3), || {
        let system = says("systemctl is-system-running").unwrap_or_default();
        if ["running", "degraded"].contains(&system.as_str()) { Ok(()) } else { Err(system) }
    })?;
    let booted = Booted {
        machine_id: says("cat /etc/machine-id")?,
        ssh: says("systemctl is-active ssh")?,
        stock: says("systemctl show -P ConditionResult sshd-keygen.service")? == "yes",
    };
    compare(stage, number, &told, booted.ssh == "active")?;
    stage.lab.pct(&["destroy", &vmid, "--force"])?.ok()?;
    Ok(booted)
}

fn prepare(stage: &Stage, vmid: &str, machine_id: Option<&str>, unit: bool) -> Result<Told> {
    let mounted = stage.lab.pct(&["mount", vmid])?.ok()?.stdout;
    let tree = PathBuf::from(mounted.trim().split('\'').nth(1).with_context(|| format!("pct mount said {mounted}"))?);
    let prepared = write_state(&tree, machine_id, unit).and_then(|()| tell(stage, &tree));
    stage.lab.pct(&["unmount", vmid])?.ok()?;
    prepared
}

fn write_state(tree: &Path, machine_id: Option<&str>, unit: bool) -> Result<()> {
    let file = tree.join("etc/machine-id");
    match machine_id {
        Some(text) => fs::write(&file, text).context("writing the machine-id")?,
        None => fs::remove_file(&file).context("removing the machine-id")?,
    }
    if !unit {
        let mask = tree.join("etc/systemd/system/mintmark-firstboot.service");
        if mask.exists() {
            fs::remove_file(&mask).context("removing the unit")?;
        }
        std::os::unix::fs::symlink("/dev/null", &mask).context("masking the unit")?;
    }
    Ok(())
}
