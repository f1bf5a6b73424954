//! Other people's clients against our node: what they need is what Proxmox's users need.

use std::path::PathBuf;
use std::process::Command;

use anyhow::{Context, Result, ensure};
use e2e::lab::{Done, run};

use crate::Story;
use crate::stage::{Stage, settings};

pub(crate) const STORIES: &[Story] = &[
    ("clients::proxmoxer_walks_from_version_to_destroy", proxmoxer),
    ("clients::ansible_creates_starts_stops_and_removes_a_guest", ansible),
];

/// An administrator's token without privilege separation, as a script of the field has it.
const TOKEN: &str = "root@pam!clients";

fn proxmoxer(stage: &Stage) -> Result<()> {
    let secret = secret(stage)?;
    let mut python = client(stage, "python3", &secret, "180")?;
    python.arg(here("walk.py")).env("ARCHIVE", &stage.golden.archive.volid);
    let walked = finished(stage, &mut python)?;
    ensure!(walked.stdout.ends_with("walk: done\n"), "{}", walked.stdout);
    nothing_left(stage)
}

fn ansible(stage: &Stage) -> Result<()> {
    let secret = secret(stage)?;
    let listed = stage.lab.node(&["pvesm", "list", "local", "--content", "vztmpl"])?.ok()?.stdout;
    let template = listed.lines().skip(1).find_map(|line| line.split_whitespace().next());
    let mut playbook = client(stage, "ansible-playbook", &secret, "181")?;
    playbook.args(["-i", "localhost,"]).arg(here("guest.yml"));
    playbook.env("TEMPLATE", template.context("the golden's build left a template")?);
    // The collection's requests trust what this variable names; the caller's own settings are not read.
    playbook.env("REQUESTS_CA_BUNDLE", certificate(stage)).env("ANSIBLE_CONFIG", here("ansible.cfg"));
    playbook.env("ANSIBLE_LOCAL_TEMP", stage.lab.layout.root().join("ansible"));
    let played = finished(stage, &mut playbook)?;
    ensure!(played.stdout.contains("failed=0"), "{}", played.stdout);
    nothing_left(stage)
}

/// A program of the clients' own environment, told where the node is.
fn client(stage: &Stage, program: &str, secret: &str, vmid: &str) -> Result<Command> {
    let path = stage.lab.programs.clients.join("bin").join(program);
    ensure!(path.exists(), "{} is not there: run `make clients`", path.display());
    let (host, port) = stage.lab.listen().rsplit_once(':').context("an address with a port")?;
    let mut command = Command::new(&path);
    command.env("NODE_HOST", host).env("NODE_PORT", port).env("NODE_CA", certificate(stage));
    command.env("TOKEN_ID", TOKEN).env("TOKEN_SECRET", secret).env("VMID", vmid).env("BRIDGE", settings().bridge);
    Ok(command)
}

fn certificate(stage: &Stage) -> PathBuf {
    stage.lab.layout.node().join("priv/pve-ssl.pem")
}

fn here(file: &str) -> PathBuf {
    PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("clients").join(file)
}

/// The token's secret, fresh each time.
fn secret(stage: &Stage) -> Result<String> {
    stage.lab.node(&["token", "remove", TOKEN])?;
    let made = stage.lab.node(&["token", "add", TOKEN, "--role", "administrator"])?.ok()?;
    Ok(made.stdout.trim().to_owned())
}

fn finished(stage: &Stage, command: &mut Command) -> Result<Done> {
    let done = run(command, false);
    stage.lab.node(&["token", "remove", TOKEN])?.ok()?;
    let done = done?;
    if done.code != 0 {
        // What it left must not be taken for another story's.
        for vmid in ["180", "181"] {
            stage.lab.pct(&["destroy", vmid, "--force"])?;
        }
    }
    ensure!(done.code == 0, "{} ended with {}\n{}\n{}", done.command, done.code, done.stdout, done.stderr);
    Ok(done)
}

fn nothing_left(stage: &Stage) -> Result<()> {
    let left = stage.vmids()?;
    ensure!(left.iter().all(|vmid| ![180, 181].contains(vmid)), "a guest is left: {left:?}");
    Ok(())
}
