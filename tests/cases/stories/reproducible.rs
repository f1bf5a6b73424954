//! The same again: two builds from one lock, and one tree packed twice.

use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;

use anyhow::{Context, Result, ensure};
use e2e::lab::{Lab, run};
use serde_json::Value;
use spec::release::Manifest;

use crate::Story;
use crate::small_recipe::small_recipe;
use crate::stage::{Stage, build_arguments};

pub(crate) const STORIES: &[Story] = &[
    ("reproducible::s2_12_two_locked_builds_have_one_tree_and_a_changed_file_another", locked_builds),
    ("reproducible::s2_12_a_tree_packed_twice_is_one_archive_and_the_node_restores_it", packed_twice),
];

const STEPS: &str = r#"[[step]]
copy = { from = "motd", to = "/etc/motd" }
[[step]]
run = "useradd --create-home app && mkdir -p /opt/app && ln /etc/motd /opt/app/motd"
"#;

fn locked_builds(stage: &Stage) -> Result<()> {
    let lab = &stage.lab;
    let folder = lab.layout.root().join("reproducible");
    fs::create_dir_all(&folder)?;
    let recipe = folder.join("golden.toml");
    fs::write(&recipe, small_recipe("reproducible", STEPS))?;
    fs::write(folder.join("motd"), "one\n")?;
    let first = build(lab, &recipe, "--update-lock")?;
    let second = build(lab, &recipe, "--locked")?;
    let trees = (&first.archive.tree_sha256, &second.archive.tree_sha256);
    ensure!(trees.0 == trees.1, "two builds from one lock have the trees {trees:?}");
    ensure!(first.forbidden != second.forbidden, "the two build guests had the same identity");
    fs::write(folder.join("motd"), "two\n")?;
    let refused = lab.builder(&arguments(lab, &recipe, "--locked"))?.exited(2)?;
    ensure!(refused.stderr.contains("file motd: locked "), "the refusal does not name the file:\n{}", refused.stderr);
    let third = build(lab, &recipe, "--update-lock")?;
    ensure!(third.archive.tree_sha256 != first.archive.tree_sha256, "another file, and the tree is the same");
    for manifest in [first, second, third] {
        remove(lab, &manifest.archive.file)?;
    }
    fs::remove_dir_all(&folder).context("removing the recipe")
}

fn arguments(lab: &Lab, recipe: &Path, flag: &str) -> Vec<String> {
    let mut arguments = build_arguments(lab, &recipe.to_string_lossy());
    arguments.push(flag.to_owned());
    arguments
}

fn build(lab: &Lab, recipe: &Path, flag: &str) -> Result<Manifest> {
    let built: Value = lab.builder(&arguments(lab, recipe, flag))?.ok()?.json()?;
    let path = built["manifest"].as_str().context("the build's JSON names no manifest")?;
    Ok(serde_json::from_slice(&fs::read(path)?)?)
}

/// An archive with everything beside it.
fn remove(lab: &Lab, archive: &str) -> Result<()> {
    let base = archive.trim_end_matches(".tar.zst");
    for entry in fs::read_dir(lab.layout.dump())? {
        let path = entry?.path();
        if path.file_name().is_some_and(|name| name.to_string_lossy().starts_with(base)) {
            fs::remove_file(path)?;
        }
    }
    Ok(())
}

const VMID: &str = "160";

fn packed_twice(stage: &Stage) -> Result<()> {
    let folder = stage.lab.layout.root().join("packing");
    fs::create_dir_all(folder.join("tree"))?;
    let golden = stage.lab.layout.dump().join(&stage.golden.archive.file);
    let unpack = "zstd -dc \"$1\" | tar -xp --numeric-owner --acls --xattrs --xattrs-include='user.*' \
        --xattrs-include=security.capability -C \"$2\"";
    let mut shell = Command::new("bash");
    shell.args(["-o", "pipefail", "-c", unpack, "unpack"]).arg(golden).arg(folder.join("tree"));
    run(&mut shell, false)?.ok()?;
    let packed = |name: &str| {
        let out: PathBuf = stage.lab.layout.dump().join(name);
        let mut pack = Command::new(&stage.lab.programs.builder);
        pack.arg("pack").arg(folder.join("tree")).arg(&out).args(["--mtime", "1700000000", "--json"]);
        let done: Value = run(&mut pack, false)?.ok()?.json()?;
        Ok::<_, anyhow::Error>((done["packed"]["file_sha256"].clone(), out))
    };
    let names = ["01", "02"].map(|second| format!("vzdump-lxc-{VMID}-2026_01_01-00_00_{second}.tar.zst"));
    let ((first, one), (second, other)) = (packed(&names[0])?, packed(&names[1])?);
    ensure!(first == second, "packed twice: {first} and {second}");
    // Its tree's digest is not the golden's: ACLs stand in vzdump's archives by the node's names, here by number.
    stage.lab.builder(&["inspect", &one.to_string_lossy(), "--json"])?.ok()?;
    let volid = format!("local:backup/{}", names[0]);
    let hwaddr = format!("name=eth0,bridge={},hwaddr=BC:24:11:16:00:01", crate::stage::settings().bridge);
    let restore = [
        "restore",
        VMID,
        &volid,
        "--rootfs",
        "local:4",
        "--unprivileged",
        "1",
        "--net0",
        &hwaddr,
        "--hostname",
        "packed",
    ];
    stage.lab.pct(&restore)?.ok()?;
    stage.lab.pct(&["start", VMID])?.ok()?;
    stage.lab.in_guest(VMID.parse()?, "test -x /usr/bin/dpkg && test -u /usr/bin/su && systemctl --version")?.ok()?;
    stage.lab.pct(&["stop", VMID])?.ok()?;
    stage.lab.pct(&["destroy", VMID])?.ok()?;
    fs::remove_file(one)?;
    fs::remove_file(other)?;
    fs::remove_dir_all(&folder).context("removing the tree")
}
