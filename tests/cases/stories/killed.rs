//! The node killed whole, in the middle of a task: what is left is what Proxmox's killed worker leaves.
//!
//! A lock tells that somebody was at it, the task has no end, nothing half-made is taken for whole, and `pct unlock`
//! with `pct destroy` clears it up. Guests that ran, run on.

use std::fs;
use std::process::Command;
use std::time::Duration;

use anyhow::{Context, Result, ensure};
use e2e::lab::{run, until};
use serde_json::{Value, json};

use crate::Story;
use crate::stage::Stage;

pub(crate) const STORIES: &[Story] = &[
    ("killed::in_the_middle_of_a_restore", restore),
    ("killed::in_the_middle_of_a_vzdump", vzdump),
    ("killed::in_the_middle_of_a_clone", clone),
    ("killed::in_the_middle_of_a_resize", resize),
];

/// A guest that runs through all of it.
const BYSTANDER: &str = "150";
/// The guest that is worked on.
const GUEST: &str = "151";
/// A guest to be.
const COPY: &str = "152";

fn restore(stage: &Stage) -> Result<()> {
    let data =
        format!("vmid={GUEST}&restore=1&ostemplate={}&rootfs=local:4&unprivileged=1", stage.golden.archive.volid);
    with_bystander(stage, || {
        killed(stage, ("vzrestore", "extracting archive"), "/nodes/pve/lxc", &data)?;
        ensure!(config(stage, GUEST)? == "lock: create\n", "{}", config(stage, GUEST)?);
        refused_until_unlocked(stage, GUEST, "CT is locked (create)")?;
        // Its configuration names no disk, so its disk stays, and is found by its name.
        let orphan = format!("local:{GUEST}/vm-{GUEST}-disk-0.raw");
        let listed = stage.lab.node(&["pvesm", "list", "local", "--vmid", GUEST])?.ok()?.stdout;
        ensure!(listed.contains(&orphan), "the volume is not left: {listed}");
        stage.lab.node(&["pvesm", "free", &orphan])?.ok().map(drop)
    })
}

fn vzdump(stage: &Stage) -> Result<()> {
    with_guest(stage, || {
        let before = archives(stage)?;
        let data = format!("vmid={GUEST}&mode=stop&compress=zstd&storage=local");
        killed(stage, ("vzdump", "creating vzdump archive"), "/nodes/pve/vzdump", &data)?;
        ensure!(config(stage, GUEST)?.contains("lock: backup\n"), "{}", config(stage, GUEST)?);
        ensure!(archives(stage)? == before, "half an archive is taken for one");
        refused_until_unlocked(stage, GUEST, "CT is locked (backup)")?;
        remove_half_made(stage)
    })
}

fn clone(stage: &Stage) -> Result<()> {
    with_guest(stage, || {
        let data = format!("newid={COPY}&full=1");
        killed(stage, ("vzclone", "create full clone"), &format!("/nodes/pve/lxc/{GUEST}/clone"), &data)?;
        ensure!(config(stage, COPY)?.contains("lock: create\n"), "{}", config(stage, COPY)?);
        ensure!(config(stage, GUEST)?.contains("lock: disk\n"), "{}", config(stage, GUEST)?);
        refused_until_unlocked(stage, COPY, "CT is locked (create)")?;
        let listed = stage.lab.node(&["pvesm", "list", "local", "--vmid", COPY])?.ok()?.stdout;
        for volume in listed.lines().skip(1).filter_map(|line| line.split_whitespace().next()) {
            stage.lab.node(&["pvesm", "free", volume])?.ok()?;
        }
        refused_until_unlocked(stage, GUEST, "CT is locked (disk)")
    })
}

/// A resize holds no lock that outlives it; the guest starts, with the old size or the new one.
fn resize(stage: &Stage) -> Result<()> {
    with_guest(stage, || {
        killed_with(
            stage,
            ("resize", "Image resized"),
            "PUT",
            &format!("/nodes/pve/lxc/{GUEST}/resize"),
            "disk=rootfs&size=%2B1G",
        )?;
        ensure!(!config(stage, GUEST)?.contains("lock:"), "{}", config(stage, GUEST)?);
        stage.lab.pct(&["start", GUEST])?.ok()?;
        stage.lab.in_guest(GUEST.parse()?, "test -w / && touch /alive")?.ok()?;
        stage.lab.pct(&["stop", GUEST])?.ok()?;
        stage.lab.pct(&["destroy", GUEST])?.ok().map(drop)
    })
}

