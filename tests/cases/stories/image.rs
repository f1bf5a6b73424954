//! The golden: what is in it, what is not, and what is refused.

use std::fs;
use std::path::Path;
use std::process::Command;

use anyhow::{Context, Result, ensure};
use e2e::lab::run;
use spec::identity::{IdentityKind, Verdict, overall};

use crate::Story;
use crate::small_recipe::small_recipe;
use crate::stage::{Stage, build, build_arguments};

pub(crate) const STORIES: &[Story] = &[
    ("image::s4_15_the_archive_is_read_and_unpacked_by_gnu_tar", gnu_tar_reads_it),
    ("image::s4_11_nothing_of_the_builder_is_left_in_the_tree", nothing_is_left),
    ("image::s4_17_the_manifest_names_what_no_guest_may_have", forbidden_identities),
    ("image::a_planted_identity_is_refused_and_nothing_is_left", planted_identity),
    ("image::s4_12_a_recipe_may_choose_an_uninitialized_machine_id", uninitialized),
    ("image::hostile_archives_are_refused", hostile_archives),
];

/// The golden's archive.
fn archive(stage: &Stage) -> String {
    stage.lab.layout.dump().join(&stage.golden.archive.file).to_string_lossy().into_owned()
}

fn shell(command: &str) -> Result<String> {
    Ok(run(Command::new("bash").args(["-o", "pipefail", "-c", command]), false)?.ok()?.stdout)
}

fn gnu_tar_reads_it(stage: &Stage) -> Result<()> {
    let listing = shell(&format!("tar --zstd -tvf '{}'", archive(stage)))?;
    let first = listing.lines().next().context("an empty listing")?;
    ensure!(first.ends_with(" ./etc/vzdump/pct.conf"), "the first member is {first}");
    ensure!(listing.lines().count() as u64 == stage.golden.archive.members, "the manifest counts other members");
    Ok(())
}

fn nothing_is_left(stage: &Stage) -> Result<()> {
    let tree = stage.lab.layout.root().join("unpacked");
    fs::create_dir_all(&tree)?;
    shell(&format!("zstd -dc '{}' | tar -x --numeric-owner -C '{}'", archive(stage), tree.display()))?;
    let names = |folder: &str| -> Vec<String> {
        let entries = fs::read_dir(tree.join(folder)).into_iter().flatten().flatten();
        entries.map(|entry| entry.file_name().to_string_lossy().into_owned()).collect()
    };
    let host_keys: Vec<String> = names("etc/ssh").into_iter().filter(|name| name.starts_with("ssh_host_")).collect();
    ensure!(host_keys.is_empty(), "host keys are left: {host_keys:?}");
    ensure!(fs::metadata(tree.join("etc/machine-id"))?.len() == 0, "the machine-id is not empty");
    ensure!(!tree.join("etc/hostname").exists(), "the hostname file is left");
    for folder in ["var/lib/dhcp", "var/log/journal", "var/lib/apt/lists", "tmp"] {
        let files = shell(&format!("find '{}' -mindepth 1 -not -type d", tree.join(folder).display()))?;
        ensure!(files.is_empty(), "{folder} holds {files}");
    }
    for history in ["root/.bash_history", "root/.wget-hsts", "var/lib/docker/engine-id", "var/lib/systemd/random-seed"]
    {
        ensure!(!tree.join(history).exists(), "{history} is left");
    }
    ensure!(tree.join("var/log").is_dir() && tree.join("etc/ssh/sshd_config").is_file(), "too much is gone");
    fs::remove_dir_all(&tree).context("removing the unpacked tree")
}

fn forbidden_identities(stage: &Stage) -> Result<()> {
    let has = |wanted: fn(&IdentityKind) -> bool| stage.golden.forbidden.iter().any(|identity| wanted(&identity.kind));
    ensure!(has(|kind| *kind == IdentityKind::Mac), "no MAC: {:?}", stage.golden.forbidden);
    ensure!(has(|kind| *kind == IdentityKind::Hostname), "no hostname");
    ensure!(has(|kind| *kind == IdentityKind::MachineId), "no machine-id");
    ensure!(has(|kind| matches!(kind, IdentityKind::SshHostKey(_))), "no host key");
    ensure!(
        overall(&stage.golden.findings) == Verdict::Pass,
        "the golden was published with {:?}",
        stage.golden.findings
    );
    Ok(())
}

