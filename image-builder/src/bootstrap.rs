//! A Debian tree as a template, made by mmdebstrap and kept in the storage's template cache.

use std::io;
use std::path::PathBuf;
use std::time::Duration;

use pve_host::Host;
use pve_host::process::{CommandError, Invocation};
use spec::ids::{InvalidId, StorageId, Volid};
use spec::recipe::Bootstrap;
use uuid::Uuid;

use crate::digest;
use crate::progress::Progress;

/// The longest that a bootstrap may take.
const LIMIT: Duration = Duration::from_hours(1);
/// What a container needs to come up at all, whatever the recipe asks for.
const ESSENTIAL: [&str; 2] = ["systemd-sysv", "dbus"];
/// Units that cannot do their work in an unprivileged container and would count as failed at every boot.
const MASKED: [&str; 3] = ["sys-kernel-config.mount", "sys-kernel-debug.mount", "systemd-modules-load.service"];
/// Files that mmdebstrap copies from the machine it runs on, for its own use: a resolver and a name that are nobody's
/// business in a guest. They are emptied, not removed: who sets a container up writes into them.
const BUILDERS: [&str; 2] = ["/etc/resolv.conf", "/etc/hostname"];
/// Raised when what this module does to a tree changes, so that older templates in the cache are not taken for it.
const FORM: u32 = 3;
/// Characters of the key in a template's name.
const KEY: usize = 12;

/// Why there is no bootstrapped template.
#[derive(Debug, thiserror::Error)]
pub enum BootstrapError {
    /// The cache's place could not be found.
    #[error("the storage has no place for templates; give it the content type vztmpl")]
    Place(#[source] CommandError),
    /// The template's name is none that Proxmox takes.
    #[error("the template cannot be named")]
    Name(#[from] InvalidId),
    /// mmdebstrap failed.
    #[error("mmdebstrap made no tree")]
    Program(#[source] CommandError),
    /// The result could not be put in place.
    #[error("cannot put the template at {path}")]
    Keep {
        /// Where it goes.
        path: PathBuf,
        /// Why not.
        #[source]
        source: io::Error,
    },
}

/// The template for a bootstrap: the one in the cache, or a new one.
pub(crate) fn template(
    host: &Host,
    storage: &StorageId,
    bootstrap: &Bootstrap,
    refresh: bool,
    progress: &dyn Progress,
) -> Result<(Volid, PathBuf), BootstrapError> {
    let packages = packages(bootstrap);
    let keep = |path: PathBuf| move |source| BootstrapError::Keep { path, source };
    let name = template_name(&bootstrap.suite, &packages).map_err(keep(PathBuf::from(storage.as_str())))?;
    let volid: Volid = format!("{storage}:vztmpl/{name}").parse()?;
    let path = host.pvesm().path(&volid).map_err(BootstrapError::Place)?;
    if path.exists() && !refresh {
        progress.say(&format!("{volid} is there already"));
        return Ok((volid, path));
    }
    progress.say(&format!("mmdebstrap {} with {} packages", bootstrap.suite, packages.len()));
    let unfinished = path.with_file_name(format!(".mintmark-{}.tar.zst", Uuid::new_v4()));
    let made = mmdebstrap(host, &bootstrap.suite, &packages, &unfinished, progress)
        .and_then(|()| std::fs::rename(&unfinished, &path).map_err(keep(path.clone())));
    if made.is_err() {
        // It may not be there at all; the error that counts is the one before.
        let _ = std::fs::remove_file(&unfinished);
    }
    made.map(|()| (volid, path))
}

/// Starts mmdebstrap. No mirror is named: it takes Debian's own, and signatures come from the host's Debian keyring.
fn mmdebstrap(
    host: &Host,
    suite: &str,
    packages: &[String],
    to: &PathBuf,
    progress: &dyn Progress,
) -> Result<(), BootstrapError> {
    let command = Invocation::new("mmdebstrap").args(["--variant=minbase", "--mode=root"]);
    let command =
        command.arg(format!("--include={}", packages.join(","))).args(MASKED.map(mask)).args(BUILDERS.map(empty));
    let command = command.arg(suite).arg(to).limit(LIMIT).interrupted_by(host.interrupt());
    let done = command.follow(&mut |line| progress.output(line.text)).and_then(pve_host::process::Finished::ok);
    done.map(drop).map_err(BootstrapError::Program)
}

/// The hook that masks a unit; `$1` is the tree.
fn mask(unit: &str) -> String {
    format!("--customize-hook=ln -s /dev/null \"$1/etc/systemd/system/{unit}\"")
}

/// The hook that empties a file; `$1` is the tree.
fn empty(file: &str) -> String {
    format!("--customize-hook=: >\"$1{file}\"")
}

/// All packages, sorted, each once.
fn packages(bootstrap: &Bootstrap) -> Vec<String> {
    let mut packages: Vec<String> = ESSENTIAL.iter().map(|name| (*name).to_owned()).collect();
    packages.extend(bootstrap.packages.iter().cloned());
    packages.sort();
    packages.dedup();
    packages
}

/// A name that changes with what is in the template. The ending is what Proxmox takes for one.
fn template_name(suite: &str, packages: &[String]) -> io::Result<String> {
    let digest = digest::of_text(&format!("{FORM}\n{suite}\n{}", packages.join("\n")))?;
    Ok(format!("debian-{suite}-mintmark_{}_amd64.tar.zst", &digest.as_str()[..KEY]))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn bootstrap(packages: &[&str]) -> Bootstrap {
        Bootstrap { suite: "trixie".into(), packages: packages.iter().map(|p| (*p).to_owned()).collect() }
    }

    #[test]
    fn the_name_follows_the_packages_not_their_order() {
        let name = |packages: &[&str]| template_name("trixie", &super::packages(&bootstrap(packages))).unwrap();
        assert_eq!(name(&["curl", "openssh-server"]), name(&["openssh-server", "curl", "curl", "dbus"]));
        assert_ne!(name(&["curl"]), name(&["wget"]));
        assert!(name(&[]).starts_with("debian-trixie-mintmark_") && name(&[]).ends_with("_amd64.tar.zst"));
    }
}
