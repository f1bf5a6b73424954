//! A guest whose tree is being worked on.

use std::path::{Path, PathBuf};

use spec::pct::PctConf;

use super::detect::{self, Ostype, System};
use super::hooks::Around;
use super::host::Host;
use super::network::{Nic, nics};
use super::rooted::Root;
use super::say::Say;
use crate::containers::idmap::root_of;
use crate::error::{Die, chain};

/// A tree, its guest's configuration, and what was found out about both.
pub(super) struct Guest<'a> {
    pub(super) tree: Root,
    pub(super) conf: PctConf,
    pub(super) system: System,
    pub(super) nics: Vec<(u8, Nic)>,
    pub(super) host: Host,
    /// A directory of the node's for secrets in the making.
    pub(super) scratch: PathBuf,
    pub(super) say: &'a dyn Say,
}

impl<'a> Guest<'a> {
    /// Opens the tree at `root` and looks what system it holds.
    pub(super) fn open(root: &Path, conf: &PctConf, around: &Around, say: &'a dyn Say) -> Result<Self, Die> {
        let tree = Root::open(root, root_of(conf.flag("unprivileged")))?;
        let system = detect::system(&tree, conf.get("ostype"), say)?;
        let nics = nics(conf).map_err(|error| Die::text(error.pve_text()))?;
        Ok(Self {
            tree,
            conf: conf.clone(),
            system,
            nics,
            host: Host::read(around.bridge),
            scratch: around.scratch.clone(),
            say,
        })
    }

    /// The name it is configured to have.
    pub(super) fn hostname(&self) -> &str {
        self.conf.get("hostname").filter(|name| !name.is_empty()).unwrap_or("localhost")
    }

    /// The same up to the first dot.
    pub(super) fn short_name(&self) -> &str {
        self.hostname().split('.').next().unwrap_or_default()
    }

    /// How many terminals it has.
    pub(super) fn ttys(&self) -> u8 {
        self.conf.get("tty").and_then(|count| count.parse().ok()).unwrap_or(2)
    }

    /// Where its terminals are below `/dev`: a few distributions, and unprivileged guests, cannot do with a directory.
    pub(super) fn tty_directory(&self) -> &'static str {
        use Ostype::{Alpine, Debian, Devuan, Gentoo, Ubuntu};
        let flat = matches!(self.system.ostype, Alpine | Debian | Devuan | Gentoo | Ubuntu);
        if flat || self.conf.flag("unprivileged") { "" } else { "lxc/" }
    }

    /// Does a step of the setup. When it fails, why is said, and the error only names the step, as Proxmox's does.
    pub(super) fn step(&self, name: &str, work: impl FnOnce(&Self) -> Result<(), Die>) -> Result<(), Die> {
        if self.system.ostype == Ostype::Unmanaged {
            return Ok(());
        }
        work(self).map_err(|error| {
            self.say.line(&chain(&error));
            Die::text(format!("error in setup task PVE::LXC::Setup::{name}"))
        })
    }
}
