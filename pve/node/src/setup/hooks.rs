//! The occasions on which a guest's tree is worked on.

use std::net::IpAddr;
use std::path::{Path, PathBuf};

use spec::pct::PctConf;

use super::detect::{self, Ostype};
use super::guest::Guest;
use super::init::systemd;
use super::say::Say;
use super::{fixup, identity, init, names, network, timezone};
use crate::error::{Die, chain};
use crate::state::Node;

/// What the caller of a create gives besides the configuration.
#[derive(Debug, Clone, Copy, Default)]
pub struct NewGuest<'a> {
    /// Root's password; without one it is locked.
    pub password: Option<&'a str>,
    /// Public keys for root, one a line.
    pub ssh_keys: Option<&'a str>,
}

/// What the work on a tree takes from the node.
#[derive(Debug, Clone)]
pub struct Around {
    /// Where guests can ask for names when the host itself only asks itself.
    pub bridge: IpAddr,
    /// A directory for secrets in the making.
    pub scratch: PathBuf,
}

impl Around {
    /// Of this node.
    pub fn of(node: &Node) -> Self {
        Self { bridge: IpAddr::V4(node.config.subnet.address), scratch: node.layout.run() }
    }
}

/// A guest's tree, ready to be worked on. An unmanaged guest's is left alone throughout.
pub struct Setup<'a> {
    guest: Guest<'a>,
    arch: &'static str,
}

impl<'a> Setup<'a> {
    /// Looks what the mounted tree at `root` holds. Fails where Proxmox supports no such version.
    pub fn open(root: &Path, conf: &PctConf, around: &Around, say: &'a dyn Say) -> Result<Self, Die> {
        let guest = Guest::open(root, conf, around, say)?;
        let arch = if conf.get("arch").is_some() { "" } else { architecture(&guest) };
        Ok(Self { guest, arch })
    }

    /// What was found goes into the configuration: `ostype` always, `arch` where there was none.
    pub fn settle(&self, conf: &mut PctConf) -> Result<(), Die> {
        let mut set = |key, value| conf.set(key, value).map_err(|error| Die::text(error.to_string()));
        set("ostype", self.guest.system.ostype.name())?;
        if self.arch.is_empty() { Ok(()) } else { set("arch", self.arch) }
    }

    /// A guest was made from a template: it must not share what the template holds.
    pub fn after_create(&self, new: NewGuest<'_>) -> Result<(), Die> {
        self.guest.step("post_create_hook", |guest| {
            let tree = &guest.tree;
            identity::forget(tree)?;
            identity::arrange_snakeoil(guest)?;
            fixup::template(guest)?;
            identity::randomise(tree)?;
            identity::set_password(tree, new.password)?;
            if let Some(keys) = new.ssh_keys.filter(|keys| !keys.is_empty()) {
                identity::write_root_keys(tree, keys)?;
            }
            configure(guest)
        })?;
        identity::renew_host_keys(&self.guest)?;
        self.warn_about_nesting();
        Ok(())
    }

    /// A guest was restored from a backup: it stays who it is.
    pub fn after_restore(&self) -> Result<(), Die> {
        self.guest.step("template_fixup", fixup::template)
    }

    /// A guest was copied: the copy's machine-id must be another.
    pub fn after_clone(&self) -> Result<(), Die> {
        self.guest.step("post_clone_hook", |guest| identity::sleep(&guest.tree))?;
        self.warn_about_nesting();
        Ok(())
    }

    /// A guest is about to start.
    pub fn before_start(&self) -> Result<(), Die> {
        self.guest.step("pre_start_hook", |guest| {
            // Nobody in a guest shall check file systems.
            guest.tree.write("/fastboot", "")?;
            configure(guest)
        })?;
        self.warn_about_nesting();
        self.warn_about_cgroups();
        Ok(())
    }

    /// A running guest's interfaces have changed.
    pub fn after_network_change(&self) -> Result<(), Die> {
        self.guest.step("setup_network", network::write)
    }

    /// systemd beyond 241 wants to make namespaces of its own.
    fn warn_about_nesting(&self) {
        let nesting = self.guest.conf.features().is_ok_and(|features| features.nesting());
        let version = if nesting { None } else { self.systemd() };
        if let Some(version) = version.filter(|version| *version > 241) {
            self.guest.say.warn(&format!("Systemd {version} detected. You may need to enable nesting."));
        }
    }

    /// systemd before 232 cannot do with unified cgroups alone.
    fn warn_about_cgroups(&self) {
        let with_systemd = !matches!(self.guest.system.ostype, Ostype::Devuan | Ostype::Alpine);
        if with_systemd && self.systemd().is_some_and(|version| version < 232) {
            self.guest.say.warn(
                "old systemd (< v232) detected, container won't run in a pure cgroupv2 environment! Please see \
                 documentation -> container -> cgroup version.",
            );
        }
    }

    /// The version of the systemd that is init: none where another init is, 0 where nobody can tell.
    fn systemd(&self) -> Option<u32> {
        let tree = &self.guest.tree;
        let init = systemd::init_path(tree);
        let concerned = self.guest.system.ostype != Ostype::Unmanaged && init.ends_with("/systemd");
        concerned.then(|| systemd::version(tree, &init).unwrap_or(0))
    }
}

/// What create and start have in common.
fn configure(guest: &Guest<'_>) -> Result<(), Die> {
    init::write(guest)?;
    network::write(guest)?;
    names::hostname::write(guest)?;
    names::resolver(guest)?;
    timezone::write(guest)
}

/// The architecture, found or taken for granted.
fn architecture(guest: &Guest<'_>) -> &'static str {
    let found = match guest.system.ostype {
        Ostype::Unmanaged => None,
        ostype => detect::architecture(&guest.tree, ostype)
            .inspect_err(|error| {
                guest.say.line(&chain(error));
                guest.say.line("Architecture detection failed: error in setup task (eval)");
            })
            .ok(),
    };
    match found {
        Some(arch) => guest.say.line(&format!("Detected container architecture: {arch}")),
        None => ["Falling back to amd64.", "Use `pct set VMID --arch ARCH` to change."]
            .iter()
            .for_each(|line| guest.say.line(line)),
    }
    found.unwrap_or("amd64")
}
