//! Guests: made, listed, copied, removed.

use super::config_keys::CONFIG_KEYS;
use super::shared::{NODE, VMID};
use crate::api::format::Format;
use crate::api::method::{Method, Verb};
use crate::api::param::{boolean, integer, number, text};
use crate::api::permission::{Check, Permission};

/// `GET /nodes/{node}/lxc`
pub static LIST_GUESTS: Method = Method {
    verb: Verb::Get,
    path: "/nodes/{node}/lxc",
    groups: &[&[NODE]],
    permission: Permission::All,
    tokens: true,
};

/// `POST /nodes/{node}/lxc`
pub static CREATE_VM: Method = Method {
    verb: Verb::Post,
    path: "/nodes/{node}/lxc",
    groups: &[
        &[
            NODE,
            text("ostemplate").max(255),
            VMID,
            number("bwlimit").min(0).optional(),
            boolean("force").optional(),
            boolean("ha-managed").optional(),
            boolean("ignore-unpack-errors").optional(),
            text("password").min(5).optional(),
            text("pool").format(Format::PoolId).optional(),
            boolean("restore").optional(),
            text("ssh-public-keys").optional(),
            boolean("start").optional(),
            text("storage").format(Format::StorageId).optional(),
            boolean("unique").requires("restore").optional(),
        ],
        CONFIG_KEYS,
    ],
    permission: Permission::All,
    tokens: true,
};

/// `GET /nodes/{node}/lxc/{vmid}`
pub static GUEST_INDEX: Method = Method {
    verb: Verb::Get,
    path: "/nodes/{node}/lxc/{vmid}",
    groups: &[&[NODE, VMID]],
    permission: Permission::All,
    tokens: true,
};

/// `DELETE /nodes/{node}/lxc/{vmid}`
pub static DESTROY_VM: Method = Method {
    verb: Verb::Delete,
    path: "/nodes/{node}/lxc/{vmid}",
    groups: &[&[
        NODE,
        VMID,
        boolean("destroy-unreferenced-disks").optional(),
        boolean("force").optional(),
        boolean("purge").optional(),
    ]],
    permission: Permission::Of(&Check::all("/vms/{vmid}", &["VM.Allocate"])),
    tokens: true,
};

/// `POST /nodes/{node}/lxc/{vmid}/clone`
pub static CLONE_VM: Method = Method {
    verb: Verb::Post,
    path: "/nodes/{node}/lxc/{vmid}/clone",
    groups: &[&[
        NODE,
        VMID,
        integer("newid").format(Format::Vmid).min(100).max(999_999_999),
        number("bwlimit").min(0).optional(),
        text("description").optional(),
        boolean("full").optional(),
        text("hostname").format(Format::DnsName).optional(),
        text("pool").format(Format::PoolId).optional(),
        text("snapname").format(Format::ConfigId).max(40).optional(),
        text("storage").format(Format::StorageId).optional(),
        text("target").format(Format::Node).optional(),
    ]],
    permission: Permission::Of(&Check::And(&[
        Check::all("/vms/{vmid}", &["VM.Clone"]),
        Check::Or(&[
            Check::all("/vms/{newid}", &["VM.Allocate"]),
            Check::Privileges { path: "/pool/{pool}", privileges: &["VM.Allocate"], any: false, needs: Some("pool") },
        ]),
    ])),
    tokens: true,
};

/// `POST /nodes/{node}/lxc/{vmid}/template`
pub static TEMPLATE: Method = Method {
    verb: Verb::Post,
    path: "/nodes/{node}/lxc/{vmid}/template",
    groups: &[&[NODE, VMID]],
    permission: Permission::Of(&Check::all("/vms/{vmid}", &["VM.Allocate"])),
    tokens: true,
};

/// `GET /nodes/{node}/lxc/{vmid}/feature`
pub static FEATURE: Method = Method {
    verb: Verb::Get,
    path: "/nodes/{node}/lxc/{vmid}/feature",
    groups: &[&[
        NODE,
        VMID,
        text("feature").words(&["snapshot", "clone", "copy"]),
        text("snapname").format(Format::ConfigId).max(40).optional(),
    ]],
    permission: Permission::Of(&Check::all("/vms/{vmid}", &["VM.Audit"])),
    tokens: true,
};

/// `GET /nodes/{node}/lxc/{vmid}/interfaces`
pub static INTERFACES: Method = Method {
    verb: Verb::Get,
    path: "/nodes/{node}/lxc/{vmid}/interfaces",
    groups: &[&[NODE, VMID]],
    permission: Permission::Of(&Check::all("/vms/{vmid}", &["VM.Audit"])),
    tokens: true,
};

/// All of them.
pub(super) static ALL: &[&Method] =
    &[&LIST_GUESTS, &CREATE_VM, &GUEST_INDEX, &DESTROY_VM, &CLONE_VM, &TEMPLATE, &FEATURE, &INTERFACES];
