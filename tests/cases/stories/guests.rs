//! Guests of one golden: each its own, each working, each made once.

use std::collections::BTreeMap;
use std::process::Command;

use anyhow::{Context, Result, ensure};
use e2e::lab::{at_once, run};
use serde_json::Value;
use spec::identity::{Identity, IdentityKind, Observation};

use crate::Story;
use crate::stage::Stage;

pub(crate) const STORIES: &[Story] = &[
    ("guests::s4_27_two_guests_of_one_golden_differ_in_everything", two_guests_differ),
    ("guests::s0_05_a_second_provision_for_a_customer_gives_the_same_guest", provision_twice),
    ("guests::s1_14_destroy_is_idempotent_and_touches_only_its_own", destroy_is_idempotent),
    ("guests::bad_input_is_refused_before_anything_is_touched", bad_input),
];

/// What the helper reads in a guest's tree.
pub(crate) fn observe(stage: &Stage, vmid: u32) -> Result<Vec<Observation>> {
    let mut helper = Command::new(&stage.lab.programs.helper);
    helper.args(["observe", &vmid.to_string(), "--node"]).arg(stage.lab.layout.node());
    helper.env("PVE_NODE_PROGRAM", &stage.lab.programs.node);
    let answer: Value = run(&mut helper, false)?.ok()?.json()?;
    serde_json::from_value(answer["observations"].clone()).with_context(|| format!("the helper's answer {answer}"))
}

fn identities(observations: &[Observation]) -> BTreeMap<IdentityKind, Identity> {
    observations
        .iter()
        .filter_map(|o| o.seen.identity())
        .map(|identity| (identity.kind.clone(), identity.clone()))
        .collect()
}

/// The number of a provisioned guest.
pub(crate) fn vmid_of(guest: &Value) -> Result<u32> {
    let vmid = guest["vmid"].as_u64().with_context(|| format!("no vmid in {guest}"))?;
    u32::try_from(vmid).context("a vmid")
}

fn two_guests_differ(stage: &Stage) -> Result<()> {
    let names = ["alpha", "beta"];
    let seen = at_once(names, |name| {
        let vmid = vmid_of(&stage.provision(name)?)?;
        works(stage, vmid, name)?;
        Ok(identities(&observe(stage, vmid)?))
    })?;
    let (alpha, beta) = (&seen[0], &seen[1]);
    for kind in [IdentityKind::MachineId, IdentityKind::Hostname, IdentityKind::DockerEngineId] {
        ensure!(alpha.contains_key(&kind) && beta.contains_key(&kind), "{} was not seen", kind.title());
    }
    let host_keys = alpha.keys().filter(|kind| matches!(kind, IdentityKind::SshHostKey(_))).count();
    ensure!(host_keys >= 3, "{host_keys} host keys");
    for (kind, value) in alpha {
        ensure!(beta.get(kind) != Some(value), "both have {} {}", kind.title(), value.shown());
        ensure!(!stage.golden.forbidden.contains(value), "alpha has the golden's {}", kind.title());
    }
    names.iter().try_for_each(|name| stage.destroy(name))
}

/// Acceptance 4: ssh is active, its keys are newer than the golden, the name is the customer's, Docker runs.
fn works(stage: &Stage, vmid: u32, name: &str) -> Result<()> {
    let says =
        |command: &str| -> Result<String> { Ok(stage.lab.in_guest(vmid, command)?.ok()?.stdout.trim().to_owned()) };
    ensure!(says("systemctl is-active ssh")? == "active");
    ensure!(says("hostname")? == name, "the hostname is {}", says("hostname")?);
    ensure!(says("cat /etc/machine-id")?.len() == 32);
    let packed = format!(
        "date -u -d \"$(echo {} | sed -E 's/(....)(..)(..)T(..)(..)(..)Z/\\1-\\2-\\3 \\4:\\5:\\6/')\" +%s",
        stage.golden.release
    );
    let newer = says(&format!(
        "t=$({packed}); for k in /etc/ssh/ssh_host_*_key; do [ $(stat -c %Y $k) -ge $t ] && echo $k; done | wc -l"
    ))?;
    ensure!(newer == "3", "{newer} host keys are newer than the golden");
    let docker = "tar -C / -ch bin/busybox | docker import - local/busybox >/dev/null && docker run --rm --network none local/busybox /bin/busybox echo it-runs";
    ensure!(says(docker)? == "it-runs");
    Ok(())
}

fn provision_twice(stage: &Stage) -> Result<()> {
    let first = vmid_of(&stage.provision("twice")?)?;
    let second = vmid_of(&stage.provision("twice")?)?;
    ensure!(first == second, "{first}, then {second}");
    ensure!(stage.vmids()? == [first], "{:?}", stage.vmids()?);
    stage.destroy("twice")
}

fn destroy_is_idempotent(stage: &Stage) -> Result<()> {
    let stranger = "150";
    let volid = &stage.golden.archive.volid;
    stage.lab.pct(&["restore", stranger, volid, "--storage", "local", "--unprivileged", "1"])?.ok()?;
    let vmid = vmid_of(&stage.provision("gone")?)?;
    stage.destroy("gone")?;
    stage.destroy("gone")?;
    ensure!(!stage.vmids()?.contains(&vmid), "it is still there");
    let refused = stage.lab.agent(&["destroy", stranger])?;
    ensure!(stage.vmids()?.contains(&150), "a stranger's guest was destroyed");
    ensure!(refused.code != 0, "destroying a stranger's guest was taken for done:\n{}", refused.stdout);
    stage.lab.pct(&["destroy", stranger])?.ok().map(drop)
}

fn bad_input(stage: &Stage) -> Result<()> {
    let before = stage.vmids()?;
    let manifest = stage.manifest.to_string_lossy();
    for (arguments, named) in [
        (vec!["provision", "--customer", "not a name", "--golden", &manifest], "not a name"),
        (vec!["provision", "--customer", "x", "--golden", "/no/such/manifest.json"], "/no/such/manifest.json"),
        (vec!["provision", "--customer", "x", "--golden", &manifest, "--hostname", "under_score"], "under_score"),
    ] {
        let done = stage.lab.agent(&arguments)?.exited(2)?;
        ensure!(done.stderr.contains(named), "the error does not name {named}:\n{}", done.stderr);
    }
    ensure!(stage.vmids()? == before);
    Ok(())
}
