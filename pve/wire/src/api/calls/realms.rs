//! Realms, passwords, and the index of access control. Proxmox's recorded schema leaves them out.

use crate::api::format::Format;
use crate::api::method::{Method, Verb};
use crate::api::param::text;
use crate::api::permission::{Check, GroupsParam, Permission};

/// `GET /access`
pub static ACCESS_INDEX: Method =
    Method { verb: Verb::Get, path: "/access", groups: &[], permission: Permission::All, tokens: true };

/// `GET /access/domains`
pub static LIST_REALMS: Method =
    Method { verb: Verb::Get, path: "/access/domains", groups: &[], permission: Permission::World, tokens: true };

/// `PUT /access/password`
pub static CHANGE_PASSWORD: Method = Method {
    verb: Verb::Put,
    path: "/access/password",
    groups: &[&[
        text("userid").format(Format::UserId).max(64),
        text("password").min(8).max(64),
        text("confirmation-password").min(5).max(64).optional(),
    ]],
    permission: Permission::Of(&Check::Or(&[
        Check::Oneself,
        Check::And(&[
            Check::RealmOfUser,
            Check::GroupOfUser { privileges: &["User.Modify"], groups: GroupsParam::None },
        ]),
    ])),
    tokens: false,
};

/// All of them.
pub(super) static ALL: &[&Method] = &[&ACCESS_INDEX, &LIST_REALMS, &CHANGE_PASSWORD];
