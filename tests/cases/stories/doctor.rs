//! The doctor names what is missing and what it blocks, and a run without it leaves nothing behind.

use anyhow::{Context, Result, ensure};
use serde_json::Value;

use crate::Story;
use crate::stage::Stage;

pub(crate) const STORIES: &[Story] = &[("doctor::s4_04_each_missing_privilege_is_named_with_what_it_blocks", named)];

fn named(stage: &Stage) -> Result<()> {
    let healthy = stage.lab.agent(&["doctor", "--json"])?.ok()?;
    ensure!(!healthy.stdout.contains("\"fail\""), "{}", healthy.stdout);
    let granted: Value = stage.lab.node(&["token", "list"])?.ok()?.json()?;
    let grants = granted["agent@pve!mintmark"].as_object().context("the agent's grants")?.clone();
    let outcome =
        ["VM.PowerMgmt", "VM.Allocate", "SDN.Use"].iter().try_for_each(|taken| without(stage, &grants, taken));
    grant(stage, &grants, "")?;
    outcome
}

fn without(stage: &Stage, grants: &serde_json::Map<String, Value>, taken: &str) -> Result<()> {
    grant(stage, grants, taken)?;
    let diagnosis = stage.lab.agent(&["doctor"])?;
    ensure!(diagnosis.code != 0, "the doctor is content without {taken}");
    let line = diagnosis.stdout.lines().find(|line| line.contains(taken) && line.contains("missing"));
    ensure!(line.is_some(), "{taken} is not named:\n{}", diagnosis.stdout);
    let failed = stage.lab.agent(&stage.provision_arguments("poor"))?;
    ensure!(failed.code != 0, "provisioned without {taken}");
    grant(stage, grants, "")?;
    ensure!(stage.vmids()?.is_empty(), "without {taken}, {:?} was left", stage.vmids()?);
    Ok(())
}

/// Gives the agent's token all its grants but one privilege.
fn grant(stage: &Stage, grants: &serde_json::Map<String, Value>, but: &str) -> Result<()> {
    let privileges = grants.iter().map(|(path, list)| {
        let kept = list.as_array().into_iter().flatten().filter_map(Value::as_str).filter(|name| *name != but);
        format!("{path}={}", kept.collect::<Vec<_>>().join(","))
    });
    let privileges: Vec<String> = privileges.collect();
    let mut arguments = vec!["token", "grant", "agent@pve!mintmark"];
    arguments.extend(privileges.iter().flat_map(|text| ["--privs", text.as_str()]));
    stage.lab.node(&arguments)?.ok().map(drop)
}
