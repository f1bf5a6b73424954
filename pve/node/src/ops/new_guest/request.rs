//! What a create or restore is asked for.

use std::collections::BTreeMap;

use pve_wire::api::{Params, is_config_key};
use serde::{Deserialize, Serialize};
use spec::ids::Vmid;

use crate::error::Die;

/// What a create or restore is asked for.
#[derive(Debug, Clone, Serialize, Deserialize)]
#[expect(clippy::struct_excessive_bools, reason = "these are the call's own parameters, each a switch of its own")]
pub struct NewGuestRequest {
    /// The guest to be.
    pub vmid: Vmid,
    /// The template or backup: a volume id, or, for root, a path; `-` is standard input.
    pub ostemplate: String,
    /// Whether it is a backup.
    pub restore: bool,
    /// Whether archived NICs get new addresses.
    pub unique: bool,
    /// Whether an existing guest is replaced.
    pub force: bool,
    /// Where volumes go for which no storage is named.
    pub storage: String,
    /// Whether a failure to unpack is overlooked.
    pub ignore_unpack_errors: bool,
    /// How fast the archive may be read, KiB a second; none or nought: as fast as it can be.
    pub bwlimit: Option<f64>,
    /// Whether the guest is started afterwards, by a task of its own.
    pub start: bool,
    /// Whether an archived firewall configuration is left in the guest's tree.
    pub skip_firewall: bool,
    /// The pool that the guest is put into.
    pub pool: Option<String>,
    /// Root's password (create only).
    pub password: Option<String>,
    /// Root's authorized keys (create only).
    pub ssh_keys: Option<String>,
    /// Configuration keys.
    pub config: BTreeMap<String, String>,
}

impl NewGuestRequest {
    /// A request with nothing but Proxmox's defaults.
    pub fn new(vmid: Vmid, ostemplate: String, restore: bool) -> Self {
        Self {
            vmid,
            ostemplate,
            restore,
            unique: false,
            force: false,
            storage: "local".to_owned(),
            ignore_unpack_errors: false,
            bwlimit: None,
            start: false,
            skip_firewall: false,
            pool: None,
            password: None,
            ssh_keys: None,
            config: BTreeMap::new(),
        }
    }

    /// A call's parameters as a request; on a restore the password is taken and ignored, as Proxmox does.
    pub fn of(vmid: Vmid, params: &Params) -> Self {
        let restore = params.flag("restore");
        Self {
            unique: params.flag("unique"),
            force: params.flag("force"),
            storage: params.owned("storage").unwrap_or_else(|| "local".to_owned()),
            ignore_unpack_errors: params.flag("ignore-unpack-errors"),
            bwlimit: params.decimal("bwlimit"),
            start: params.flag("start"),
            pool: params.owned("pool"),
            password: params.owned("password").filter(|_| !restore),
            ssh_keys: params.owned("ssh-public-keys"),
            config: params.filtered(is_config_key),
            ..Self::new(vmid, params.owned("ostemplate").unwrap_or_default(), restore)
        }
    }

    /// Whether the guest's root is to be an ordinary user, where the caller says.
    pub fn unprivileged(&self) -> Option<bool> {
        self.config.get("unprivileged").map(|value| value == "1")
    }

    /// Whether the archive comes in on standard input.
    pub fn from_stdin(&self) -> bool {
        self.ostemplate == "-"
    }

    /// The fastest that the archive may be read, bytes a second.
    pub(super) fn rate(&self) -> Option<u64> {
        #[expect(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "the schema wants no less than 0")]
        let bytes = |kib: f64| (kib * 1024.0) as u64;
        self.bwlimit.map(bytes).filter(|rate| *rate > 0)
    }

    /// A failure as the task ends with it.
    pub(super) fn aborted(&self, why: Die) -> Die {
        let verb = if self.restore { "restore" } else { "create" };
        Die::Aborted { verb, vmid: self.vmid, why: Box::new(why) }
    }
}
