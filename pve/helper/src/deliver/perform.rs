//! One delivery to one guest, running or not.

use firstboot_unit::root::Root;
use pve_host::Host;
use spec::ids::Vmid;

use super::drop_in;
use super::error::DeliverError;
use super::guest_root::GuestRoot;
use super::places::admit;
use super::survey::survey;
use super::write::{Changes, write};
use crate::guest::{Mounts, Tree};
use crate::protocol::{Delivered, File, Place};

/// Delivers. Blocks for as long as the node's programs and the guest's files take.
pub fn deliver(
    host: &Host,
    mounts: &Mounts,
    vmid: Vmid,
    place: Place,
    files: &[File],
) -> Result<Delivered, DeliverError> {
    admit(place, files)?;
    let tree = Tree::open(host, mounts, vmid)?;
    let changes = guest_root(host, vmid, &tree).and_then(|guest| {
        let written = guest.perform(|| put(tree.root(), place, files, guest.uid()));
        written.map_err(|source| DeliverError::NoGuestRoot { vmid, source })?
    });
    // The end first: a guest that stays mounted is locked, whatever else went wrong.
    tree.close()?;
    let Changes { written, removed } = changes?;
    Ok(Delivered { vmid, delivered: written, withdrawn: removed })
}

/// The files into their place, and what goes along with them into its own. Both ways are looked at before anything is
/// created.
pub(super) fn put(root: &Root, place: Place, files: &[File], owner: u32) -> Result<Changes, DeliverError> {
    let along = drop_in::of(place, files);
    if let Some((rules, _)) = &along {
        survey(root, rules, owner)?;
    }
    let mut changes = write(root, &place.rules(), files, owner)?;
    if let Some((rules, files)) = along {
        let Changes { written, removed } = write(root, &rules, &files, owner)?;
        changes.written.extend(written);
        changes.removed.extend(removed);
    }
    Ok(changes)
}

fn guest_root(host: &Host, vmid: Vmid, tree: &Tree<'_>) -> Result<GuestRoot, DeliverError> {
    let found = if let Some(pid) = tree.pid() {
        GuestRoot::of_process(pid)
    } else {
        let conf = host.pct().config(vmid);
        GuestRoot::of_configuration(&conf.map_err(|source| DeliverError::Configuration { vmid, source })?)
    };
    found.map_err(|source| DeliverError::NoGuestRoot { vmid, source })
}

#[cfg(test)]
mod tests {
    use std::fs;
    use std::os::unix::fs::{MetadataExt, PermissionsExt, symlink};
    use std::path::Path;

    use super::*;
    use crate::protocol::Content;

    const CERTIFICATE: &str = "ssh_host_ed25519_key-cert.pub";
    const DROP_IN: &str = "20-mintmark-host-certificates.conf";

    fn guest() -> (tempfile::TempDir, u32) {
        let tree = tempfile::tempdir().unwrap();
        for directory in ["", "etc", "etc/ssh"] {
            let path = tree.path().join(directory);
            fs::create_dir_all(&path).unwrap();
            fs::set_permissions(&path, fs::Permissions::from_mode(0o755)).unwrap();
        }
        let owner = fs::metadata(tree.path()).unwrap().uid();
        (tree, owner)
    }

    fn bring(tree: &Path, owner: u32, content: Option<&str>) -> Result<Changes, DeliverError> {
        let file = |text: &str| File { name: CERTIFICATE.into(), content: Content::new(text.into()) };
        let files: Vec<File> = content.map(file).into_iter().collect();
        put(&Root::open(tree).unwrap(), Place::HostCertificates, &files, owner)
    }

    #[test]
    fn certificates_come_with_a_drop_in_for_sshd_and_go_with_it() {
        let (tree, owner) = guest();
        fs::write(tree.path().join("etc/ssh/ssh_host_ed25519_key"), "the guest's own").unwrap();
        let changes = bring(tree.path(), owner, Some("certificate\n")).unwrap();
        assert_eq!(changes.written, [CERTIFICATE, DROP_IN]);
        let drop_in = tree.path().join("etc/ssh/sshd_config.d").join(DROP_IN);
        for path in [&drop_in, &tree.path().join("etc/ssh").join(CERTIFICATE)] {
            assert_eq!(fs::metadata(path).unwrap().mode() & 0o7777, 0o644, "{path:?}");
        }
        assert_eq!(bring(tree.path(), owner, None).unwrap().removed, [CERTIFICATE, DROP_IN]);
        assert!(!drop_in.exists() && tree.path().join("etc/ssh/ssh_host_ed25519_key").exists());
    }

    #[test]
    fn s3_05_a_link_in_the_way_of_the_drop_in_keeps_the_certificates_out_too() {
        let (tree, owner) = guest();
        symlink("/etc", tree.path().join("etc/ssh/sshd_config.d")).unwrap();
        assert!(matches!(bring(tree.path(), owner, Some("x")), Err(DeliverError::Escape { .. })));
        assert!(!tree.path().join("etc/ssh").join(CERTIFICATE).exists());
    }
}
