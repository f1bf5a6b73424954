//! What lies on a storage of a node.

use super::shared::{NODE, STORAGE, VMID};
use crate::api::format::Format;
use crate::api::method::{Method, Verb};
use crate::api::param::{boolean, integer, text};
use crate::api::permission::{Check, Permission};

/// `GET /nodes/{node}/storage`
pub static LIST_NODE_STORAGES: Method = Method {
    verb: Verb::Get,
    path: "/nodes/{node}/storage",
    groups: &[&[
        NODE,
        text("content").format(Format::StorageContentList).optional(),
        boolean("enabled").optional(),
        boolean("format").optional(),
        text("storage").format(Format::StorageId).optional(),
        text("target").format(Format::Node).optional(),
    ]],
    permission: Permission::All,
    tokens: true,
};

/// `GET /nodes/{node}/storage/{storage}`
pub static NODE_STORAGE_INDEX: Method = Method {
    verb: Verb::Get,
    path: "/nodes/{node}/storage/{storage}",
    groups: &[&[NODE, STORAGE]],
    permission: Permission::Of(&Check::any("/storage/{storage}", &["Datastore.Audit", "Datastore.AllocateSpace"])),
    tokens: true,
};

/// `GET /nodes/{node}/storage/{storage}/status`
pub static STORAGE_STATUS: Method = Method {
    verb: Verb::Get,
    path: "/nodes/{node}/storage/{storage}/status",
    groups: &[&[NODE, STORAGE]],
    permission: Permission::Of(&Check::any("/storage/{storage}", &["Datastore.Audit", "Datastore.AllocateSpace"])),
    tokens: true,
};

/// `GET /nodes/{node}/storage/{storage}/content`
pub static LIST_CONTENT: Method = Method {
    verb: Verb::Get,
    path: "/nodes/{node}/storage/{storage}/content",
    groups: &[&[
        NODE,
        STORAGE,
        text("content").format(Format::StorageContent).optional(),
        integer("vmid").format(Format::Vmid).min(100).max(999_999_999).optional(),
    ]],
    permission: Permission::Of(&Check::any("/storage/{storage}", &["Datastore.Audit", "Datastore.AllocateSpace"])),
    tokens: true,
};

/// `POST /nodes/{node}/storage/{storage}/content`
pub static ALLOCATE_VOLUME: Method = Method {
    verb: Verb::Post,
    path: "/nodes/{node}/storage/{storage}/content",
    groups: &[&[
        NODE,
        STORAGE,
        text("filename"),
        text("size").pattern(r"\d+[MG]?"),
        VMID,
        text("format").words(&["raw", "qcow2", "subvol", "vmdk"]).requires("size").optional(),
    ]],
    permission: Permission::Of(&Check::all("/storage/{storage}", &["Datastore.AllocateSpace"])),
    tokens: true,
};

/// `GET /nodes/{node}/storage/{storage}/content/{volume}`
pub static READ_VOLUME: Method = Method {
    verb: Verb::Get,
    path: "/nodes/{node}/storage/{storage}/content/{volume}",
    groups: &[&[NODE, text("storage").format(Format::StorageId).optional(), text("volume")]],
    permission: Permission::All,
    tokens: true,
};

/// `POST /nodes/{node}/storage/{storage}/content/{volume}`
pub static COPY_VOLUME: Method = Method {
    verb: Verb::Post,
    path: "/nodes/{node}/storage/{storage}/content/{volume}",
    groups: &[&[
        NODE,
        text("storage").format(Format::StorageId).optional(),
        text("volume"),
        text("target"),
        text("target_node").format(Format::Node).optional(),
    ]],
    permission: Permission::Root,
    tokens: true,
};

/// `PUT /nodes/{node}/storage/{storage}/content/{volume}`
pub static UPDATE_VOLUME: Method = Method {
    verb: Verb::Put,
    path: "/nodes/{node}/storage/{storage}/content/{volume}",
    groups: &[&[
        NODE,
        text("storage").format(Format::StorageId).optional(),
        text("volume"),
        text("notes").optional(),
        boolean("protected").optional(),
    ]],
    permission: Permission::All,
    tokens: true,
};

/// `DELETE /nodes/{node}/storage/{storage}/content/{volume}`
pub static FREE_VOLUME: Method = Method {
    verb: Verb::Delete,
    path: "/nodes/{node}/storage/{storage}/content/{volume}",
    groups: &[&[
        NODE,
        text("storage").format(Format::StorageId).optional(),
        text("volume"),
        integer("delay").min(1).max(30).optional(),
    ]],
    permission: Permission::All,
    tokens: true,
};

/// `GET /nodes/{node}/storage/{storage}/prunebackups`
pub static PRUNE_DRY_RUN: Method = Method {
    verb: Verb::Get,
    path: "/nodes/{node}/storage/{storage}/prunebackups",
    groups: &[&[
        NODE,
        STORAGE,
        text("prune-backups").format(Format::PruneBackups).optional(),
        text("type").words(&["qemu", "lxc"]).optional(),
        integer("vmid").format(Format::Vmid).min(100).max(999_999_999).optional(),
    ]],
    permission: Permission::Of(&Check::any("/storage/{storage}", &["Datastore.Audit", "Datastore.AllocateSpace"])),
    tokens: true,
};

/// `DELETE /nodes/{node}/storage/{storage}/prunebackups`
pub static PRUNE_BACKUPS: Method = Method {
    verb: Verb::Delete,
    path: "/nodes/{node}/storage/{storage}/prunebackups",
    groups: &[&[
        NODE,
        STORAGE,
        text("prune-backups").format(Format::PruneBackups).optional(),
        text("type").words(&["qemu", "lxc"]).optional(),
        integer("vmid").format(Format::Vmid).min(100).max(999_999_999).optional(),
    ]],
    permission: Permission::All,
    tokens: true,
};

/// All of them.
pub(super) static ALL: &[&Method] = &[
    &LIST_NODE_STORAGES,
    &NODE_STORAGE_INDEX,
    &STORAGE_STATUS,
    &LIST_CONTENT,
    &ALLOCATE_VOLUME,
    &READ_VOLUME,
    &COPY_VOLUME,
    &UPDATE_VOLUME,
    &FREE_VOLUME,
    &PRUNE_DRY_RUN,
    &PRUNE_BACKUPS,
];
