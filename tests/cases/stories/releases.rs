//! A release on its way from its build to a guest and to its end, and every release that the agent refuses.

use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;
use std::time::Duration;

use anyhow::{Context, Result, ensure};
use e2e::lab::{Lab, run, until};
use serde_json::Value;
use spec::release::Manifest;

use crate::Story;
use crate::small_recipe::small_recipe;
use crate::stage::{Stage, build_arguments};

pub(crate) const STORIES: &[Story] =
    &[("releases::s2_13_a_release_goes_its_way_and_the_agent_refuses_every_other", the_way)];

/// A golden's release, as the story refers to it.
struct Release {
    manifest: Manifest,
    path: PathBuf,
}

impl Release {
    fn reference(&self) -> String {
        format!("{}@{}", self.manifest.golden, self.manifest.release)
    }

    fn archive(&self) -> PathBuf {
        self.path.with_file_name(&self.manifest.archive.file)
    }

    fn seal(&self) -> PathBuf {
        self.path.with_added_extension("sig")
    }
}

fn the_way(stage: &Stage) -> Result<()> {
    let lab = &stage.lab;
    let folder = lab.layout.root().join("shipped");
    fs::create_dir_all(&folder)?;
    let recipe = folder.join("golden.toml");
    fs::write(&recipe, small_recipe("shipped", ""))?;
    let first = build(lab, &recipe, "--update-lock")?;
    let second = build(lab, &recipe, "--locked")?;
    lab.builder(&["diff", &first.reference(), &second.reference()])?.ok()?;
    // As an agent is that says nothing of gates.
    let strict = folder.join("agent.toml");
    let lax = fs::read_to_string(lab.layout.agent_config())?;
    let kept = lax.lines().filter(|line| !line.starts_with("gates = ")).map(|line| format!("{line}\n"));
    fs::write(&strict, kept.collect::<String>())?;

    unsigned_and_not_drilled(lab, &strict, &first)?;
    lab.drill(&first.reference())?;
    promote(lab, &first, "stable", &[])?;
    provisioned(stage, "shipped")?;
    spoilt(lab, &first)?;
    rollback(stage, &first)?;
    freeze(lab, &first)?;
    revoked(lab, &first, &second)?;
    verified_log(lab)?;
    pruned(lab, &first, &second)?;
    for release in [&first, &second] {
        remove(release)?;
    }
    fs::remove_dir_all(lab.layout.channels().join("channels/shipped")).context("removing the channels")?;
    fs::remove_file(lab.layout.channels().join("log/shipped.jsonl")).context("removing the log")?;
    fs::remove_dir_all(&folder).context("removing the recipe")
}

fn unsigned_and_not_drilled(lab: &Lab, strict: &Path, release: &Release) -> Result<()> {
    refused(lab, &release.reference(), "is not signed")?;
    lab.builder_as(Lab::BUILDER, &["sign", &release.reference()])?.ok()?;
    let promoted = lab.builder_as(Lab::RELEASER, &["promote", &release.reference()])?.exited(2)?;
    ensure!(promoted.stderr.contains("drilled: there is no record"), "promoted without a drill:\n{}", promoted.stderr);
    let strict = strict.to_string_lossy();
    let words = ["provision", "--customer", "refused", "--golden", &release.reference()];
    let mut command = Command::new(&lab.programs.agent);
    let done = run(command.arg("--config").arg(&*strict).args(words), false)?.exited(2)?;
    ensure!(done.stderr.contains("drilled: there is no record"), "admitted without a drill:\n{}", done.stderr);
    Ok(())
}

/// The signature made for something else, and an archive with one byte turned.
fn spoilt(lab: &Lab, release: &Release) -> Result<()> {
    let honest = fs::read(release.seal())?;
    fs::remove_file(release.seal())?;
    let mut keygen = Command::new("ssh-keygen");
    keygen.args(["-q", "-Y", "sign", "-n", "evidence@mintmark", "-f"]).arg(lab.layout.key(Lab::BUILDER));
    run(keygen.arg(&release.path), false)?.ok()?;
    refused(lab, "shipped", "another kind's signature never counts")?;
    fs::write(release.seal(), honest)?;

    let bytes = fs::read(release.archive())?;
    let mut turned = bytes.clone();
    let last = turned.last_mut().context("an archive without bytes")?;
    *last ^= 1;
    fs::write(release.archive(), turned)?;
    // The archive's bytes are read by the run itself, which then has nothing to undo.
    let done = lab.agent(&["provision", "--customer", "refused", "--golden", "shipped"])?.exited(1)?;
    ensure!(
        done.stderr.contains("was changed after its release") || done.stdout.contains("was changed after its release"),
        "a changed archive was not told:\n{}{}",
        done.stdout,
        done.stderr
    );
    fs::write(release.archive(), bytes).context("mending the archive")
}

