//! A guest's state.

use super::shared::{NODE, VMID};
use crate::api::method::{Method, Verb};
use crate::api::param::{boolean, integer};
use crate::api::permission::{Check, Permission};

/// `GET /nodes/{node}/lxc/{vmid}/status`
pub static STATUS_INDEX: Method = Method {
    verb: Verb::Get,
    path: "/nodes/{node}/lxc/{vmid}/status",
    groups: &[&[NODE, VMID]],
    permission: Permission::All,
    tokens: true,
};

/// `GET /nodes/{node}/lxc/{vmid}/status/current`
pub static CURRENT_STATUS: Method = Method {
    verb: Verb::Get,
    path: "/nodes/{node}/lxc/{vmid}/status/current",
    groups: &[&[NODE, VMID]],
    permission: Permission::Of(&Check::all("/vms/{vmid}", &["VM.Audit"])),
    tokens: true,
};

/// `POST /nodes/{node}/lxc/{vmid}/status/start`
pub static START: Method = Method {
    verb: Verb::Post,
    path: "/nodes/{node}/lxc/{vmid}/status/start",
    groups: &[&[NODE, VMID, boolean("debug").optional(), boolean("skiplock").optional()]],
    permission: Permission::Of(&Check::all("/vms/{vmid}", &["VM.PowerMgmt"])),
    tokens: true,
};

/// `POST /nodes/{node}/lxc/{vmid}/status/stop`
pub static STOP: Method = Method {
    verb: Verb::Post,
    path: "/nodes/{node}/lxc/{vmid}/status/stop",
    groups: &[&[NODE, VMID, boolean("overrule-shutdown").optional(), boolean("skiplock").optional()]],
    permission: Permission::Of(&Check::all("/vms/{vmid}", &["VM.PowerMgmt"])),
    tokens: true,
};

/// `POST /nodes/{node}/lxc/{vmid}/status/shutdown`
pub static SHUTDOWN: Method = Method {
    verb: Verb::Post,
    path: "/nodes/{node}/lxc/{vmid}/status/shutdown",
    groups: &[&[NODE, VMID, boolean("forceStop").optional(), integer("timeout").min(0).optional()]],
    permission: Permission::Of(&Check::all("/vms/{vmid}", &["VM.PowerMgmt"])),
    tokens: true,
};

/// `POST /nodes/{node}/lxc/{vmid}/status/reboot`
pub static REBOOT: Method = Method {
    verb: Verb::Post,
    path: "/nodes/{node}/lxc/{vmid}/status/reboot",
    groups: &[&[NODE, VMID, integer("timeout").min(0).optional()]],
    permission: Permission::Of(&Check::all("/vms/{vmid}", &["VM.PowerMgmt"])),
    tokens: true,
};

/// `POST /nodes/{node}/lxc/{vmid}/status/suspend`
pub static SUSPEND: Method = Method {
    verb: Verb::Post,
    path: "/nodes/{node}/lxc/{vmid}/status/suspend",
    groups: &[&[NODE, VMID]],
    permission: Permission::Of(&Check::all("/vms/{vmid}", &["VM.PowerMgmt"])),
    tokens: true,
};

/// `POST /nodes/{node}/lxc/{vmid}/status/resume`
pub static RESUME: Method = Method {
    verb: Verb::Post,
    path: "/nodes/{node}/lxc/{vmid}/status/resume",
    groups: &[&[NODE, VMID]],
    permission: Permission::Of(&Check::all("/vms/{vmid}", &["VM.PowerMgmt"])),
    tokens: true,
};

/// All of them.
pub(super) static ALL: &[&Method] =
    &[&STATUS_INDEX, &CURRENT_STATUS, &START, &STOP, &SHUTDOWN, &REBOOT, &SUSPEND, &RESUME];
