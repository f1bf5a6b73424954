//! Tasks.

use super::shared::NODE;
use crate::api::format::Format;
use crate::api::method::{Method, Verb};
use crate::api::param::{boolean, integer, text};
use crate::api::permission::Permission;

/// `GET /nodes/{node}/tasks`
pub static LIST_TASKS: Method = Method {
    verb: Verb::Get,
    path: "/nodes/{node}/tasks",
    groups: &[&[
        NODE,
        boolean("errors").optional(),
        integer("limit").min(0).optional(),
        integer("since").optional(),
        text("source").words(&["archive", "active", "all"]).optional(),
        integer("start").min(0).optional(),
        text("statusfilter").format(Format::TaskStatusList).optional(),
        text("typefilter").optional(),
        integer("until").optional(),
        text("userfilter").optional(),
        integer("vmid").format(Format::Vmid).min(100).max(999_999_999).optional(),
    ]],
    permission: Permission::All,
    tokens: true,
};

/// `GET /nodes/{node}/tasks/{upid}`
pub static TASK_INDEX: Method = Method {
    verb: Verb::Get,
    path: "/nodes/{node}/tasks/{upid}",
    groups: &[&[NODE, text("upid")]],
    permission: Permission::All,
    tokens: true,
};

/// `DELETE /nodes/{node}/tasks/{upid}`
pub static STOP_TASK: Method = Method {
    verb: Verb::Delete,
    path: "/nodes/{node}/tasks/{upid}",
    groups: &[&[NODE, text("upid")]],
    permission: Permission::All,
    tokens: true,
};

/// `GET /nodes/{node}/tasks/{upid}/log`
pub static TASK_LOG: Method = Method {
    verb: Verb::Get,
    path: "/nodes/{node}/tasks/{upid}/log",
    groups: &[&[
        NODE,
        text("upid"),
        boolean("download").optional(),
        integer("limit").min(0).optional(),
        integer("start").min(0).optional(),
    ]],
    permission: Permission::All,
    tokens: true,
};

/// `GET /nodes/{node}/tasks/{upid}/status`
pub static TASK_STATUS: Method = Method {
    verb: Verb::Get,
    path: "/nodes/{node}/tasks/{upid}/status",
    groups: &[&[NODE, text("upid")]],
    permission: Permission::All,
    tokens: true,
};

/// All of them.
pub(super) static ALL: &[&Method] = &[&LIST_TASKS, &TASK_INDEX, &STOP_TASK, &TASK_LOG, &TASK_STATUS];
