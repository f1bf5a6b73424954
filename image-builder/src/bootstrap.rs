//! A Debian tree as a template, made by mmdebstrap and kept in the storage's template cache.

use std::collections::BTreeMap;
use std::io;
use std::path::{Path, PathBuf};
use std::time::Duration;

use pve_host::Host;
use pve_host::process::{CommandError, Invocation};
use spec::ids::{InvalidId, StorageId, Volid};
use spec::recipe::Bootstrap;
use spec::release::LockedBase;
use uuid::Uuid;

use crate::digest;
use crate::lock;
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
const FORM: u32 = 4;
/// Debian's mirrors, which have the security archive too.
const MIRRORS: &str = "http://deb.debian.org";
/// Every state that those have had.
const SNAPSHOTS: &str = "http://snapshot.debian.org/archive";
/// Where apt reads pins from.
const PREFERENCES: &str = "/etc/apt/preferences.d";
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

/// Whether a bootstrapped template of an earlier build may serve.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum BaseCache {
    /// It may.
    Use,
    /// It is made anew, and replaced.
    Refresh,
    /// It is made anew under a name of its own, for one build, and removed.
    Fresh,
}

/// A template to be made.
pub(crate) struct Making<'a> {
    /// Suite and packages.
    pub(crate) bootstrap: &'a Bootstrap,
    /// The base that it must come out as.
    pub(crate) locked: Option<&'a LockedBase>,
    /// The newest time that a file in it may have, seconds since 1970.
    pub(crate) epoch: u64,
    /// Whether an earlier one may serve.
    pub(crate) cache: BaseCache,
}

/// The template for a bootstrap: the one in the cache, or a new one. A locked one has a place of its own in the cache,
/// unless what is there is the very file of the lock.
pub(crate) fn template(
    host: &Host,
    storage: &StorageId,
    making: &Making<'_>,
    progress: &dyn Progress,
) -> Result<(Volid, PathBuf), BootstrapError> {
    let packages = packages(making.bootstrap);
    let (volid, path) = place(host, storage, making, &packages)?;
    if path.exists() && making.cache == BaseCache::Use {
        progress.say(&format!("{volid} is there already"));
        return Ok((volid, path));
    }
    progress.say(&format!("mmdebstrap {} with {} packages", making.bootstrap.suite, packages.len()));
    let unfinished = path.with_file_name(format!(".mintmark-{}.tar.zst", Uuid::new_v4()));
    let made = mmdebstrap(host, making, &packages, &unfinished, progress)
        .and_then(|()| std::fs::rename(&unfinished, &path).map_err(keep(path.clone())));
    if made.is_err() {
        // It may not be there at all; the error that counts is the one before.
        let _ = std::fs::remove_file(&unfinished);
    }
    made.map(|()| (volid, path))
}

/// What [`template`] would do: the template, and the call that would make it where it is not in the cache.
pub(crate) fn planned(
    host: &Host,
    storage: &StorageId,
    making: &Making<'_>,
) -> Result<(Volid, Option<String>), BootstrapError> {
    let packages = packages(making.bootstrap);
    let (volid, path) = place(host, storage, making, &packages)?;
    if path.exists() && making.cache == BaseCache::Use {
        return Ok((volid, None));
    }
    let call = command(host, making, &packages, &path).to_string();
    Ok((volid, Some(call)))
}

fn keep(path: PathBuf) -> impl FnOnce(io::Error) -> BootstrapError {
    move |source| BootstrapError::Keep { path, source }
}

/// Where the template is, or would be.
fn place(
    host: &Host,
    storage: &StorageId,
    making: &Making<'_>,
    packages: &[String],
) -> Result<(Volid, PathBuf), BootstrapError> {
    let place = |locked: Option<&LockedBase>| {
        let name = template_name(making.bootstrap, packages, locked).map_err(keep(PathBuf::from(storage.as_str())))?;
        let volid: Volid = format!("{storage}:vztmpl/{name}").parse()?;
        let path = host.pvesm().path(&volid).map_err(BootstrapError::Place)?;
        Ok::<_, BootstrapError>((volid, path))
    };
    let newest = place(None)?;
    let (volid, path) = match making.locked {
        Some(locked) if !is_file_of(locked, &newest.1).map_err(keep(newest.1.clone()))? => place(making.locked)?,
        _ => newest,
    };
    if making.cache == BaseCache::Fresh { alone(storage, &path) } else { Ok((volid, path)) }
}

/// A place beside that one which no other build looks for.
fn alone(storage: &StorageId, path: &Path) -> Result<(Volid, PathBuf), BootstrapError> {
    let name = path.file_name().unwrap_or_default().to_string_lossy();
    let name = name.replace("mintmark_", &format!("mintmark_{}_", Uuid::new_v4().simple()));
    Ok((format!("{storage}:vztmpl/{name}").parse()?, path.with_file_name(name)))
}

/// Whether a file is the one that was locked.
fn is_file_of(locked: &LockedBase, path: &Path) -> io::Result<bool> {
    Ok(path.exists() && digest::of_file(path)? == *locked.sha256())
}

