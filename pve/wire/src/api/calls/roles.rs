//! Roles.

use crate::api::format::Format;
use crate::api::method::{Method, Verb};
use crate::api::param::{boolean, text};
use crate::api::permission::{Check, Permission};

/// `GET /access/roles`
pub static LIST_ROLES: Method =
    Method { verb: Verb::Get, path: "/access/roles", groups: &[], permission: Permission::All, tokens: true };

/// `POST /access/roles`
pub static CREATE_ROLE: Method = Method {
    verb: Verb::Post,
    path: "/access/roles",
    groups: &[&[text("roleid").format(Format::RoleId), text("privs").format(Format::PrivilegeList).optional()]],
    permission: Permission::Of(&Check::all("/access", &["Sys.Modify"])),
    tokens: true,
};

/// `GET /access/roles/{roleid}`
pub static READ_ROLE: Method = Method {
    verb: Verb::Get,
    path: "/access/roles/{roleid}",
    groups: &[&[text("roleid").format(Format::RoleId)]],
    permission: Permission::All,
    tokens: true,
};

/// `PUT /access/roles/{roleid}`
pub static UPDATE_ROLE: Method = Method {
    verb: Verb::Put,
    path: "/access/roles/{roleid}",
    groups: &[&[
        text("roleid").format(Format::RoleId),
        boolean("append").requires("privs").optional(),
        text("privs").format(Format::PrivilegeList).optional(),
    ]],
    permission: Permission::Of(&Check::all("/access", &["Sys.Modify"])),
    tokens: true,
};

/// `DELETE /access/roles/{roleid}`
pub static DELETE_ROLE: Method = Method {
    verb: Verb::Delete,
    path: "/access/roles/{roleid}",
    groups: &[&[text("roleid").format(Format::RoleId)]],
    permission: Permission::Of(&Check::all("/access", &["Sys.Modify"])),
    tokens: true,
};

/// All of them.
pub(super) static ALL: &[&Method] = &[&LIST_ROLES, &CREATE_ROLE, &READ_ROLE, &UPDATE_ROLE, &DELETE_ROLE];
