//! The golden is small, and still in order: licences, the package database, what an upgrade would bring back.

use std::collections::BTreeSet;
use std::fs;
use std::path::Path;
use std::process::Command;

use anyhow::{Context, Result, ensure};
use e2e::lab::run;
use spec::minimize::{Active, Minimize, Profile};

use crate::Story;
use crate::stage::Stage;

pub(crate) const STORIES: &[Story] = &[
    ("minimize::s4_18_the_golden_is_smaller_than_the_seeds_and_than_tar_and_zstd_alone", both_numbers),
    ("minimize::s4_11_licences_stay_and_dpkg_leaves_out_what_went", dpkg_is_told),
];

/// The seed's golden with Docker, in bytes.
const SEED: u64 = 298_000_000;

fn both_numbers(stage: &Stage) -> Result<()> {
    let (bytes, sizes) = (stage.golden.archive.bytes, &stage.golden.sizes);
    let unminimized = sizes.unminimized_bytes.context("the stage's build did not measure")?;
    eprintln!("     (golden {bytes} bytes; tar | zstd of the same guest {unminimized}; the seed's {SEED})");
    for rule in &sizes.minimized.rules {
        eprintln!("     ({}: {} → {} bytes)", rule.rule, rule.bytes_before, rule.bytes_after);
    }
    ensure!(bytes < SEED, "{bytes} bytes are not fewer than the seed's {SEED}");
    ensure!(bytes < unminimized, "{bytes} bytes are not fewer than the {unminimized} of tar and zstd alone");
    ensure!(sizes.minimized.removed_bytes() > 0, "no rule took anything");
    let found = &sizes.attribution;
    let accounted: u64 = found.packages.values().chain(found.made.values()).sum();
    ensure!(accounted + found.unexplained_bytes == found.bytes, "the bytes do not add up: {found:?}");
    ensure!(found.packages.get("docker.io").is_some_and(|bytes| *bytes > 10 << 20), "docker.io weighs nothing");
    ensure!(found.unexplained_bytes < 1 << 20, "nobody accounts for {:?}", found.unexplained);
    Ok(())
}

fn dpkg_is_told(stage: &Stage) -> Result<()> {
    let tree = stage.lab.layout.root().join("minimized");
    fs::create_dir_all(&tree)?;
    let looked = look(stage, &tree);
    fs::remove_dir_all(&tree).context("removing the unpacked tree")?;
    looked
}

fn look(stage: &Stage, tree: &Path) -> Result<()> {
    let archive = stage.lab.layout.dump().join(&stage.golden.archive.file);
    let unpack = "zstd -dc \"$1\" | tar -x --numeric-owner -C \"$2\"";
    run(Command::new("bash").args(["-o", "pipefail", "-c", unpack, "unpack"]).arg(&archive).arg(tree), false)?.ok()?;
    let names: Vec<String> = fs::read_dir(tree.join("usr/share/doc"))?
        .flatten()
        .map(|entry| entry.file_name().to_string_lossy().into_owned())
        .collect();
    let licensed = |name: &String| tree.join("usr/share/doc").join(name).join("copyright").symlink_metadata().is_ok();
    // A link leads to the package that it shares a licence with.
    let linked = |name: &String| tree.join("usr/share/doc").join(name).is_symlink();
    let licences: BTreeSet<&String> = names.iter().filter(|name| licensed(name) || linked(name)).collect();
    let without: Vec<&String> = stage.golden.packages.keys().filter(|package| !licences.contains(package)).collect();
    ensure!(without.is_empty(), "packages without their licence: {without:?}");

    let verify = chrooted(tree, "dpkg --verify || true")?;
    let active = Minimize { profile: Profile::Small, ..Minimize::default() }.active();
    let unexplained = verify.lines().find(|line| !is_explained(line, &active));
    ensure!(unexplained.is_none(), "dpkg --verify says {}", unexplained.unwrap_or_default());
    ensure!(chrooted(tree, INSTALL)? == "usr/share/doc/probe/copyright\nusr/bin/probe\n", "filters do not hold");
    Ok(())
}

/// A file that a rule took, or the console unit that Proxmox writes into every container.
fn is_explained(line: &str, active: &[Active]) -> bool {
    let taken = line.strip_prefix("missing").map(|rest| rest.trim_start().trim_start_matches("c ").trim());
    taken.is_some_and(|path| active.iter().any(|active| active.covers(path)))
        || line.contains("container-getty@.service")
}

/// A package made on the spot is installed; which of its files arrived is printed.
const INSTALL: &str = "set -e
    cd /tmp && mkdir -p p/DEBIAN p/usr/share/doc/probe p/usr/share/man/man1 p/usr/bin
    printf 'Package: probe\\nVersion: 1\\nArchitecture: all\\nMaintainer: x <x@example.org>\\nDescription: probe\\n' >p/DEBIAN/control
    files='usr/share/doc/probe/copyright usr/share/doc/probe/changelog usr/share/man/man1/probe.1 usr/bin/probe'
    for file in $files; do echo x >p/$file; done
    dpkg-deb --build p probe.deb >/dev/null && dpkg -i probe.deb >/dev/null
    for file in $files; do if [ -e /$file ]; then echo $file; fi; done";

fn chrooted(tree: &Path, script: &str) -> Result<String> {
    let mut command = Command::new("chroot");
    command.arg(tree).args(["sh", "-c", script]).env("PATH", "/usr/sbin:/usr/bin:/sbin:/bin");
    Ok(run(&mut command, false)?.ok()?.stdout)
}
