//! A guest's configuration and its disks.

use super::config_keys::CONFIG_KEYS;
use super::shared::{NODE, VMID};
use crate::api::format::Format;
use crate::api::method::{Method, Verb};
use crate::api::param::{boolean, integer, number, text};
use crate::api::permission::{Check, Permission};

/// `GET /nodes/{node}/lxc/{vmid}/config`
pub static READ_CONFIG: Method = Method {
    verb: Verb::Get,
    path: "/nodes/{node}/lxc/{vmid}/config",
    groups: &[&[
        NODE,
        VMID,
        boolean("current").optional(),
        text("snapshot").format(Format::ConfigId).max(40).optional(),
    ]],
    permission: Permission::Of(&Check::all("/vms/{vmid}", &["VM.Audit"])),
    tokens: true,
};

/// `PUT /nodes/{node}/lxc/{vmid}/config`
pub static UPDATE_CONFIG: Method = Method {
    verb: Verb::Put,
    path: "/nodes/{node}/lxc/{vmid}/config",
    groups: &[
        &[
            NODE,
            VMID,
            text("delete").format(Format::ConfigIdList).optional(),
            text("digest").max(40).optional(),
            text("revert").format(Format::ConfigIdList).optional(),
        ],
        CONFIG_KEYS,
    ],
    permission: Permission::Of(&Check::any(
        "/vms/{vmid}",
        &["VM.Config.Disk", "VM.Config.CPU", "VM.Config.Memory", "VM.Config.Network", "VM.Config.Options"],
    )),
    tokens: true,
};

/// `GET /nodes/{node}/lxc/{vmid}/pending`
pub static PENDING: Method = Method {
    verb: Verb::Get,
    path: "/nodes/{node}/lxc/{vmid}/pending",
    groups: &[&[NODE, VMID]],
    permission: Permission::Of(&Check::all("/vms/{vmid}", &["VM.Audit"])),
    tokens: true,
};

/// `PUT /nodes/{node}/lxc/{vmid}/resize`
pub static RESIZE_VM: Method = Method {
    verb: Verb::Put,
    path: "/nodes/{node}/lxc/{vmid}/resize",
    groups: &[&[
        NODE,
        VMID,
        text("disk").disks(),
        text("size").pattern(r"\+?\d+(\.\d+)?[KMGT]?"),
        text("digest").max(40).optional(),
    ]],
    permission: Permission::Of(&Check::any("/vms/{vmid}", &["VM.Config.Disk"])),
    tokens: true,
};

/// `POST /nodes/{node}/lxc/{vmid}/move_volume`
pub static MOVE_VOLUME: Method = Method {
    verb: Verb::Post,
    path: "/nodes/{node}/lxc/{vmid}/move_volume",
    groups: &[&[
        NODE,
        VMID,
        text("volume").volumes(),
        number("bwlimit").min(0).optional(),
        boolean("delete").optional(),
        text("digest").max(40).optional(),
        text("storage").format(Format::StorageId).optional(),
        text("target-digest").max(40).optional(),
        integer("target-vmid").format(Format::Vmid).min(100).max(999_999_999).optional(),
        text("target-volume").volumes().optional(),
    ]],
    permission: Permission::Of(&Check::all("/vms/{vmid}", &["VM.Config.Disk"])),
    tokens: true,
};

/// All of them.
pub(super) static ALL: &[&Method] = &[&READ_CONFIG, &UPDATE_CONFIG, &PENDING, &RESIZE_VM, &MOVE_VOLUME];
