//! A guest's snapshots.

use super::shared::{NODE, VMID};
use crate::api::format::Format;
use crate::api::method::{Method, Verb};
use crate::api::param::{boolean, text};
use crate::api::permission::{Check, Permission};

/// `GET /nodes/{node}/lxc/{vmid}/snapshot`
pub static LIST_SNAPSHOTS: Method = Method {
    verb: Verb::Get,
    path: "/nodes/{node}/lxc/{vmid}/snapshot",
    groups: &[&[NODE, VMID]],
    permission: Permission::Of(&Check::all("/vms/{vmid}", &["VM.Audit"])),
    tokens: true,
};

/// `POST /nodes/{node}/lxc/{vmid}/snapshot`
pub static SNAPSHOT: Method = Method {
    verb: Verb::Post,
    path: "/nodes/{node}/lxc/{vmid}/snapshot",
    groups: &[&[NODE, VMID, text("snapname").format(Format::ConfigId).max(40), text("description").optional()]],
    permission: Permission::Of(&Check::all("/vms/{vmid}", &["VM.Snapshot"])),
    tokens: true,
};

/// `GET /nodes/{node}/lxc/{vmid}/snapshot/{snapname}`
pub static SNAPSHOT_INDEX: Method = Method {
    verb: Verb::Get,
    path: "/nodes/{node}/lxc/{vmid}/snapshot/{snapname}",
    groups: &[&[NODE, VMID, text("snapname").format(Format::ConfigId).max(40)]],
    permission: Permission::All,
    tokens: true,
};

/// `DELETE /nodes/{node}/lxc/{vmid}/snapshot/{snapname}`
pub static DELETE_SNAPSHOT: Method = Method {
    verb: Verb::Delete,
    path: "/nodes/{node}/lxc/{vmid}/snapshot/{snapname}",
    groups: &[&[NODE, VMID, text("snapname").format(Format::ConfigId).max(40), boolean("force").optional()]],
    permission: Permission::Of(&Check::all("/vms/{vmid}", &["VM.Snapshot"])),
    tokens: true,
};

/// `GET /nodes/{node}/lxc/{vmid}/snapshot/{snapname}/config`
pub static READ_SNAPSHOT_CONFIG: Method = Method {
    verb: Verb::Get,
    path: "/nodes/{node}/lxc/{vmid}/snapshot/{snapname}/config",
    groups: &[&[NODE, VMID, text("snapname").format(Format::ConfigId).max(40)]],
    permission: Permission::Of(&Check::any("/vms/{vmid}", &["VM.Snapshot", "VM.Snapshot.Rollback", "VM.Audit"])),
    tokens: true,
};

/// `PUT /nodes/{node}/lxc/{vmid}/snapshot/{snapname}/config`
pub static UPDATE_SNAPSHOT_CONFIG: Method = Method {
    verb: Verb::Put,
    path: "/nodes/{node}/lxc/{vmid}/snapshot/{snapname}/config",
    groups: &[&[NODE, VMID, text("snapname").format(Format::ConfigId).max(40), text("description").optional()]],
    permission: Permission::Of(&Check::all("/vms/{vmid}", &["VM.Snapshot"])),
    tokens: true,
};

/// `POST /nodes/{node}/lxc/{vmid}/snapshot/{snapname}/rollback`
pub static ROLLBACK: Method = Method {
    verb: Verb::Post,
    path: "/nodes/{node}/lxc/{vmid}/snapshot/{snapname}/rollback",
    groups: &[&[NODE, VMID, text("snapname").format(Format::ConfigId).max(40), boolean("start").optional()]],
    permission: Permission::Of(&Check::any("/vms/{vmid}", &["VM.Snapshot", "VM.Snapshot.Rollback"])),
    tokens: true,
};

/// All of them.
pub(super) static ALL: &[&Method] = &[
    &LIST_SNAPSHOTS,
    &SNAPSHOT,
    &SNAPSHOT_INDEX,
    &DELETE_SNAPSHOT,
    &READ_SNAPSHOT_CONFIG,
    &UPDATE_SNAPSHOT_CONFIG,
    &ROLLBACK,
];
