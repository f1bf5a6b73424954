//! A golden with Debian's cloud-init: its seed comes through the helper, and its end is what the agent waits for.

use std::fs;

use anyhow::{Context, Result, ensure};
use serde_json::Value;

use super::guests::vmid_of;
use crate::Story;
use crate::small_recipe::small_recipe;
use crate::stage::{Stage, build};

pub(crate) const STORIES: &[Story] =
    &[("cloud_init::s0_02_s0_11_a_seed_is_read_and_its_end_is_waited_for", seed_is_read)];

const TEMPLATE: &str =
    "#cloud-config\nwrite_files:\n  - path: /etc/set-up-by\n    content: \"{{ hostname }} {{ role }}\\n\"\n";

fn seed_is_read(stage: &Stage) -> Result<()> {
    let dir = stage.lab.layout.root().join("cloudy");
    fs::create_dir_all(&dir)?;
    let (recipe, template) = (dir.join("golden.toml"), dir.join("user-data"));
    let more = "[[step]]\napt = [\"cloud-init\"]\n\
        [[step]]\nrun = \"systemctl mask --now systemd-networkd.service systemd-networkd-wait-online.service\"\n";
    fs::write(&recipe, small_recipe("cloudy", more))?;
    let (_, manifest) = build(&stage.lab, &recipe.to_string_lossy())?;
    stage.lab.release_undrilled(&manifest.to_string_lossy())?;
    let config = fs::read_to_string(stage.lab.layout.agent_config())?;
    let told = provisioned(stage, &config, &template);
    fs::write(stage.lab.layout.agent_config(), config).context("putting the agent's configuration back")?;
    told?;
    fs::remove_dir_all(&dir).context("removing the recipe's folder")
}

fn provisioned(stage: &Stage, config: &str, template: &std::path::Path) -> Result<()> {
    let section = format!(
        "{config}\n[cloud_init]\ngoldens = [\"cloudy\"]\nuser_data = \"{}\"\nrole = \"web\"\n",
        template.display()
    );
    fs::write(stage.lab.layout.agent_config(), section)?;
    let provision = |customer| stage.lab.agent(&["provision", "--customer", customer, "--golden", "cloudy", "--json"]);
    // A template that nobody can render stops the command before anything is touched.
    fs::write(template, TEMPLATE.replace("role", "rolle"))?;
    let refused = provision("cloudy1")?;
    ensure!(refused.code == 2 && refused.stderr.contains("rolle"), "{}", refused.stderr);
    fs::write(template, TEMPLATE)?;
    let guest: Value = provision("cloudy1")?.ok()?.json()?;
    let vmid = vmid_of(&guest)?;
    let status = stage.lab.in_guest(vmid, "cloud-init status --wait; cat /etc/set-up-by")?.ok()?.stdout;
    ensure!(status.contains("status: done") && status.contains("cloudy1 web"), "{status}");
    stage.destroy("cloudy1")?;
    // User-data that cloud-init cannot carry out fails the run, and nothing is left.
    fs::write(template, TEMPLATE.replace("write_files:", "bootcmd: [[\"false\"]]\nwrite_files:"))?;
    let failed = provision("cloudy2")?;
    ensure!(
        failed.code == 1 && failed.stdout.contains("cloud-init failed"),
        "exit code {}: {}{}",
        failed.code,
        failed.stdout,
        failed.stderr
    );
    Ok(())
}
