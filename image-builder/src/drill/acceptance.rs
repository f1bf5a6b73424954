//! The acceptance set: what must hold in each twin after its first boot.

use std::collections::BTreeSet;
use std::error::Error;
use std::net::{IpAddr, SocketAddr};
use std::path::Path;

use firstboot_unit::boot::{BootState, read_status};
use firstboot_unit::root::Root;
use spec::identity::{IdentityKind, Observation, Verdict};
use spec::pct::PctConf;
use spec::release::Manifest;

use super::order::Drill;
use super::report::Check;
use super::twin::{Twin, TwinError};
use super::{docker, network, services};
use crate::guest::{SystemState, failed_units, system_state};

/// Where sshd listens.
const SSH: u16 = 22;

/// Looks at one twin; `other` stands beside it on the same bridge.
pub(super) fn accept(drill: &Drill<'_>, twin: &Twin<'_>, other: &Twin<'_>, seen: &[Observation]) -> Vec<Check> {
    let mut checks = vec![
        looked("system-up", system_up(twin)),
        looked("hostname-inside", hostname(twin)),
        looked("hardware-address-inside", hardware_address(twin)),
        address(twin, other),
        looked("configuration", configuration(drill.manifest, twin)),
        host_key_types(drill.manifest, seen),
        looked("first-boot-unit", first_boot(drill.manifest, twin)),
        sshd(drill.manifest, twin, other),
    ];
    checks.extend(enabled_services(twin).unwrap_or_else(|error| vec![unverified("services", &error)]));
    checks.extend(recipe_checks(drill.manifest, twin));
    checks.extend(docker::checks(drill.manifest, twin));
    checks.into_iter().map(|check| check.of(twin.name)).collect()
}

/// A check that may have failed to look.
pub(super) fn looked(check: &str, result: Result<(bool, String), TwinError>) -> Check {
    match result {
        Ok((holds, why)) => Check::that(check, holds, why),
        Err(error) => unverified(check, &error),
    }
}

/// The whole chain of reasons: a check is where the chain ends.
pub(super) fn unverified(check: &str, error: &TwinError) -> Check {
    let mut why = error.to_string();
    let mut source = error.source();
    while let Some(cause) = source {
        why = format!("{why}: {cause}");
        source = cause.source();
    }
    Check::new(check, Verdict::Unverified, why)
}

fn system_up(twin: &Twin<'_>) -> Result<(bool, String), TwinError> {
    Ok(match system_state(&twin.inside())? {
        SystemState::Up { degraded: false } => (true, "running, no failed unit".to_owned()),
        SystemState::Up { degraded: true } => {
            (false, format!("these units failed: {}", failed_units(&twin.inside())?.join(", ")))
        }
        SystemState::Coming(state) | SystemState::Broken(state) => (false, state),
    })
}

fn hostname(twin: &Twin<'_>) -> Result<(bool, String), TwinError> {
    let inside = read(twin, "/proc/sys/kernel/hostname")?;
    Ok((inside == twin.hostname.short(), inside))
}

fn hardware_address(twin: &Twin<'_>) -> Result<(bool, String), TwinError> {
    let mut seen = Vec::new();
    let mut holds = true;
    for (_, nic, mac) in &twin.nics {
        let inside = read(twin, &format!("/sys/class/net/{nic}/address"))?;
        holds &= inside.eq_ignore_ascii_case(&mac.to_string());
        seen.push(format!("{nic} {inside}"));
    }
    Ok((holds, if seen.is_empty() { "it has no NIC".to_owned() } else { seen.join(", ") }))
}

fn read(twin: &Twin<'_>, path: &str) -> Result<String, TwinError> {
    Ok(twin.inside().ask(&["cat", path])?.ok()?.stdout.trim().to_owned())
}

fn address(twin: &Twin<'_>, other: &Twin<'_>) -> Check {
    match (twin.address, other.address) {
        _ if twin.nics.is_empty() => Check::new("address", Verdict::Skipped, "it has no NIC"),
        (None, _) => Check::new("address", Verdict::Fail, "no address by DHCP"),
        (Some(own), Some(others)) if own == others => {
            Check::new("address", Verdict::Fail, format!("{own}, and the other twin has the same"))
        }
        (Some(own), _) => Check::new("address", Verdict::Pass, own.to_string()),
    }
}

