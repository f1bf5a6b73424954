//! Users and their API tokens.

use crate::api::format::Format;
use crate::api::method::{Method, Verb};
use crate::api::param::{boolean, integer, text};
use crate::api::permission::{Check, GroupsParam, Permission};

/// `GET /access/users`
pub static LIST_USERS: Method = Method {
    verb: Verb::Get,
    path: "/access/users",
    groups: &[&[boolean("enabled").optional(), boolean("full").optional()]],
    permission: Permission::All,
    tokens: true,
};

/// `POST /access/users`
pub static CREATE_USER: Method = Method {
    verb: Verb::Post,
    path: "/access/users",
    groups: &[&[
        text("userid").format(Format::UserId).max(64),
        text("comment").max(2048).optional(),
        text("email").format(Format::OptionalEmail).max(254).optional(),
        boolean("enable").optional(),
        integer("expire").min(0).optional(),
        text("firstname").max(1024).optional(),
        text("groups").format(Format::GroupIdList).optional(),
        text("keys").pattern(r"[0-9a-zA-Z!=]{0,4096}").optional(),
        text("lastname").max(1024).optional(),
        text("password").min(8).max(64).optional(),
    ]],
    permission: Permission::Of(&Check::And(&[
        Check::RealmOfUser,
        Check::GroupOfUser { privileges: &["User.Modify"], groups: GroupsParam::Create },
    ])),
    tokens: true,
};

/// `GET /access/users/{userid}`
pub static READ_USER: Method = Method {
    verb: Verb::Get,
    path: "/access/users/{userid}",
    groups: &[&[text("userid").format(Format::UserId).max(64)]],
    permission: Permission::Of(&Check::GroupOfUser {
        privileges: &["User.Modify", "Sys.Audit"],
        groups: GroupsParam::None,
    }),
    tokens: true,
};

/// `PUT /access/users/{userid}`
pub static UPDATE_USER: Method = Method {
    verb: Verb::Put,
    path: "/access/users/{userid}",
    groups: &[&[
        text("userid").format(Format::UserId).max(64),
        boolean("append").requires("groups").optional(),
        text("comment").max(2048).optional(),
        text("email").format(Format::OptionalEmail).max(254).optional(),
        boolean("enable").optional(),
        integer("expire").min(0).optional(),
        text("firstname").max(1024).optional(),
        text("groups").format(Format::GroupIdList).optional(),
        text("keys").pattern(r"[0-9a-zA-Z!=]{0,4096}").optional(),
        text("lastname").max(1024).optional(),
    ]],
    permission: Permission::Of(&Check::GroupOfUser { privileges: &["User.Modify"], groups: GroupsParam::Update }),
    tokens: true,
};

/// `DELETE /access/users/{userid}`
pub static DELETE_USER: Method = Method {
    verb: Verb::Delete,
    path: "/access/users/{userid}",
    groups: &[&[text("userid").format(Format::UserId).max(64)]],
    permission: Permission::Of(&Check::And(&[
        Check::RealmOfUser,
        Check::GroupOfUser { privileges: &["User.Modify"], groups: GroupsParam::None },
    ])),
    tokens: true,
};

/// `GET /access/users/{userid}/token`
pub static LIST_TOKENS: Method = Method {
    verb: Verb::Get,
    path: "/access/users/{userid}/token",
    groups: &[&[text("userid").format(Format::UserId).max(64)]],
    permission: Permission::Of(&Check::Or(&[
        Check::Oneself,
        Check::GroupOfUser { privileges: &["User.Modify"], groups: GroupsParam::None },
    ])),
    tokens: true,
};

/// `GET /access/users/{userid}/token/{tokenid}`
pub static READ_TOKEN: Method = Method {
    verb: Verb::Get,
    path: "/access/users/{userid}/token/{tokenid}",
    groups: &[&[text("userid").format(Format::UserId).max(64), text("tokenid").pattern(r"[A-Za-z][A-Za-z0-9\.\-_]+")]],
    permission: Permission::Of(&Check::Or(&[
        Check::Oneself,
        Check::GroupOfUser { privileges: &["User.Modify"], groups: GroupsParam::None },
    ])),
    tokens: true,
};

/// `POST /access/users/{userid}/token/{tokenid}`
pub static GENERATE_TOKEN: Method = Method {
    verb: Verb::Post,
    path: "/access/users/{userid}/token/{tokenid}",
    groups: &[&[
        text("userid").format(Format::UserId).max(64),
        text("tokenid").pattern(r"[A-Za-z][A-Za-z0-9\.\-_]+"),
        text("comment").optional(),
        integer("expire").min(0).optional(),
        boolean("privsep").optional(),
    ]],
    permission: Permission::Of(&Check::Or(&[
        Check::Oneself,
        Check::GroupOfUser { privileges: &["User.Modify"], groups: GroupsParam::None },
    ])),
    tokens: true,
};

/// `PUT /access/users/{userid}/token/{tokenid}`
pub static UPDATE_TOKEN: Method = Method {
    verb: Verb::Put,
    path: "/access/users/{userid}/token/{tokenid}",
    groups: &[&[
        text("userid").format(Format::UserId).max(64),
        text("tokenid").pattern(r"[A-Za-z][A-Za-z0-9\.\-_]+"),
        text("comment").optional(),
        text("delete").format(Format::ConfigIdList).optional(),
        integer("expire").min(0).optional(),
        boolean("privsep").optional(),
        boolean("regenerate").optional(),
    ]],
    permission: Permission::Of(&Check::Or(&[
        Check::Oneself,
        Check::GroupOfUser { privileges: &["User.Modify"], groups: GroupsParam::None },
    ])),
    tokens: true,
};

/// `DELETE /access/users/{userid}/token/{tokenid}`
pub static REMOVE_TOKEN: Method = Method {
    verb: Verb::Delete,
    path: "/access/users/{userid}/token/{tokenid}",
    groups: &[&[text("userid").format(Format::UserId).max(64), text("tokenid").pattern(r"[A-Za-z][A-Za-z0-9\.\-_]+")]],
    permission: Permission::Of(&Check::Or(&[
        Check::Oneself,
        Check::GroupOfUser { privileges: &["User.Modify"], groups: GroupsParam::None },
    ])),
    tokens: true,
};

/// All of them.
pub(super) static ALL: &[&Method] = &[
    &LIST_USERS,
    &CREATE_USER,
    &READ_USER,
    &UPDATE_USER,
    &DELETE_USER,
    &LIST_TOKENS,
    &READ_TOKEN,
    &GENERATE_TOKEN,
    &UPDATE_TOKEN,
    &REMOVE_TOKEN,
];
