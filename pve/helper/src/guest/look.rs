//! One look at one guest, running or not.

use firstboot_unit::boot::{StatusError, read_attestation, read_status};
use firstboot_unit::items::ssh_host_keys::host_keys;
use firstboot_unit::observe::observe as observe_tree;
use firstboot_unit::root::Root;
use pve_host::Host;
use spec::identity::{Catalog, IdentityKind, Observation};
use spec::ids::Vmid;

use super::cloud_init::cloud_init;
use super::error::ObserveError;
use super::mounts::Mounts;
use super::tree::Tree;
use crate::protocol::{Firstboot, Observed, Source};

/// LXC gives every start of a container a boot id of its own.
const BOOT_ID: &str = "/proc/sys/kernel/random/boot_id";

/// Looks at a guest. Blocks for as long as the node's programs and the guest's files take.
pub fn observe(host: &Host, mounts: &Mounts, vmid: Vmid) -> Result<Observed, ObserveError> {
    let tree = Tree::open(host, mounts, vmid)?;
    let observed = read_tree(vmid, tree.source(), tree.root());
    tree.close()?;
    Ok(observed)
}

fn read_tree(vmid: Vmid, source: Source, root: &Root) -> Observed {
    let observations = observe_tree(root, Catalog::builtin());
    Observed {
        vmid,
        source,
        hostname: hostname(&observations),
        // A failure here is one that the observation of the same files tells as well.
        host_keys: host_keys(root).unwrap_or_default(),
        firstboot: firstboot(root, source),
        // What it says lies in memory, and with the guest's stop is gone.
        cloud_init: (source == Source::Running).then(|| cloud_init(root)).flatten(),
        // One that cannot be read is one that was not given.
        attestation: read_attestation(root).unwrap_or_default(),
        observations,
    }
}

fn hostname(observations: &[Observation]) -> Option<String> {
    let identities = observations.iter().filter_map(|observation| observation.seen.identity());
    let mut names = identities.filter(|identity| identity.kind == IdentityKind::Hostname);
    names.next().map(|identity| identity.value.clone())
}

fn firstboot(root: &Root, source: Source) -> Firstboot {
    match read_status(root) {
        Ok(None) => Firstboot::Never,
        Ok(Some(record)) => {
            let of_this_boot = match source {
                Source::Running => Some(record.boot_id.is_some() && record.boot_id == boot_id(root)),
                Source::Stopped => None,
            };
            Firstboot::Recorded { of_this_boot, record }
        }
        Err(error) => Firstboot::Unreadable { why: in_one_line(&error) },
    }
}

/// The boot id that the guest itself sees.
fn boot_id(root: &Root) -> Option<String> {
    let text = root.read_text(BOOT_ID, 128).ok().flatten()?;
    Some(text.trim().to_owned())
}

fn in_one_line(error: &StatusError) -> String {
    let mut text = error.to_string();
    let mut source = std::error::Error::source(error);
    while let Some(cause) = source {
        text = format!("{text}: {cause}");
        source = cause.source();
    }
    text
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::fs;

    #[test]
    fn a_tree_is_read_whole_and_no_private_key_is_told() {
        let dir = tempfile::tempdir().unwrap();
        for name in ["etc/ssh", "var/lib/mintmark"] {
            fs::create_dir_all(dir.path().join(name)).unwrap();
        }
        fs::write(dir.path().join("etc/hostname"), "acme\n").unwrap();
        fs::write(dir.path().join("etc/ssh/ssh_host_rsa_key"), "CANARY").unwrap();
        let record =
            r#"{"version":1,"status":"done","why":"a new guest","boot_id":"b","at":1,"renewed":[],"fingerprints":{}}"#;
        fs::write(dir.path().join("var/lib/mintmark/firstboot-status.json"), record).unwrap();
        let observed = read_tree("101".parse().unwrap(), Source::Stopped, &Root::open(dir.path()).unwrap());
        assert_eq!(observed.hostname.as_deref(), Some("acme"));
        assert!(matches!(&observed.firstboot, Firstboot::Recorded { of_this_boot: None, .. }));
        let json = serde_json::to_string(&observed).unwrap();
        assert!(json.contains("it is not a private key") && !json.contains("CANARY"));
    }

    #[test]
    fn a_record_of_another_boot_is_told_from_this_boots() {
        let dir = tempfile::tempdir().unwrap();
        for name in ["proc/sys/kernel/random", "var/lib/mintmark"] {
            fs::create_dir_all(dir.path().join(name)).unwrap();
        }
        let record = r#"{"version":1,"status":"done","why":"","boot_id":"one","at":1,"renewed":[],"fingerprints":{}}"#;
        fs::write(dir.path().join("var/lib/mintmark/firstboot-status.json"), record).unwrap();
        let root = Root::open(dir.path()).unwrap();
        for (boot_id, expected) in [("one\n", true), ("two\n", false)] {
            fs::write(dir.path().join("proc/sys/kernel/random/boot_id"), boot_id).unwrap();
            let Firstboot::Recorded { of_this_boot, .. } = firstboot(&root, Source::Running) else {
                panic!("{boot_id}")
            };
            assert_eq!(of_this_boot, Some(expected));
        }
        fs::write(dir.path().join("var/lib/mintmark/firstboot-status.json"), "{").unwrap();
        assert!(matches!(firstboot(&root, Source::Running), Firstboot::Unreadable { .. }));
    }
}
