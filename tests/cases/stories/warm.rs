//! Guests cloned from a warm golden, guests ahead of their customers, lists of them; machine-ids from the ledger.

use std::fs;
use std::path::PathBuf;
use std::process::Command;
use std::time::{Duration, Instant};

use anyhow::{Context, Result, ensure};
use e2e::lab::{Btrfs, Done, run, until};
use serde_json::Value;

use super::guests::vmid_of;
use crate::Story;
use crate::stage::Stage;

pub(crate) const STORIES: &[Story] = &[
    ("warm::three_states_of_the_file_take_the_issued_machine_id", three_states),
    ("warm::a_guest_is_cloned_claimed_and_listed", cloned_claimed_listed),
];

const VMID: u32 = 161;
const UUID: &str = "7b0c3f52-94c1-4c39-8f0e-3a1f55d2a9c4";

/// Empty, absent and `uninitialized`: systemd takes `container_uuid` in all three, and keeps it without the variable.
fn three_states(stage: &Stage) -> Result<()> {
    let vmid = VMID.to_string();
    for state in [Some(""), None, Some("uninitialized\n")] {
        stage
            .lab
            .pct(&["restore", &vmid, &stage.golden.archive.volid, "--storage", "local", "--unprivileged", "1"])?
            .ok()?;
        let mounted = stage.lab.pct(&["mount", &vmid])?.ok()?.stdout;
        let file = PathBuf::from(mounted.split('\'').nth(1).context("the mount's path")?).join("etc/machine-id");
        let written = match state {
            Some(text) => fs::write(&file, text),
            None => fs::remove_file(&file),
        };
        stage.lab.pct(&["unmount", &vmid])?.ok()?;
        written.with_context(|| format!("machine-id {state:?}"))?;
        stage.lab.pct(&["set", &vmid, "--env", &format!("container_uuid={UUID}")])?.ok()?;
        let id = |wanted: &str| -> Result<()> {
            let seen = stage.lab.in_guest(VMID, "cat /etc/machine-id")?.ok()?.stdout;
            ensure!(seen.trim() == wanted, "machine-id {state:?} became {seen:?}");
            Ok(())
        };
        let issued = UUID.replace('-', "");
        stage.lab.pct(&["start", &vmid])?.ok()?;
        booted(stage)?;
        id(&issued)?;
        stage.lab.pct(&["stop", &vmid])?.ok()?;
        stage.lab.pct(&["set", &vmid, "--delete", "env"])?.ok()?;
        stage.lab.pct(&["start", &vmid])?.ok()?;
        id(&issued)?;
        stage.lab.pct(&["stop", &vmid])?.ok()?;
        stage.lab.pct(&["destroy", &vmid])?.ok()?;
    }
    Ok(())
}

/// Waits until the boot has ended: only then is an id that was not in the file written there.
fn booted(stage: &Stage) -> Result<()> {
    until("the guest to be up", Duration::from_mins(1), || {
        let says = stage.lab.in_guest(VMID, "systemctl is-system-running --wait");
        let told = says.map(|done| done.stdout.trim().to_owned()).map_err(|error| error.to_string())?;
        if matches!(told.as_str(), "running" | "degraded") { Ok(()) } else { Err(told) }
    })
}

/// An agent whose guests live on a storage with linked clones.
struct Warm<'a> {
    stage: &'a Stage,
    config: PathBuf,
    _storage: Btrfs<'a>,
}

impl<'a> Warm<'a> {
    fn open(stage: &'a Stage) -> Result<Self> {
        let storage = stage.lab.btrfs()?;
        let config = stage.lab.layout.root().join("agent-warm.toml");
        fs::write(&config, format!("{}\n[machine_id]\nsource = \"ledger\"\n", storage.agent_config()?))?;
        Ok(Self { stage, config, _storage: storage })
    }

    fn agent(&self, words: &[&str]) -> Result<Done> {
        run(Command::new(&self.stage.lab.programs.agent).arg("--config").arg(&self.config).args(words), false)
    }

    fn golden(&self) -> &str {
        self.stage.golden.golden.as_str()
    }
}

fn cloned_claimed_listed(stage: &Stage) -> Result<()> {
    let warm = Warm::open(stage)?;
    let made: Value = warm.agent(&["warm", "make", warm.golden(), "--json"])?.ok()?.json()?;
    let template = made["warm"]["vmid"].as_u64().context("the template's number")?.to_string();
    let begun = Instant::now();
    let guest: Value =
        warm.agent(&["provision", "--customer", "warm-one", "--golden", warm.golden(), "--json"])?.ok()?.json()?;
    eprintln!("     (provisioned from a warm golden in {:.1} s)", begun.elapsed().as_secs_f64());
    let run = guest["run"].as_str().context("its run")?;
    let tree = warm.agent(&["runs", run, "--json"])?.ok()?.stdout;
    ensure!(tree.contains(r#""from":"template""#), "it was not cloned: {tree}");
    issued(&warm, vmid_of(&guest)?)?;
    claimed(&warm)?;
    let list = stage.lab.layout.root().join("list.jsonl");
    let line = |customer: &str| format!("{{\"customer\":\"{customer}\",\"golden\":\"{}\"}}\n", warm.golden());
    fs::write(&list, line("listed-one") + &line("warm-one") + &line("listed-two"))?;
    let told: Value = warm.agent(&["batch", &list.to_string_lossy(), "--parallel", "2", "--json"])?.ok()?.json()?;
    let existing: Vec<bool> = told["results"]
        .as_array()
        .context("results")?
        .iter()
        .map(|row| row["outcome"]["existing"] == Value::Bool(true))
        .collect();
    ensure!(existing == [false, true, false], "{told}");
    for customer in ["warm-one", "claims", "listed-one", "listed-two"] {
        warm.agent(&["destroy", customer])?.ok()?;
    }
    warm.agent(&["warm", "remove", &template])?.ok()?;
    ensure!(stage.vmids()?.is_empty(), "{:?}", stage.vmids()?);
    Ok(())
}

/// The guest has the machine-id that its configuration was given, and the configuration loses it.
fn issued(warm: &Warm<'_>, vmid: u32) -> Result<()> {
    let conf = || fs::read_to_string(warm.stage.lab.layout.node().join(format!("lxc/{vmid}.conf")));
    let text = conf()?;
    let uuid = text.split("container_uuid=").nth(1).and_then(|rest| rest.lines().next()).context("no variable")?;
    let seen = warm.stage.lab.in_guest(vmid, "cat /etc/machine-id")?.ok()?.stdout;
    ensure!(seen.trim() == uuid.replace('-', ""), "issued {uuid}, taken {seen}");
    ensure!(text.contains("delete: env"), "the variable is not withdrawn: {text}");
    Ok(())
}

/// Two customers and one guest that waits: one gets it, the other is told.
fn claimed(warm: &Warm<'_>) -> Result<()> {
    warm.agent(&["pool", "fill", "--golden", warm.golden(), "--size", "1"])?.ok()?;
    let guest: Value =
        warm.agent(&["claim", "--customer", "claims", "--golden", warm.golden(), "--json"])?.ok()?.json()?;
    let name = warm.stage.lab.in_guest(vmid_of(&guest)?, "hostname")?.ok()?.stdout;
    ensure!(name.trim() == "claims", "its hostname is {name}");
    warm.agent(&["claim", "--customer", "comes-late", "--golden", warm.golden()])?.exited(1)?;
    Ok(())
}
