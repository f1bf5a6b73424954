//! The cluster and its nodes.

use super::shared::NODE;
use crate::api::format::Format;
use crate::api::method::{Method, Verb};
use crate::api::param::{integer, text};
use crate::api::permission::{Check, Permission};

/// `GET /version`
pub static VERSION: Method =
    Method { verb: Verb::Get, path: "/version", groups: &[], permission: Permission::All, tokens: true };

/// `GET /cluster/nextid`
pub static NEXT_ID: Method = Method {
    verb: Verb::Get,
    path: "/cluster/nextid",
    groups: &[&[integer("vmid").format(Format::Vmid).min(100).max(999_999_999).optional()]],
    permission: Permission::All,
    tokens: true,
};

/// `GET /cluster/resources`
pub static RESOURCES: Method = Method {
    verb: Verb::Get,
    path: "/cluster/resources",
    groups: &[&[text("type").words(&["vm", "storage", "node", "sdn"]).optional()]],
    permission: Permission::All,
    tokens: true,
};

/// `GET /cluster/tasks`
pub static CLUSTER_TASKS: Method =
    Method { verb: Verb::Get, path: "/cluster/tasks", groups: &[], permission: Permission::All, tokens: true };

/// `GET /nodes`
pub static LIST_NODES: Method =
    Method { verb: Verb::Get, path: "/nodes", groups: &[], permission: Permission::All, tokens: true };

/// `GET /nodes/{node}/status`
pub static NODE_STATUS: Method = Method {
    verb: Verb::Get,
    path: "/nodes/{node}/status",
    groups: &[&[NODE]],
    permission: Permission::Of(&Check::all("/nodes/{node}", &["Sys.Audit"])),
    tokens: true,
};

/// `GET /nodes/{node}/version`
pub static NODE_VERSION: Method = Method {
    verb: Verb::Get,
    path: "/nodes/{node}/version",
    groups: &[&[NODE]],
    permission: Permission::All,
    tokens: true,
};

/// All of them.
pub(super) static ALL: &[&Method] =
    &[&VERSION, &NEXT_ID, &RESOURCES, &CLUSTER_TASKS, &LIST_NODES, &NODE_STATUS, &NODE_VERSION];
