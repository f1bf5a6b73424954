//! Users, roles, tokens, tickets, permissions.

use crate::api::format::Format;
use crate::api::method::{Method, Verb};
use crate::api::param::{boolean, text};
use crate::api::permission::{Check, Permission};

/// `GET /access/acl`
pub static READ_ACL: Method =
    Method { verb: Verb::Get, path: "/access/acl", groups: &[], permission: Permission::All, tokens: true };

/// `PUT /access/acl`
pub static UPDATE_ACL: Method = Method {
    verb: Verb::Put,
    path: "/access/acl",
    groups: &[&[
        text("path"),
        text("roles").format(Format::RoleIdList),
        boolean("delete").optional(),
        text("groups").format(Format::GroupIdList).optional(),
        boolean("propagate").optional(),
        text("tokens").format(Format::TokenIdList).optional(),
        text("users").format(Format::UserIdList).optional(),
    ]],
    permission: Permission::Of(&Check::Modify { path: "{path}" }),
    tokens: true,
};

/// `GET /access/permissions`
pub static PERMISSIONS: Method = Method {
    verb: Verb::Get,
    path: "/access/permissions",
    groups: &[&[
        text("path").optional(),
        text("userid")
            .pattern(r"(?:^(?:[^\s:/]+)\@(?:[A-Za-z][A-Za-z0-9\.\-_]+)(?:!(?:[A-Za-z][A-Za-z0-9\.\-_]+))?$)")
            .optional(),
    ]],
    permission: Permission::All,
    tokens: true,
};

/// `GET /access/ticket`
pub static GET_TICKET: Method =
    Method { verb: Verb::Get, path: "/access/ticket", groups: &[], permission: Permission::World, tokens: true };

/// `POST /access/ticket`
pub static CREATE_TICKET: Method = Method {
    verb: Verb::Post,
    path: "/access/ticket",
    groups: &[&[
        text("password"),
        text("username").max(64),
        boolean("new-format").optional(),
        text("otp").optional(),
        text("path").max(64).requires("privs").optional(),
        text("privs").format(Format::PrivilegeList).max(64).requires("path").optional(),
        text("realm").format(Format::Realm).max(32).optional(),
        text("tfa-challenge").optional(),
    ]],
    permission: Permission::World,
    tokens: false,
};

/// All of them.
pub(super) static ALL: &[&Method] = &[&READ_ACL, &UPDATE_ACL, &PERMISSIONS, &GET_TICKET, &CREATE_TICKET];
