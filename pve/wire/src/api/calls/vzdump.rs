//! Backups.

use super::shared::NODE;
use crate::api::format::Format;
use crate::api::method::{Method, Verb};
use crate::api::param::{boolean, integer, list, text};
use crate::api::permission::Permission;

/// `POST /nodes/{node}/vzdump`
pub static VZDUMP: Method = Method {
    verb: Verb::Post,
    path: "/nodes/{node}/vzdump",
    groups: &[&[
        text("node").format(Format::Node).optional(),
        boolean("all").optional(),
        integer("bwlimit").min(0).optional(),
        text("compress").words(&["0", "1", "gzip", "lzo", "zstd"]).optional(),
        text("dumpdir").optional(),
        text("exclude").format(Format::VmidList).optional(),
        list("exclude-path").optional(),
        text("fleecing").format(Format::Fleecing).optional(),
        integer("ionice").min(0).max(8).optional(),
        text("job-id").pattern(r"\S+").max(50).optional(),
        integer("lockwait").min(0).optional(),
        text("mailnotification").words(&["always", "failure"]).optional(),
        text("mailto").format(Format::EmailOrUserList).optional(),
        text("mode").words(&["snapshot", "suspend", "stop"]).optional(),
        text("notes-template").max(1024).requires("storage").optional(),
        text("notification-mode").words(&["auto", "legacy-sendmail", "notification-system"]).optional(),
        text("pbs-change-detection-mode").words(&["legacy", "data", "metadata"]).optional(),
        text("performance").format(Format::Performance).optional(),
        integer("pigz").optional(),
        text("pool").optional(),
        boolean("protected").requires("storage").optional(),
        text("prune-backups").format(Format::PruneBackups).optional(),
        boolean("quiet").optional(),
        boolean("remove").optional(),
        text("script").optional(),
        boolean("stdexcludes").optional(),
        boolean("stdout").optional(),
        boolean("stop").optional(),
        integer("stopwait").min(0).optional(),
        text("storage").format(Format::StorageId).optional(),
        text("tmpdir").optional(),
        text("vmid").format(Format::VmidList).optional(),
        integer("zstd").optional(),
    ]],
    permission: Permission::All,
    tokens: true,
};

/// `GET /nodes/{node}/vzdump/defaults`
pub static VZDUMP_DEFAULTS: Method = Method {
    verb: Verb::Get,
    path: "/nodes/{node}/vzdump/defaults",
    groups: &[&[NODE, text("storage").format(Format::StorageId).optional()]],
    permission: Permission::All,
    tokens: true,
};

/// `GET /nodes/{node}/vzdump/extractconfig`
pub static EXTRACT_CONFIG: Method = Method {
    verb: Verb::Get,
    path: "/nodes/{node}/vzdump/extractconfig",
    groups: &[&[NODE, text("volume")]],
    permission: Permission::All,
    tokens: true,
};

/// All of them.
pub(super) static ALL: &[&Method] = &[&VZDUMP, &VZDUMP_DEFAULTS, &EXTRACT_CONFIG];
