//! Pools: guests and storages under one path of permissions.

use crate::api::format::Format;
use crate::api::method::{Method, Verb};
use crate::api::param::{boolean, text};
use crate::api::permission::{Check, Permission};

/// `GET /pools`
pub static LIST_POOLS: Method = Method {
    verb: Verb::Get,
    path: "/pools",
    groups: &[&[
        text("poolid").format(Format::PoolId).optional(),
        text("type").words(&["qemu", "lxc", "storage"]).requires("poolid").optional(),
    ]],
    permission: Permission::All,
    tokens: true,
};

/// `POST /pools`
pub static CREATE_POOL: Method = Method {
    verb: Verb::Post,
    path: "/pools",
    groups: &[&[text("poolid").format(Format::PoolId), text("comment").optional()]],
    permission: Permission::Of(&Check::all("/pool/{poolid}", &["Pool.Allocate"])),
    tokens: true,
};

/// `PUT /pools`
pub static UPDATE_POOL: Method = Method {
    verb: Verb::Put,
    path: "/pools",
    groups: &[&[
        text("poolid").format(Format::PoolId),
        boolean("allow-move").optional(),
        text("comment").optional(),
        boolean("delete").optional(),
        text("storage").format(Format::StorageIdList).optional(),
        text("vms").format(Format::VmidList).optional(),
    ]],
    permission: Permission::Of(&Check::all("/pool/{poolid}", &["Pool.Allocate"])),
    tokens: true,
};

/// `DELETE /pools`
pub static DELETE_POOL: Method = Method {
    verb: Verb::Delete,
    path: "/pools",
    groups: &[&[text("poolid").format(Format::PoolId)]],
    permission: Permission::Of(&Check::all("/pool/{poolid}", &["Pool.Allocate"])),
    tokens: true,
};

/// `GET /pools/{poolid}`
pub static READ_POOL: Method = Method {
    verb: Verb::Get,
    path: "/pools/{poolid}",
    groups: &[&[text("poolid").format(Format::PoolId), text("type").words(&["qemu", "lxc", "storage"]).optional()]],
    permission: Permission::Of(&Check::all("/pool/{poolid}", &["Pool.Audit"])),
    tokens: true,
};

/// `PUT /pools/{poolid}`
pub static UPDATE_POOL_BY_PATH: Method = Method {
    verb: Verb::Put,
    path: "/pools/{poolid}",
    groups: &[&[
        text("poolid").format(Format::PoolId),
        boolean("allow-move").optional(),
        text("comment").optional(),
        boolean("delete").optional(),
        text("storage").format(Format::StorageIdList).optional(),
        text("vms").format(Format::VmidList).optional(),
    ]],
    permission: Permission::Of(&Check::all("/pool/{poolid}", &["Pool.Allocate"])),
    tokens: true,
};

/// `DELETE /pools/{poolid}`
pub static DELETE_POOL_BY_PATH: Method = Method {
    verb: Verb::Delete,
    path: "/pools/{poolid}",
    groups: &[&[text("poolid").format(Format::PoolId)]],
    permission: Permission::Of(&Check::all("/pool/{poolid}", &["Pool.Allocate"])),
    tokens: true,
};

/// All of them.
pub(super) static ALL: &[&Method] =
    &[&LIST_POOLS, &CREATE_POOL, &UPDATE_POOL, &DELETE_POOL, &READ_POOL, &UPDATE_POOL_BY_PATH, &DELETE_POOL_BY_PATH];
