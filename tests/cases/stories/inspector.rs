//! The inspector on the stage's golden: clean as it is, refused once something is slipped into it.

use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;

use anyhow::{Context, Result, ensure};
use e2e::lab::{run, run_and_weigh};
use serde_json::Value;

use crate::Story;
use crate::stage::Stage;

pub(crate) const STORIES: &[Story] = &[
    ("inspector::two_readers_agree_and_nothing_is_secret", golden_is_clean),
    ("inspector::s2_21_what_is_slipped_into_a_golden_is_found", planted_secrets),
    ("inspector::s4_32_a_golden_that_would_write_elsewhere_is_refused", escapes),
];

/// The most memory that an inspection may take.
const MOST_KIB: u64 = 96 * 1024;

fn golden_is_clean(stage: &Stage) -> Result<()> {
    let archive = stage.lab.layout.dump().join(&stage.golden.archive.file);
    let mut inspect = Command::new(&stage.lab.programs.builder);
    let (done, peak) = run_and_weigh(inspect.arg("inspect").arg(&archive).arg("--json"))?;
    let report: Value = done.ok()?.json()?;
    let seen = &report["examination"];
    ensure!(
        seen["second_reader"].as_str().is_some_and(|name| name.starts_with("GNU tar")),
        "{}",
        seen["second_reader"]
    );
    ensure!(seen["secrets"] == Value::Array(vec![]), "secrets: {}", seen["secrets"]);
    ensure!(seen["owners_known"] == true, "dpkg's lists are gone: nobody vouches for set-id files");
    let expected = &stage.golden.archive;
    ensure!(seen["tree_sha256"] == expected.tree_sha256.as_str(), "another tree digest: {}", seen["tree_sha256"]);
    ensure!(seen["members_sha256"] == expected.members_sha256.as_str(), "other members: {}", seen["members_sha256"]);
    eprintln!("     (peak memory of inspect: {peak} KiB)");
    ensure!(peak > 0 && peak < MOST_KIB, "{peak} KiB");
    Ok(())
}

/// Files to plant: path, content with `KEY` for a fresh private key's own text, what is said of it.
fn plants() -> Vec<(&'static str, String, &'static str)> {
    let letters = "Zq3xV8mK1tR6wB9nC4yL7pJ2sD5hF0gA";
    let digits = "8f3a1c9e7b2d4a60";
    vec![
        ("srv/app/.env", "MODE=production\n".to_owned(), "an environment file"),
        ("srv/app/age", format!("AGE-SECRET-{}1{}\n", "KEY-", "Q7".repeat(29)), "an age identity"),
        ("srv/app/git", format!("{}{letters}abCD\n", "ghp_"), "a GitHub token"),
        ("srv/app/aws", format!("key = {}Q3RT7XKM2WB5NC4Y\n", "AKIA"), "an AWS access key"),
        (
            "srv/app/pve",
            format!("{}APIToken=ci@pve!b={}-8d1e-4f2a-9c3b-5e6f7a8b9c0d\n", "PVE", &digits[..8]),
            "a Proxmox API token",
        ),
        (
            "srv/app/url",
            format!("db = postgres://app:{}@db.internal/app\n", &letters[..12]),
            "a password in an address",
        ),
        ("srv/app/conf", format!("db_password = {}\n", &letters[..24]), "a secret that is assigned"),
    ]
}

fn planted_secrets(stage: &Stage) -> Result<()> {
    let place = Place::open(stage)?;
    let plants = plants();
    for (path, content, _) in &plants {
        place.write(path, content)?;
    }
    let key = place.folder.join("srv/app/key");
    run(Command::new("ssh-keygen").args(["-q", "-t", "ed25519", "-N", "", "-f"]).arg(&key), false)?.ok()?;
    place.write("srv/app/rootshell", "#!/bin/sh\n")?;
    shell(&format!("chmod 4755 '{}/srv/app/rootshell'", place.folder.display()))?;
    let archive = place.with("planted.tar", "--owner=0 --group=0 ./srv/app")?;
    let report: Value = stage.lab.builder(&["inspect", &archive.to_string_lossy(), "--json"])?.exited(1)?.json()?;
    let complaints: Vec<&str> =
        report["complaints"].as_array().into_iter().flatten().filter_map(Value::as_str).collect();
    let more = [("srv/app/key", "a private key"), ("srv/app/rootshell", "comes from no package")];
    for (path, what) in plants.iter().map(|(path, _, what)| (*path, *what)).chain(more) {
        let told = complaints.iter().any(|line| line.contains(path) && line.contains(what));
        ensure!(told, "/{path} is not told as {what:?}: {complaints:#?}");
    }
    let stray = complaints.iter().find(|line| !line.starts_with("/srv/app/"));
    ensure!(stray.is_none(), "the golden itself is complained about: {stray:?}");
    place.close()
}

fn escapes(stage: &Stage) -> Result<()> {
    let place = Place::open(stage)?;
    place.write("x", "x\n")?;
    for (name, options, why) in [
        ("twice.tar", "--transform 's|^\\./x|./etc/passwd|' ./x", "stands twice"),
        ("through.tar", "--transform 's|^\\./x|./bin/x|' ./x", "which is no directory"),
        ("climbs.tar", "-P --transform 's|^\\./x|./etc/../../x|' ./x", ".."),
    ] {
        let archive = place.with(name, options)?;
        let done = stage.lab.builder(&["inspect", &archive.to_string_lossy()])?.exited(1)?;
        ensure!(done.stderr.contains(why), "{name}: the refusal does not say {why:?}:\n{}", done.stderr);
        ensure!(done.stdout.is_empty(), "{name} is refused and yet reported on:\n{}", done.stdout);
        fs::remove_file(archive).context("removing the archive")?;
    }
    place.close()
}

/// A folder with the golden as plain tar, to which members can be added.
struct Place {
    folder: PathBuf,
}

impl Place {
    fn open(stage: &Stage) -> Result<Self> {
        let folder = stage.lab.layout.root().join("inspector");
        fs::create_dir_all(&folder)?;
        let archive = stage.lab.layout.dump().join(&stage.golden.archive.file);
        shell(&format!("zstd -qdc '{}' >'{}/golden.tar'", archive.display(), folder.display()))?;
        Ok(Self { folder })
    }

    fn write(&self, path: &str, content: &str) -> Result<()> {
        let path = self.folder.join(path);
        fs::create_dir_all(path.parent().unwrap_or(Path::new("/")))?;
        fs::write(&path, content).with_context(|| format!("planting {}", path.display()))
    }

    /// The golden with more members, as GNU tar adds them.
    fn with(&self, name: &str, options: &str) -> Result<PathBuf> {
        let folder = self.folder.display();
        shell(&format!("cd '{folder}' && cp --reflink=auto golden.tar {name} && tar -r -f {name} {options}"))?;
        Ok(self.folder.join(name))
    }

    fn close(self) -> Result<()> {
        fs::remove_dir_all(&self.folder).context("removing the folder")
    }
}

fn shell(command: &str) -> Result<()> {
    run(Command::new("bash").args(["-o", "pipefail", "-c", command]), false)?.ok().map(drop)
}