/// Another guest runs before, during and after.
fn with_bystander(stage: &Stage, story: impl FnOnce() -> Result<()>) -> Result<()> {
    restored(stage, BYSTANDER)?;
    stage.lab.pct(&["start", BYSTANDER])?.ok()?;
    let boot = || {
        Ok::<_, anyhow::Error>(
            stage.lab.in_guest(150, "cat /proc/sys/kernel/random/boot_id; ps -o lstart= -p 1")?.ok()?.stdout,
        )
    };
    let before = boot()?;
    story()?;
    ensure!(boot()? == before, "the bystander did not run on");
    stage.lab.pct(&["stop", BYSTANDER])?.ok()?;
    stage.lab.pct(&["destroy", BYSTANDER])?.ok()?;
    ensure!(stage.vmids()?.is_empty(), "guests are left: {:?}", stage.vmids()?);
    Ok(())
}

fn with_guest(stage: &Stage, story: impl FnOnce() -> Result<()>) -> Result<()> {
    restored(stage, GUEST)?;
    with_bystander(stage, story)
}

fn restored(stage: &Stage, vmid: &str) -> Result<()> {
    let hwaddr =
        format!("net0=name=eth0,bridge={},hwaddr=BC:24:11:15:00:{}", crate::stage::settings().bridge, &vmid[1..]);
    let (_, net0) = hwaddr.split_once('=').context("a pair")?;
    let volid = &stage.golden.archive.volid;
    let restore =
        ["restore", vmid, volid, "--rootfs", "local:3", "--unprivileged", "1", "--net0", net0, "--hostname", "killed"];
    stage.lab.pct(&restore)?.ok().map(drop)
}

fn killed(stage: &Stage, at: (&str, &str), path: &str, data: &str) -> Result<()> {
    killed_with(stage, at, "POST", path, data)
}

/// Has a task begin, waits until it logs a line, kills API and worker, and opens the node again.
fn killed_with(stage: &Stage, (kind, line): (&str, &str), verb: &str, path: &str, data: &str) -> Result<()> {
    let hold = stage.lab.fault(&json!({"task": {"type": kind, "at": {"line": line}, "do": "hold"}}))?;
    stage.lab.rest(verb, path, data)?;
    let upid = stage.lab.await_held(&hold)?;
    let pid = u32::from_str_radix(upid.split(':').nth(2).context("a UPID's process")?, 16)?;
    stage.lab.kill_node()?;
    run(Command::new("kill").args(["-KILL", "--", &format!("-{pid}")]), false)?.ok()?;
    until("the worker's end", Duration::from_secs(10), || {
        let found = fs::read_to_string(format!("/proc/{pid}/stat")).unwrap_or_default();
        if found.is_empty() || found.contains(") Z ") { Ok(()) } else { Err(found) }
    })?;
    stage.lab.restart_node()?;
    let status = stage.lab.rest("GET", &format!("/nodes/pve/tasks/{upid}/status"), "")?;
    ensure!(status["status"] == "stopped" && status["exitstatus"] == "unexpected status", "{status}");
    Ok(())
}

fn config(stage: &Stage, vmid: &str) -> Result<String> {
    let path = stage.lab.layout.node().join(format!("lxc/{vmid}.conf"));
    fs::read_to_string(&path).with_context(|| path.display().to_string())
}

/// Destroying is refused with that text; once unlocked it succeeds.
fn refused_until_unlocked(stage: &Stage, vmid: &str, text: &str) -> Result<()> {
    let refused = stage.lab.pct(&["destroy", vmid])?;
    ensure!(refused.code != 0 && refused.stderr.contains(text), "{} {}", refused.code, refused.stderr);
    stage.lab.pct(&["unlock", vmid])?.ok()?;
    stage.lab.pct(&["destroy", vmid])?.ok().map(drop)
}

fn archives(stage: &Stage) -> Result<Vec<Value>> {
    let listed = stage.lab.rest("GET", "/nodes/pve/storage/local/content?content=backup", "")?;
    let rows = listed.as_array().context("a list")?;
    Ok(rows.iter().map(|row| row["volid"].clone()).collect())
}

/// What a killed backup leaves is named as such, and is nobody's but ours to remove.
fn remove_half_made(stage: &Stage) -> Result<()> {
    for entry in fs::read_dir(stage.lab.layout.dump())? {
        let path = entry?.path();
        let name = path.file_name().unwrap_or_default().to_string_lossy().into_owned();
        if name.starts_with(&format!("vzdump-lxc-{GUEST}-")) {
            ensure!(!name.ends_with(".tar.zst"), "{name} looks whole");
            if path.is_dir() { fs::remove_dir_all(path)? } else { fs::remove_file(path)? }
        }
    }
    Ok(())
}
