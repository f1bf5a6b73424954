//! Everything that the compiler goes by, as a value.

use std::collections::BTreeMap;

use firstboot_unit::bake::Lack;
use spec::release::{Init, MachineIdFound};

use super::condition::{PathFact, UpdateStamps};
use super::presets::Rule;
use super::units::Units;

/// What a tree holds that decides over its first boot.
#[derive(Debug, Clone)]
pub struct Facts {
    /// `ID` of os-release, then `ID_LIKE`.
    pub(super) ids: Vec<String>,
    /// `VERSION_ID` of os-release.
    pub(super) version: Option<String>,
    pub(super) init: Init,
    /// systemd's version.
    pub(super) systemd: Option<u32>,
    pub(super) machine_id: MachineIdFound,
    pub(super) units: Units,
    pub(super) rules: Vec<Rule>,
    /// Paths that conditions name.
    pub(super) paths: BTreeMap<String, PathFact>,
    pub(super) updated: UpdateStamps,
    pub(super) ssh: SshFacts,
    pub(super) openrc: OpenRc,
    /// What systemd-firstboot would ask for.
    pub(super) open: Vec<Open>,
    /// Names of generators.
    pub(super) generators: Vec<String>,
    pub(super) leftovers: Vec<String>,
    pub(super) unread: Vec<String>,
}

/// The SSH server and its keys.
#[derive(Debug, Clone, Default)]
pub(super) struct SshFacts {
    pub(super) server: Option<Server>,
    /// The private keys that it reads.
    pub(super) keys: Vec<KeyFact>,
    /// Whether the program that makes keys is installed.
    pub(super) keygen: bool,
    /// What is missing of the unit that Mintmark bakes in.
    pub(super) baked_lacks: Vec<Lack>,
    /// Whether that unit is switched off by a file.
    pub(super) baked_off: bool,
    /// Whether cloud-init is switched off by a file.
    pub(super) cloud_init_off: bool,
    /// Settings of dropbear's service, as text.
    pub(super) dropbear_settings: String,
}

/// An SSH server.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Server {
    pub(super) program: String,
    pub(super) is_dropbear: bool,
}

/// A private key that the server reads.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct KeyFact {
    pub(super) path: String,
    /// Whether a whole key is there.
    pub(super) whole: bool,
}

/// OpenRC's services.
#[derive(Debug, Clone, Default)]
pub(super) struct OpenRc {
    /// By service: a runlevel that starts it.
    pub(super) enabled: BTreeMap<String, String>,
    /// By service: `/etc/init.d`'s script.
    pub(super) scripts: BTreeMap<String, String>,
    /// By service: `/etc/conf.d`'s settings.
    pub(super) settings: BTreeMap<String, String>,
}

/// A setting that systemd-firstboot would ask for: it is missing, and there is something to choose.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Open {
    Locale,
    Keymap,
    Timezone,
    RootPassword,
}
