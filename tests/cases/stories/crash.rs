//! Processes killed where it hurts.

use std::fs;
use std::process::{Child, Stdio};

use anyhow::{Context, Result, ensure};

use super::guests::vmid_of;
use crate::Story;
use crate::stage::Stage;

pub(crate) const STORIES: &[Story] = &[
    ("crash::s4_40_the_agent_is_killed_in_the_middle_of_restore", |stage| killed_in(stage, "vzrestore")),
    ("crash::s4_40_the_agent_is_killed_in_the_middle_of_start", |stage| killed_in(stage, "vzstart")),
    ("crash::the_node_is_killed_and_its_guests_run_on", node_killed),
];

/// Starts a provision, holds the node's task of that type, kills the agent, lets go, and resumes.
fn killed_in(stage: &Stage, task: &str) -> Result<()> {
    let customer = format!("killed-{task}");
    let hold = stage.lab.hold(task)?;
    let mut agent = start(stage, &customer)?;
    stage.lab.await_held(&hold)?;
    agent.kill().context("killing the agent")?;
    agent.wait()?;
    stage.lab.lift(hold)?;
    let vmid = vmid_of(&stage.provision(&customer)?)?;
    ensure!(stage.vmids()? == [vmid], "one guest was asked for: {:?}", stage.vmids()?);
    ensure!(stage.lab.in_guest(vmid, "hostname")?.ok()?.stdout.trim() == customer);
    stage.destroy(&customer)?;
    ensure!(stage.vmids()?.is_empty());
    Ok(())
}

fn start(stage: &Stage, customer: &str) -> Result<Child> {
    let mut agent = stage.lab.agent_command(&stage.provision_arguments(customer));
    agent.stdout(Stdio::null()).stderr(Stdio::null()).spawn().context("starting the agent")
}

fn node_killed(stage: &Stage) -> Result<()> {
    let vmid = vmid_of(&stage.provision("survivor")?)?;
    let boot = || -> Result<String> {
        Ok(stage.lab.in_guest(vmid, "cat /proc/sys/kernel/random/boot_id; ps -o lstart= -p 1")?.ok()?.stdout)
    };
    let before = boot()?;
    stage.lab.kill_node()?;
    ensure!(stage.lab.agent(&["list"])?.code == 0, "the ledger needs no node");
    stage.lab.restart_node()?;
    ensure!(boot()? == before, "the guest did not run on");
    let config = stage.lab.layout.node().join(format!("lxc/{vmid}.conf"));
    ensure!(fs::read_to_string(config)?.contains("survivor"));
    stage.lab.agent(&["audit", "--json"])?.ok()?;
    stage.destroy("survivor")
}