fn configuration(manifest: &Manifest, twin: &Twin<'_>) -> Result<(bool, String), TwinError> {
    let (archived, config) = (PctConf::parse(&manifest.config), twin.config()?);
    let (wanted, features) = (archived.features()?.to_string(), config.features()?.to_string());
    let unprivileged = config.flag("unprivileged") && archived.flag("unprivileged");
    let quiet = !config.flag("onboot") && !config.flag("protection") && !config.flag("template");
    let seen = format!("unprivileged={}, features {features}", u8::from(unprivileged));
    Ok((unprivileged && wanted == features && quiet, seen))
}

/// Every type of key that the build guest had comes back.
fn host_key_types(manifest: &Manifest, seen: &[Observation]) -> Check {
    let types = |kind: &IdentityKind| if let IdentityKind::SshHostKey(kind) = kind { Some(kind.clone()) } else { None };
    let wanted: BTreeSet<String> = manifest.forbidden.iter().filter_map(|identity| types(&identity.kind)).collect();
    let there: BTreeSet<String> = seen.iter().filter_map(|seen| types(&seen.seen.identity()?.kind)).collect();
    if wanted.is_empty() {
        return Check::new("host-key-types", Verdict::Skipped, "the build guest had no host keys");
    }
    let missing: Vec<&str> = wanted.difference(&there).map(String::as_str).collect();
    let why = if missing.is_empty() {
        there.iter().map(String::as_str).collect::<Vec<_>>().join(", ")
    } else {
        format!("missing: {}", missing.join(", "))
    };
    Check::that("host-key-types", missing.is_empty(), why)
}

fn first_boot(manifest: &Manifest, twin: &Twin<'_>) -> Result<(bool, String), TwinError> {
    if manifest.host_keys != "baked-unit" {
        return Ok((true, "the golden has none".to_owned()));
    }
    let root = Root::open(Path::new("/proc").join(twin.process()?.to_string()).join("root"))?;
    Ok(match read_status(&root) {
        Ok(Some(status)) => (status.status == BootState::Done, status.why),
        Ok(None) => (false, "it left no completion record".to_owned()),
        Err(error) => (false, error.to_string()),
    })
}

/// sshd greets whoever comes over the bridge: the connection is made from the other twin's network.
fn sshd(manifest: &Manifest, twin: &Twin<'_>, other: &Twin<'_>) -> Check {
    if !manifest.packages.keys().any(|package| package.starts_with("openssh-server")) {
        return Check::new("sshd-answers", Verdict::Skipped, "no package openssh-server");
    }
    let Some(address) = twin.address else {
        return Check::new("sshd-answers", Verdict::Fail, "the twin has no address");
    };
    let from = match other.process() {
        Ok(process) => process,
        Err(error) => return unverified("sshd-answers", &error),
    };
    match network::banner(from, SocketAddr::new(IpAddr::V4(address), SSH)) {
        Ok(banner) => Check::that("sshd-answers", banner.starts_with("SSH-2.0-"), banner),
        Err(error) => Check::new("sshd-answers", Verdict::Fail, format!("{address} port {SSH}: {error}")),
    }
}

fn enabled_services(twin: &Twin<'_>) -> Result<Vec<Check>, TwinError> {
    let list = ["systemctl", "list-unit-files", "--type=service", "--state=enabled", "--no-legend", "--plain"];
    let listing = twin.inside().ask(&list)?.ok()?.stdout;
    let names = services::names(&listing);
    if names.is_empty() {
        return Ok(vec![Check::new("services", Verdict::Skipped, "no service is enabled")]);
    }
    let property = format!("--property={}", services::PROPERTIES);
    let words: Vec<&str> = ["systemctl", "show", property.as_str()].into_iter().chain(names).collect();
    let shown = twin.inside().ask(&words)?.ok()?.stdout;
    let judged = services::judge(&shown).into_iter();
    Ok(judged.map(|(name, verdict, why)| Check::new(&format!("service {name}"), verdict, why)).collect())
}

/// The recipe's checks again, as far as the manifest knows what they run.
fn recipe_checks(manifest: &Manifest, twin: &Twin<'_>) -> Vec<Check> {
    let checks = manifest.checks.iter().map(|check| {
        let name = format!("recipe: {}", check.run);
        let is_file = check.run.contains('/') && !check.run.contains(char::is_whitespace);
        let done = match &check.script {
            Some(script) => twin.inside().text(script),
            None if is_file => return Check::new(&name, Verdict::Unverified, "the manifest does not hold the script"),
            None => twin.inside().run(&["sh", "-c", &check.run]),
        };
        match done {
            Ok(done) if done.status.success() => Check::new(&name, Verdict::Pass, "exit code 0"),
            Ok(done) => Check::new(&name, Verdict::Fail, format!("{}: {}", done.status, done.tail())),
            Err(error) => unverified(&name, &error.into()),
        }
    });
    checks.collect()
}