fn planted_identity(stage: &Stage) -> Result<()> {
    let before = dump_listing(stage)?;
    let recipe = stage.lab.layout.root().join("planted.toml");
    fs::write(&recipe, small_recipe("planted", PLANTED))?;
    let built = stage.lab.builder(&build_arguments(&stage.lab, &recipe.to_string_lossy()))?.exited(1)?;
    ensure!(
        built.stderr.contains("/etc/.pve-ignore.hostname"),
        "the refusal does not name the path:\n{}",
        built.stderr
    );
    ensure!(built.stderr.contains("id_ed25519"), "the refusal does not name the key:\n{}", built.stderr);
    ensure!(dump_listing(stage)? == before, "an archive was left: {:?}", dump_listing(stage)?);
    ensure!(stage.vmids()?.iter().all(|vmid| *vmid < 9000), "the build guest was left: {:?}", stage.vmids()?);
    Ok(())
}

/// A marker that would stop Proxmox's hostname reset, and a private key.
const PLANTED: &str = r#"[[step]]
run = "touch /etc/.pve-ignore.hostname && mkdir -p /root/.ssh && ssh-keygen -q -t ed25519 -N '' -f /root/.ssh/id_ed25519"
"#;

fn uninitialized(stage: &Stage) -> Result<()> {
    let recipe = stage.lab.layout.root().join("uninitialized.toml");
    fs::write(&recipe, small_recipe("uninitialized", "[clean]\nmachine_id = \"uninitialized\"\n"))?;
    let (golden, path) = build(&stage.lab, &recipe.to_string_lossy())?;
    let archive = stage.lab.layout.dump().join(&golden.archive.file);
    let text = shell(&format!("zstd -dc '{}' | tar -xO ./etc/machine-id", archive.display()))?;
    ensure!(text == "uninitialized\n", "the machine-id in the golden is {text:?}");
    ensure!(overall(&golden.findings) == Verdict::Pass, "published with {:?}", golden.findings);
    fs::remove_file(path).context("removing the manifest")?;
    fs::remove_file(archive).context("removing the archive")
}

fn dump_listing(stage: &Stage) -> Result<Vec<String>> {
    let entries = fs::read_dir(stage.lab.layout.dump()).context("listing the archives")?.flatten();
    let names = entries.map(|entry| entry.file_name().to_string_lossy().into_owned());
    let mut names: Vec<String> =
        names.filter(|name| Path::new(name).extension().is_none_or(|end| end != "log")).collect();
    names.sort();
    Ok(names)
}

fn hostile_archives(stage: &Stage) -> Result<()> {
    let folder = stage.lab.layout.root().join("hostile");
    fs::create_dir_all(folder.join("etc/vzdump"))?;
    fs::write(folder.join("etc/vzdump/pct.conf"), &stage.golden.config)?;
    fs::write(folder.join("etc/vzdump/pct.fw"), "")?;
    let make = "set -e; cd '{}'; c='./etc/vzdump/pct.conf ./etc/vzdump/pct.fw'; echo x >file; ln -sfn /etc link;
        tar cf twice.tar $c ./file; tar rf twice.tar ./file;
        tar cf two-confs.tar $c; tar rf two-confs.tar ./etc/vzdump/pct.conf;
        tar cPf escape.tar --transform 's|^\\./file|./../file|' $c ./file;
        tar cf through-link.tar $c ./link; tar rf through-link.tar --transform 's|^\\./file|./link/file|' ./file;
        tar cf whole.tar $c ./file; zstd -qf whole.tar; head -c 300 whole.tar.zst >cut.tar.zst; head -c 9000 whole.tar >cut.tar";
    shell(&make.replace("{}", &folder.to_string_lossy()))?;
    for (name, reason) in [
        ("twice.tar", "file"),
        ("two-confs.tar", "pct.conf"),
        ("escape.tar", ".."),
        ("through-link.tar", "link"),
        ("cut.tar.zst", ""),
        ("cut.tar", ""),
    ] {
        let path = folder.join(name);
        let done = stage.lab.builder(&["inspect", &path.to_string_lossy()])?;
        ensure!(done.code != 0, "{name} was accepted:\n{}", done.stdout);
        ensure!(done.stderr.contains(reason), "{name}: the refusal does not tell why:\n{}", done.stderr);
    }
    fs::remove_dir_all(&folder).context("removing the hostile archives")
}