/// The channel is issued again and seen, then somebody puts the old document back.
fn rollback(stage: &Stage, release: &Release) -> Result<()> {
    let lab = &stage.lab;
    let path = lab.layout.channels().join("channels/shipped/stable.json");
    let files = [path.clone(), path.with_added_extension("sig")];
    let read = || files.each_ref().map(fs::read).into_iter().collect::<Result<Vec<Vec<u8>>, _>>();
    let old = read()?;
    promote(lab, release, "stable", &[])?;
    provisioned(stage, "shipped")?;
    let new = read()?;
    write(&files, &old)?;
    refused(lab, "shipped", "somebody shows an old one")?;
    write(&files, &new)
}

fn write(files: &[PathBuf], contents: &[Vec<u8>]) -> Result<()> {
    files.iter().zip(contents).try_for_each(|(path, bytes)| fs::write(path, bytes)).context("exchanging a channel")
}

/// A channel that nobody issues again.
fn freeze(lab: &Lab, release: &Release) -> Result<()> {
    promote(lab, release, "brief", &["--expires", "1s"])?;
    let signers = lab.layout.allowed_signers().display().to_string();
    until("the channel to expire", Duration::from_secs(20), || {
        let listed = lab.builder(&["channels", "--signers", &signers]).map_err(|error| format!("{error:#}"))?;
        if listed.stdout.contains("channel brief expired on") { Ok(()) } else { Err(listed.stdout) }
    })?;
    refused(lab, "shipped/brief", "channel brief expired on")?;
    fs::remove_file(lab.layout.channels().join("channels/shipped/brief.json")).context("removing a channel")
}

/// However it is named, nobody gets it any more, and nothing brings it back.
fn revoked(lab: &Lab, first: &Release, second: &Release) -> Result<()> {
    let words = ["revoke", &first.reference(), "--reason", "sshd takes empty passwords"];
    lab.builder_as(Lab::RELEASER, &words)?.ok()?;
    for reference in ["shipped", &first.reference(), &first.path.to_string_lossy(), &first.manifest.archive.volid] {
        refused(lab, reference, "was revoked: sshd takes empty passwords")?;
    }
    lab.builder_as(Lab::RELEASER, &["promote", &first.reference()])?.exited(2)?;
    lab.builder_as(Lab::BUILDER, &["sign", &second.reference()])?.ok()?;
    promote(lab, second, "stable", &["--gates", "built,linted"])
}

/// What no channel points at and is not among the newest goes.
fn pruned(lab: &Lab, first: &Release, second: &Release) -> Result<()> {
    lab.builder(&["prune", "--golden", "shipped", "--keep", "1", "--yes"])?.ok()?;
    ensure!(!first.archive().exists() && !first.path.exists(), "the revoked release is still there");
    ensure!(second.archive().exists() && second.path.exists(), "the channel's release is gone");
    Ok(())
}

fn verified_log(lab: &Lab) -> Result<()> {
    let signers = lab.layout.allowed_signers().display().to_string();
    lab.builder(&["verify-log", "shipped", "--signers", &signers])?.ok().map(drop)
}

fn build(lab: &Lab, recipe: &Path, flag: &str) -> Result<Release> {
    let mut arguments = build_arguments(lab, &recipe.to_string_lossy());
    arguments.push(flag.to_owned());
    let built: Value = lab.builder(&arguments)?.ok()?.json()?;
    let path = PathBuf::from(built["manifest"].as_str().context("the build names no manifest")?);
    let manifest = serde_json::from_slice(&fs::read(&path).context("reading the manifest")?)?;
    Ok(Release { manifest, path })
}

fn promote(lab: &Lab, release: &Release, channel: &str, more: &[&str]) -> Result<()> {
    let reference = release.reference();
    let words = [&["promote", &reference, "--channel", channel], more].concat();
    lab.builder_as(Lab::RELEASER, &words)?.ok().map(drop)
}

/// A guest of that golden is made and goes again.
fn provisioned(stage: &Stage, golden: &str) -> Result<()> {
    stage.lab.agent(&["provision", "--customer", "shipping", "--golden", golden])?.ok()?;
    stage.destroy("shipping")
}

/// Bad input, told; nothing was touched.
fn refused(lab: &Lab, golden: &str, why: &str) -> Result<()> {
    let done = lab.agent(&["provision", "--customer", "refused", "--golden", golden])?.exited(2)?;
    ensure!(done.stderr.contains(why), "{golden}: the refusal does not say {why:?}:\n{}", done.stderr);
    Ok(())
}

/// The release with everything beside it.
fn remove(release: &Release) -> Result<()> {
    let prefix = release.manifest.archive.file.split(".tar").next().unwrap_or_default().to_owned();
    for entry in fs::read_dir(release.path.parent().unwrap_or(Path::new(".")))? {
        let entry = entry?;
        if entry.file_name().to_string_lossy().starts_with(&prefix) {
            fs::remove_file(entry.path()).context("removing what lies beside an archive")?;
        }
    }
    Ok(())
}