/// Starts mmdebstrap. No mirror is named: it takes Debian's own, and signatures come from the host's Debian keyring.
/// With a time given it makes the same file of the same packages.
fn mmdebstrap(
    host: &Host,
    making: &Making<'_>,
    packages: &[String],
    to: &PathBuf,
    progress: &dyn Progress,
) -> Result<(), BootstrapError> {
    let done = command(host, making, packages, to)
        .follow(&mut |line| progress.output(line.text))
        .and_then(pve_host::process::Finished::ok);
    done.map(drop).map_err(BootstrapError::Program)
}

fn command(host: &Host, making: &Making<'_>, packages: &[String], to: &PathBuf) -> Invocation {
    let epoch = making.epoch.to_string();
    let command = Invocation::new("env").variables([("SOURCE_DATE_EPOCH", &*epoch)]).arg("mmdebstrap");
    let command = command.args(["--variant=minbase", "--mode=root"]);
    let command =
        command.arg(format!("--include={}", packages.join(","))).args(MASKED.map(mask)).args(BUILDERS.map(empty));
    let command = match making.locked {
        Some(LockedBase::Bootstrap { packages, .. }) => command.args(pin_hooks(packages)),
        _ => command,
    };
    let mirrors = making.bootstrap.snapshot.iter().flat_map(|at| sources(&making.bootstrap.suite, Some(at)));
    command.arg(&making.bootstrap.suite).arg(to).args(mirrors).limit(LIMIT).interrupted_by(host.interrupt())
}

/// Debian's own sources: its mirrors, or one moment of them. An index of the past is past its date.
pub(crate) fn sources(suite: &str, snapshot: Option<&String>) -> [String; 3] {
    let parts = [
        ("debian", suite.to_owned()),
        ("debian", format!("{suite}-updates")),
        ("debian-security", format!("{suite}-security")),
    ];
    parts.map(|(archive, suite)| match snapshot {
        Some(at) => format!("deb [check-valid-until=no] {SNAPSHOTS}/{archive}/{at} {suite} main"),
        None => format!("deb {MIRRORS}/{archive} {suite} main"),
    })
}

/// The hooks that pin every package to its locked version while the tree is made; `$1` is the tree. Names and versions
/// have no quotes in them: the lock's are dpkg's own, and an edited one is refused by its shell at worst.
fn pin_hooks(packages: &BTreeMap<String, String>) -> Vec<String> {
    let files = lock::pins(packages.iter().map(|(name, version)| (name.as_str(), version.as_str())));
    let set = files.iter().enumerate().map(|(number, pins)| {
        let pins = pins.replace('\'', "");
        format!(
            "--setup-hook=mkdir -p \"$1{PREFERENCES}\" && printf '%s' '{pins}' >\"$1{PREFERENCES}/mintmark-{number}\""
        )
    });
    let clear = format!("--customize-hook=rm -f \"$1{PREFERENCES}/mintmark-\"*");
    set.chain([clear]).collect()
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
fn template_name(bootstrap: &Bootstrap, packages: &[String], locked: Option<&LockedBase>) -> io::Result<String> {
    let suite = &bootstrap.suite;
    let locked = locked.map(|locked| format!("\nlocked {}", locked.sha256())).unwrap_or_default();
    let snapshot = bootstrap.snapshot.as_deref().map(|at| format!("\nsnapshot {at}")).unwrap_or_default();
    let digest = digest::of_text(&format!("{FORM}\n{suite}\n{}{locked}{snapshot}", packages.join("\n")))?;
    Ok(format!("debian-{suite}-mintmark_{}_amd64.tar.zst", &digest.as_str()[..KEY]))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn bootstrap(packages: &[&str]) -> Bootstrap {
        Bootstrap {
            suite: "trixie".into(),
            packages: packages.iter().map(|p| (*p).to_owned()).collect(),
            snapshot: None,
        }
    }

    #[test]
    fn the_name_follows_the_packages_not_their_order() {
        let name = |packages: &[&str]| {
            let bootstrap = bootstrap(packages);
            template_name(&bootstrap, &super::packages(&bootstrap), None).unwrap()
        };
        assert_eq!(name(&["curl", "openssh-server"]), name(&["openssh-server", "curl", "curl", "dbus"]));
        assert_ne!(name(&["curl"]), name(&["wget"]));
        assert!(name(&[]).starts_with("debian-trixie-mintmark_") && name(&[]).ends_with("_amd64.tar.zst"));
    }

    #[test]
    fn a_snapshot_is_a_moment_of_all_three_archives() {
        let lines = sources("trixie", Some(&"20261101T000000Z".to_owned()));
        let security = "http://snapshot.debian.org/archive/debian-security/20261101T000000Z trixie-security main";
        assert_eq!(lines[2], format!("deb [check-valid-until=no] {security}"));
        assert_eq!(sources("trixie", None)[1], "deb http://deb.debian.org/debian trixie-updates main");
    }
}
