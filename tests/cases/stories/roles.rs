//! The roles that `doctor --print-roles` prints: run as they stand, enough for everything, and no privilege too much.

use std::fs;
use std::os::unix::fs::OpenOptionsExt;
use std::path::{Path, PathBuf};
use std::process::Command;

use anyhow::{Context, Result, ensure};
use e2e::lab::{Done, run};
use serde_json::Value;

use crate::Story;
use crate::stage::Stage;

pub(crate) const STORIES: &[Story] =
    &[("roles::s4_04_the_printed_roles_are_enough_and_each_privilege_is_needed", enough_and_needed)];

const AGENT: &str = "roles@pve!agent";
const AUDITOR: &str = "mintmark-auditor@pve!audit";

fn enough_and_needed(stage: &Stage) -> Result<()> {
    let config = configured(stage, "roles", AGENT, "the secret is not there yet")?;
    let outcome = enough(stage, &config).and_then(|()| needed(stage, &config));
    taken_back(stage)?;
    outcome
}

/// The lines are run as a person would, and the tokens that they make provision, destroy and audit.
fn enough(stage: &Stage, config: &Path) -> Result<()> {
    let printed: Value = agent(config, &["doctor", "--print-roles", "--json"])?.ok()?.json()?;
    let lines = printed["lines"].as_array().context("lines")?;
    let lines: Vec<&str> = lines.iter().filter_map(Value::as_str).collect();
    let done = on_node(stage, &format!("set -e\n{}", lines.join("\n")))?.ok()?;
    let secrets: Vec<&str> = done.stdout.lines().filter_map(secret).collect();
    ensure!(secrets.len() == 2, "two tokens print their secrets: {}", done.stdout);
    configured(stage, "roles", AGENT, secrets[0])?;
    let auditor = configured(stage, "auditor", AUDITOR, secrets[1])?;

    let diagnosis = agent(config, &["doctor"])?;
    ensure!(diagnosis.code == 0, "the doctor misses something:\n{}", diagnosis.stdout);
    agent(config, &provision(stage, "roles"))?.ok()?;
    let audited: Value = agent(&auditor, &["audit", "--json"])?.json()?;
    ensure!(audited.to_string().contains("\"roles\"") || audited["guests"] != 0, "nothing was audited: {audited}");
    agent(config, &["destroy", "roles"])?.ok()?;
    ensure!(stage.vmids()?.is_empty(), "{:?} are left", stage.vmids()?);
    // Who only looks makes nothing.
    let refused = agent(&auditor, &provision(stage, "nobodys"))?;
    let told = format!("{}{}", refused.stdout, refused.stderr);
    ensure!(refused.code == 1 && told.contains("VM.Allocate"), "exit code {}: {told}", refused.code);
    Ok(())
}

/// Each privilege of each role taken away: the run says which one before it makes anything, and the doctor as well.
fn needed(stage: &Stage, config: &Path) -> Result<()> {
    // The auditor's role is not the agent's, and guests of a storage that cannot clone are restored.
    let needed = |role: &str| !["MintmarkSight", "MintmarkWarm"].contains(&role);
    for (role, privileges) in roles(config)?.into_iter().filter(|(role, _)| needed(role)) {
        for taken in &privileges {
            let kept: Vec<&str> = privileges.iter().filter(|name| *name != taken).map(String::as_str).collect();
            modify(stage, &role, &kept.join(" "))?;
            let diagnosis = agent(config, &["doctor"])?;
            let line = diagnosis.stdout.lines().find(|line| line.contains(taken.as_str()) && line.contains("missing"));
            ensure!(diagnosis.code != 0 && line.is_some(), "{role} without {taken}:\n{}", diagnosis.stdout);
            let refused = agent(config, &provision(stage, "poor"))?;
            let told = format!("{}{}", refused.stdout, refused.stderr);
            ensure!(refused.code == 1 && told.contains(taken.as_str()), "{role} without {taken}: {told}");
            ensure!(stage.vmids()?.is_empty(), "without {taken}, {:?} was left", stage.vmids()?);
            modify(stage, &role, &privileges.join(" "))?;
        }
    }
    Ok(())
}

/// The roles among the printed lines, with their privileges.
fn roles(config: &Path) -> Result<Vec<(String, Vec<String>)>> {
    let printed = agent(config, &["doctor", "--print-roles"])?.ok()?.stdout;
    let roles = printed.lines().filter_map(|line| line.strip_prefix("pveum role add ")?.split_once(" --privs "));
    Ok(roles.map(|(role, list)| (role.to_owned(), list.split(',').map(str::to_owned).collect())).collect())
}

fn modify(stage: &Stage, role: &str, privileges: &str) -> Result<()> {
    stage.lab.node(&["pveum", "role", "modify", role, "--privs", privileges])?.ok().map(drop)
}

/// Lines of shell in which `pveum` is the embedded node's.
fn on_node(stage: &Stage, lines: &str) -> Result<Done> {
    let (program, folder) = (stage.lab.programs.node.display(), stage.lab.layout.node());
    let pveum = format!("pveum() {{ '{program}' --state '{}' pveum \"$@\"; }}\n{lines}", folder.display());
    run(Command::new("sh").arg("-c").arg(pveum), false)
}

/// The row of a printed table that has the token's secret; its head has `value` in the last column.
fn secret(line: &str) -> Option<&str> {
    let cells: Vec<&str> = line.split('│').map(str::trim).collect();
    cells.windows(2).find(|pair| pair[0] == "value" && !pair[1].is_empty()).map(|pair| pair[1])
}

/// The lab's configuration with another token and a ledger of its own.
fn configured(stage: &Stage, name: &str, token: &str, secret: &str) -> Result<PathBuf> {
    let root = stage.lab.layout.root();
    let (config, file) = (root.join(format!("{name}.toml")), root.join(format!("{name}.token")));
    let text = fs::read_to_string(stage.lab.layout.agent_config())?;
    let text = text.replace(&stage.lab.layout.token().display().to_string(), &file.display().to_string());
    fs::write(&config, text)?;
    let _ = fs::remove_file(&file);
    let mut options = fs::File::options();
    let mut written = options.create_new(true).write(true).mode(0o600).open(&file)?;
    std::io::Write::write_all(&mut written, format!("{token}={secret}").as_bytes())?;
    Ok(config)
}

fn taken_back(stage: &Stage) -> Result<()> {
    for user in [AGENT, AUDITOR] {
        let user = user.split('!').next().unwrap_or(user);
        stage.lab.node(&["pveum", "user", "delete", user])?;
    }
    for role in ["MintmarkSight", "MintmarkGuest", "MintmarkStorage", "MintmarkBridge", "MintmarkWarm"] {
        stage.lab.node(&["pveum", "role", "delete", role])?;
    }
    Ok(())
}

fn agent(config: &Path, arguments: &[&str]) -> Result<Done> {
    let mut command = Command::new(e2e::lab::Programs::find()?.agent);
    run(command.arg("--config").arg(config).args(arguments), false)
}

fn provision<'a>(stage: &'a Stage, customer: &'a str) -> Vec<&'a str> {
    vec!["provision", "--customer", customer, "--golden", stage.golden.golden.as_str(), "--json"]
}
