//! No instant at which a guest has the golden's identity.

use std::process::Stdio;

use anyhow::{Context, Result, ensure};
use spec::identity::IdentityKind;

use super::guests::vmid_of;
use crate::Story;
use crate::stage::Stage;

pub(crate) const STORIES: &[Story] =
    &[("never::s4_20_no_guest_shows_the_goldens_mac_or_hostname_at_any_instant", never_the_goldens)];

/// Reads every guest's configuration as fast as it can while a guest is provisioned.
fn never_the_goldens(stage: &Stage) -> Result<()> {
    let value = |wanted: IdentityKind| {
        let found = stage.golden.forbidden.iter().find(|identity| identity.kind == wanted);
        found.map(|identity| identity.value.clone()).with_context(|| format!("the golden's {}", wanted.title()))
    };
    let mac = value(IdentityKind::Mac)?.to_ascii_uppercase();
    let hostname = format!("hostname: {}", value(IdentityKind::Hostname)?);
    let mut agent = stage.lab.agent_command(&stage.provision_arguments("watched"));
    let mut child = agent.stdout(Stdio::piped()).stderr(Stdio::null()).spawn().context("starting the agent")?;
    let configs = stage.lab.layout.node().join("lxc");
    let (mut looks, mut configured) = (0_u64, 0_u64);
    while child.try_wait()?.is_none() {
        for entry in std::fs::read_dir(&configs)?.flatten() {
            let text = std::fs::read_to_string(entry.path()).unwrap_or_default();
            ensure!(
                !text.to_ascii_uppercase().contains(&mac),
                "{} shows the golden's MAC:\n{text}",
                entry.path().display()
            );
            ensure!(
                !text.lines().any(|line| line == hostname),
                "{} shows the golden's hostname",
                entry.path().display()
            );
            configured += u64::from(text.contains("net0:"));
        }
        looks += 1;
        std::thread::park_timeout(std::time::Duration::from_millis(1));
    }
    let output = child.wait_with_output()?;
    ensure!(output.status.success(), "the agent exited {}", output.status);
    let vmid = vmid_of(&serde_json::from_slice(&output.stdout)?)?;
    eprintln!("     ({looks} looks, {configured} of a configured guest {vmid})");
    ensure!(looks > 100 && configured > 100, "too few looks to say anything: {looks}, {configured}");
    stage.destroy("watched")
}
