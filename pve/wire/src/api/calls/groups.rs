//! Groups of users. Proxmox's recorded schema leaves them out.

use crate::api::format::Format;
use crate::api::method::{Method, Verb};
use crate::api::param::text;
use crate::api::permission::{Check, Permission};

const MAKE: Permission = Permission::Of(&Check::all("/access/groups", &["Group.Allocate"]));

/// `GET /access/groups`
pub static LIST_GROUPS: Method =
    Method { verb: Verb::Get, path: "/access/groups", groups: &[], permission: Permission::All, tokens: true };

/// `POST /access/groups`
pub static CREATE_GROUP: Method = Method {
    verb: Verb::Post,
    path: "/access/groups",
    groups: &[&[text("groupid").format(Format::GroupId), text("comment").optional()]],
    permission: MAKE,
    tokens: true,
};

/// `GET /access/groups/{groupid}`
pub static READ_GROUP: Method = Method {
    verb: Verb::Get,
    path: "/access/groups/{groupid}",
    groups: &[&[text("groupid").format(Format::GroupId)]],
    permission: Permission::Of(&Check::any("/access/groups", &["Sys.Audit", "Group.Allocate"])),
    tokens: true,
};

/// `PUT /access/groups/{groupid}`
pub static UPDATE_GROUP: Method = Method {
    verb: Verb::Put,
    path: "/access/groups/{groupid}",
    groups: &[&[text("groupid").format(Format::GroupId), text("comment").optional()]],
    permission: MAKE,
    tokens: true,
};

/// `DELETE /access/groups/{groupid}`
pub static DELETE_GROUP: Method = Method {
    verb: Verb::Delete,
    path: "/access/groups/{groupid}",
    groups: &[&[text("groupid").format(Format::GroupId)]],
    permission: MAKE,
    tokens: true,
};

/// All of them.
pub(super) static ALL: &[&Method] = &[&LIST_GROUPS, &CREATE_GROUP, &READ_GROUP, &UPDATE_GROUP, &DELETE_GROUP];
