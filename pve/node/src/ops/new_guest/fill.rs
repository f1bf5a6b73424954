//! Filling a new guest's volumes: unpacking, merging, and what the tree needs besides.

use spec::pct::{MountPoint, PctConf};

use super::merge::{Merge, Remark, merge};
use super::recover::parsed;
use super::{NewGuestRequest, volumes};
use crate::containers::mount;
use crate::error::{Die, chain};
use crate::ops::Op;
use crate::ops::archive::{Archive, Unpack};
use crate::setup::rooted::Root;
use crate::setup::{Around, NewGuest, Setup};

/// A new guest whose volumes are made and wait to be filled.
pub(super) struct Fill<'a> {
    /// The operation's surroundings.
    pub(super) op: &'a Op<'a>,
    /// What was asked for.
    pub(super) request: &'a NewGuestRequest,
    /// The guest's mounts: key and mount point.
    pub(super) mounts: &'a [(String, MountPoint)],
    /// Whether the guest's root is an ordinary user of the host.
    pub(super) unprivileged: bool,
}

impl Fill<'_> {
    /// Fills them, and returns the configuration that came of it.
    pub(super) fn run(&self, archive: Option<&Archive>) -> Result<PctConf, Die> {
        let Self { op, request, .. } = self;
        let scratch = volumes::scratch_guest(self.mounts, self.unprivileged);
        let mounted = mount::mount_guest(op.node, request.vmid, &scratch, false)?;
        // A template is looked for only now, and Proxmox says so when there is none.
        let found = archive.map_or_else(|| Archive::find(op.node, &request.ostemplate), |archive| Ok(archive.clone()));
        let archive = &found.inspect_err(|error| op.line(&chain(error)))?;
        if request.restore && !request.from_stdin() {
            op.line(&format!("restoring '{}' now..", request.ostemplate));
        }
        let (root, unprivileged) = (mounted.root(), self.unprivileged);
        let (forgive, rate) = (request.ignore_unpack_errors, request.rate());
        Unpack { archive, root, unprivileged, forgive, rate }.run(op.log)?;
        let mut conf = self.merged(root)?;
        let setup = Setup::open(root, &conf, &Around::of(op.node), op.log)?;
        setup.settle(&mut conf)?;
        if request.restore {
            setup.after_restore()?;
        } else {
            op.node.guests().write(request.vmid, &conf)?;
            let (password, ssh_keys) = (request.password.as_deref(), request.ssh_keys.as_deref());
            setup.after_create(NewGuest { password, ssh_keys })?;
        }
        // An open tree would keep the file system busy.
        drop(setup);
        mounted.release()?;
        Ok(conf)
    }

    /// The configuration, with the archived one where a backup brought one into the tree.
    fn merged(&self, root: &std::path::Path) -> Result<PctConf, Die> {
        let Self { op, request, .. } = self;
        let mut archived = None;
        if request.restore {
            op.line("merging backed-up and given configuration..");
            archived = self.archived(&Root::open(root, 0)?)?;
        }
        let values: Vec<(String, String)> =
            self.mounts.iter().map(|(key, mount)| (key.clone(), mount.to_string())).collect();
        let (conf, remarks) = merge(&Merge {
            given: &request.config,
            archived: archived.as_ref(),
            volumes: &values,
            unprivileged: self.unprivileged,
            unique: request.unique,
            is_root: op.principal()?.is_root(),
        })?;
        for remark in remarks {
            match remark {
                Remark::Warning(text) => op.log.warn(&text),
                Remark::Line(text) => op.line(&text),
            }
        }
        Ok(conf)
    }

    /// Takes the archived configuration and the firewall's out of the tree. An empty firewall file stays, as on Proxmox.
    fn archived(&self, tree: &Root) -> Result<Option<PctConf>, Die> {
        let Self { op, request, .. } = self;
        let Some(text) = tree.read("/etc/vzdump/pct.conf")? else {
            op.line("Backup archive does not contain any configuration");
            return Ok(None);
        };
        let conf = parsed(op, request.vmid, &text);
        tree.remove("/etc/vzdump/pct.conf")?;
        if let Some(rules) = tree.read("/etc/vzdump/pct.fw")?.filter(|rules| !rules.is_empty()) {
            let kept = op.node.layout.firewall(request.vmid);
            if request.skip_firewall {
                op.line(
                    "ignoring firewall config from backup archive, due to lack of API permission to modify firewall.",
                );
                if kept.exists() {
                    op.line(&format!("old firewall configuration in '{}' left in place!", kept.display()));
                }
            } else {
                op.node.guests().write_firewall(request.vmid, &rules)?;
                tree.remove("/etc/vzdump/pct.fw")?;
            }
        }
        Ok(Some(conf))
    }
}
