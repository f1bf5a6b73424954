//! The scenes in their order.

use std::path::Path;
use std::time::Instant;

use anyhow::{Context, Result, ensure};
use serde_json::Value;

use super::audit::audit;
use super::hurried;
use super::table;
use super::telling::{quoted, scene, typed};
use crate::lab::{Lab, Settings};

/// The golden of the example.
const GOLDEN: &str = "debian13-docker";

/// Who gets a guest.
const CUSTOMERS: [&str; 3] = ["acme", "globex", "initech"];

fn settings() -> Settings {
    Settings {
        root: "/var/lib/mintmark-demo".into(),
        bridge: "vmbr0".into(),
        subnet: "10.66.0.1/24".into(),
        isolated: Some(("vmbr1".into(), "10.66.1.1/24".into())),
        listen: "127.0.0.1:8006".into(),
        faults: false,
    }
}

/// Plays the demo.
pub fn run() -> Result<()> {
    let begun = Instant::now();
    let lab = scene("a node: Proxmox's API and tools over LXC on this machine", || {
        let lab = Lab::open(settings(), true)?;
        quoted(&format!("https://{} · state in {}", settings().listen, lab.layout.root().display()));
        Ok(lab)
    })?;
    let manifest = scene("a golden: recipe → build guest → strip → archive → inspection", || golden(&lab))?;
    scene("its release: signed by who built it, drilled by another, promoted by a third", || release(&lab))?;
    let guests = scene("three customers, one call each", || {
        CUSTOMERS.iter().map(|customer| provision(&lab, customer)).collect::<Result<Vec<Value>>>()
    })?;
    scene("what each was restored with, was reset to, and has become", || {
        let text = std::fs::read(&manifest).context("reading the manifest")?;
        println!("{}", table::of(&serde_json::from_slice(&text).context("the manifest")?, &guests)?);
        Ok(())
    })?;
    scene("each runs a container of its own", || guests.iter().try_for_each(|guest| docker(&lab, guest)))?;
    scene("the audit of the fleet", || audit(&lab, 0))?;
    hurried::restore(&lab, &manifest)?;
    println!("\nAll of it in {:.0} s. The fleet is still up; look around:", begun.elapsed().as_secs_f64());
    look_around(&lab);
    Ok(())
}

/// Removes everything that the demo made.
pub fn clean() -> Result<()> {
    Lab::at(settings(), true)?.close()?;
    println!("the demo's guests, bridge, loop devices and files are gone");
    Ok(())
}

fn golden(lab: &Lab) -> Result<String> {
    let recipe = Path::new(env!("CARGO_MANIFEST_DIR")).join("../examples/debian13-docker/golden.toml");
    let recipe = recipe.canonicalize().context("finding the example's recipe")?;
    let user_ca = format!("access.user_ca={}.pub", lab.layout.user_ca().display());
    typed("image-builder build examples/debian13-docker/golden.toml --measure-unminimized");
    let recipe = recipe.to_string_lossy();
    let arguments = ["build", &recipe, "--set", &user_ca, "--measure-unminimized", "--json"];
    let built: Value = lab.builder(&arguments)?.ok()?.json()?;
    quoted(&weights(&built).context("the build tells no sizes")?);
    let manifest = built["manifest"].as_str().context("the build names no manifest")?;
    quoted(manifest);
    Ok(manifest.to_owned())
}

/// The golden's bytes beside what tar and zstd alone made of the same guest.
fn weights(built: &Value) -> Option<String> {
    let (bytes, alone) = (built["archive"]["bytes"].as_u64()?, built["sizes"]["unminimized_bytes"].as_u64()?);
    Some(format!("the golden has {bytes} bytes; tar | zstd of the same guest, nothing taken out: {alone}"))
}

fn release(lab: &Lab) -> Result<()> {
    typed("image-builder sign debian13-docker && image-builder drill debian13-docker --clean-room");
    typed("image-builder promote debian13-docker --channel stable");
    lab.release(GOLDEN)?;
    quoted(&lab.builder(&["log", GOLDEN])?.ok()?.stdout);
    Ok(())
}

fn provision(lab: &Lab, customer: &str) -> Result<Value> {
    typed(&format!("reset-agent provision --customer {customer} --golden {GOLDEN}"));
    let guest: Value = lab.agent(&["provision", "--customer", customer, "--golden", GOLDEN, "--json"])?.ok()?.json()?;
    quoted(&login(&guest)?);
    Ok(guest)
}

/// How the run got in: who vouched for the host keys, and what the login by certificate ran.
fn login(guest: &Value) -> Result<String> {
    let commands = guest["ssh"]["commands"].as_array().with_context(|| format!("no login in {guest}"))?;
    let ran: Vec<String> = commands.iter().map(|command| format!("{} → {}", command["run"], command["said"])).collect();
    let (vmid, address, trust) = (&guest["vmid"], &guest["address"], &guest["trust"]);
    Ok(format!("{vmid} at {address}: host keys pinned by {trust}, SSH login by certificate ran {}", ran.join(", "))
        .replace('"', ""))
}

fn docker(lab: &Lab, guest: &Value) -> Result<()> {
    let vmid = guest["vmid"].as_u64().context("a guest without a vmid")?;
    let vmid = u32::try_from(vmid).context("a vmid")?;
    let says = lab.in_guest(vmid, DOCKER)?.ok()?.stdout;
    ensure!(says.contains("hello"), "guest {vmid} ran no container: {says}");
    quoted(&format!("{vmid}: {}", says.trim()));
    Ok(())
}

/// An image out of a static busybox: no registry is asked.
const DOCKER: &str = "tar -C / -ch bin/busybox | docker import - local/busybox >/dev/null \
    && docker run --rm local/busybox /bin/busybox sh -c 'echo hello from a container, hostname $(/bin/busybox hostname)'";

fn look_around(lab: &Lab) {
    let config = lab.layout.agent_config();
    for command in ["list", "show acme", "audit", "doctor"] {
        typed(&format!("{} --config {} {command}", lab.programs.agent.display(), config.display()));
    }
    typed(&format!("{} --state {} pct list", lab.programs.node.display(), lab.layout.node().display()));
    typed("make demo-clean");
}
