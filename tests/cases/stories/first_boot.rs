//! The first-boot compiler against the guest itself: what it tells of a tree is what happens when the tree is booted.

use std::collections::BTreeSet;
use std::path::Path;
use std::process::Command;

use anyhow::{Context, Result, ensure};
use e2e::lab::run;
use serde_json::Value;
use spec::release::{Answer, FirstBoot};

use crate::stage::Stage;

/// What was told of a tree before its boot.
pub(super) struct Told {
    report: FirstBoot,
    enabled: BTreeSet<String>,
}

/// Lists the links by which administrators and presets enable units, with what they lead to.
const ENABLED: &str = "find /etc/systemd/system -type l -not -lname /dev/null -printf '%P -> %l\\n'";

/// Has the compiler look at a tree. A verdict that refuses it is an answer too.
pub(super) fn tell(stage: &Stage, tree: &Path) -> Result<Told> {
    let told = run(Command::new(&stage.lab.programs.builder).arg("first-boot").arg(tree).arg("--json"), false)?;
    let told: Value = serde_json::from_str(&told.stdout).with_context(|| told.stderr.clone())?;
    let report = serde_json::from_value(told["first_boot"].clone()).context("the compiler's report")?;
    let listed =
        run(Command::new("sh").arg("-c").arg(ENABLED.replace("/etc", &format!("{}/etc", tree.display()))), false)?;
    Ok(Told { report, enabled: lines(&listed.ok()?.stdout) })
}

/// Compares it with the booted guest: each gated unit, the links that presets made, and whether sshd answers.
pub(super) fn compare(stage: &Stage, vmid: u32, told: &Told, ssh_is_up: bool) -> Result<()> {
    let says = |command: &str| -> Result<String> { Ok(stage.lab.in_guest(vmid, command)?.stdout) };
    let Told { report, enabled } = told;
    ensure!(report.gated.len() > 3, "few units are gated: {:?}", report.gated);
    for gated in &report.gated {
        let seen = says(&format!("systemctl show -p ConditionResult -p ConditionTimestampMonotonic {}", gated.unit))?;
        // A unit that was never looked at has a result of no, and no time.
        let fired = seen.lines().any(|line| line == "ConditionResult=yes");
        let expected = if fired { Answer::Yes } else { Answer::No };
        ensure!(gated.fires == expected, "{} was to fire: {}; seen {seen:?}", gated.unit, gated.fires.as_str());
    }
    let new: BTreeSet<String> = lines(&says(ENABLED)?).difference(enabled).map(|link| unit_of(link)).collect();
    let flips = report.presets.flips.iter().filter(|_| report.presets.applied == Answer::Yes);
    let foretold: BTreeSet<String> = flips.map(|flip| flip.unit.clone()).collect();
    ensure!(foretold == new, "presets were to enable {foretold:?}, and enabled {new:?}");
    ensure!(
        (report.ssh.comes_up == Answer::Yes) == ssh_is_up,
        "ssh was to come up: {} ({}); it is up: {ssh_is_up}",
        report.ssh.comes_up.as_str(),
        report.ssh.why
    );
    eprintln!("     (told and seen: {} gated units, {} links by presets)", report.gated.len(), new.len());
    Ok(())
}

fn lines(text: &str) -> BTreeSet<String> {
    text.lines().map(str::to_owned).collect()
}

/// The unit that a link `sockets.target.wants/ssh.socket -> /usr/lib/systemd/system/ssh.socket` leads to.
fn unit_of(link: &str) -> String {
    link.rsplit('/').next().unwrap_or(link).to_owned()
}
