//! When a guest is made from a template: what the template must not share.

use std::path::Path;

use spec::ids::Vmid;
use spec::pct::PctConf;

use super::at_start::network;
use super::rooted::Root;
use crate::containers::idmap::{as_guest_root, root_of};
use crate::error::Die;
use crate::exec::Program;
use crate::state::Node;
use crate::tasks::TaskLog;

/// What the caller of a create gives besides the configuration.
#[derive(Debug, Clone, Copy)]
pub struct NewGuest<'a> {
    /// The guest's number.
    pub vmid: Vmid,
    /// Root's password; without one it is locked.
    pub password: Option<&'a str>,
    /// Public keys for root, one a line.
    pub ssh_keys: Option<&'a str>,
}

/// Takes the template's identity out of the tree and gives the guest one of its own.
pub fn at_create(root: &Path, conf: &PctConf, node: &Node, new: NewGuest<'_>, log: &TaskLog) -> Result<(), Die> {
    if conf.get("ostype") == Some("unmanaged") {
        return Ok(());
    }
    let unprivileged = conf.flag("unprivileged");
    let tree = Root::open(root, root_of(unprivileged))?;
    tree.remove("/etc/machine-id")?;
    if tree.is_plain_file("/var/lib/dbus/machine-id") {
        tree.remove("/var/lib/dbus/machine-id")?;
    }
    presets(&tree)?;
    network(&tree, conf, node)?;
    password(&tree, unprivileged, new.password)?;
    if let Some(keys) = new.ssh_keys {
        tree.make_directory("/root/.ssh")?;
        tree.write(
            "/root/.ssh/authorized_keys",
            &format!("# --- BEGIN PVE ---\n{}\n# --- END PVE ---\n", keys.trim()),
        )?;
    }
    host_keys(&tree, conf, node, new.vmid, log)
}

/// Without a machine-id the guest's systemd takes its next boot for the first, and enables what its presets say: also
/// what has no place in a container, or would wait for a network that ifupdown brings up.
const PRESETS: &str = "# Written by the node when this guest was created, for its first boot.\n\
    enable container-getty@.service\ndisable getty@.service\ndisable sys-kernel-config.mount\n\
    disable sys-kernel-debug.mount\ndisable systemd-networkd.service\n";

fn presets(tree: &Root) -> Result<(), Die> {
    if !tree.exists("/usr/lib/systemd/systemd") && !tree.exists("/lib/systemd/systemd") {
        return Ok(());
    }
    tree.make_directory("/etc/systemd/system-preset")?;
    tree.write("/etc/systemd/system-preset/00-pve.preset", PRESETS)
}

/// A locked account has `*` for a password (shadow(5)).
fn password(tree: &Root, unprivileged: bool, password: Option<&str>) -> Result<(), Die> {
    if let Some(password) = password {
        let program = as_guest_root(unprivileged, "chroot").arg(tree.path()).arg("chpasswd");
        return program.read_with(&format!("root:{password}\n")).map(drop);
    }
    match tree.read("/etc/shadow")? {
        Some(shadow) => tree.rewrite("/etc/shadow", &locked_root(&shadow)),
        None => Ok(()),
    }
}

fn locked_root(shadow: &str) -> String {
    let line = |line: &str| match line.strip_prefix("root:").and_then(|rest| rest.split_once(':')) {
        Some((_, rest)) => format!("root:*:{rest}\n"),
        None => format!("{line}\n"),
    };
    shadow.lines().map(line).collect()
}

/// New SSH host keys, made on the node and written into the tree.
fn host_keys(tree: &Root, conf: &PctConf, node: &Node, vmid: Vmid, log: &TaskLog) -> Result<(), Die> {
    if !tree.is_directory("/etc/ssh") {
        return Ok(());
    }
    let name = conf.get("hostname").and_then(|name| name.split('.').next()).unwrap_or("localhost");
    let scratch = node.layout.run().join(format!("keys-{vmid}-{}", std::process::id()));
    std::fs::create_dir_all(&scratch).map_err(Die::io("create", &scratch))?;
    let made = ["rsa", "ecdsa", "ed25519"].iter().try_for_each(|kind| {
        let file = format!("ssh_host_{kind}_key");
        log.line(&format!("Creating SSH host key '{file}' - this may take some time ..."));
        let path = scratch.join(&file);
        let program = Program::new("ssh-keygen").args(["-q", "-t", kind, "-N", "", "-C", &format!("root@{name}")]);
        program.arg("-f").arg(&path).read()?;
        let shown = Program::new("ssh-keygen").args(["-l", "-f"]).arg(&path).read()?;
        log.line(&format!("done: {}", shown.split(' ').skip(1).take(2).collect::<Vec<_>>().join(" ")));
        install_key(tree, &path, &file)
    });
    let _ = std::fs::remove_dir_all(&scratch);
    made
}

fn install_key(tree: &Root, path: &Path, file: &str) -> Result<(), Die> {
    let read = |path: &Path| std::fs::read_to_string(path).map_err(Die::io("read", path));
    tree.write_private(&format!("/etc/ssh/{file}"), &read(path)?)?;
    tree.write(&format!("/etc/ssh/{file}.pub"), &read(&path.with_extension("pub"))?)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn root_is_locked_and_others_stay() {
        let shadow = "root:$6$x:19000:0:99999:7:::\ndaemon:*:19000:0:99999:7:::\n";
        assert_eq!(locked_root(shadow), shadow.replace("$6$x", "*"));
    }
}
