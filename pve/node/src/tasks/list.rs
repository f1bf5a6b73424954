//! The list of tasks: what a caller asks for, against `active` and the archive.

use pve_wire::{ExitStatus, Upid};
use serde_json::{Value, json};

use super::active::{self, End};
use crate::state::Node;

/// Which tasks are listed.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum Source {
    /// Those that ended.
    #[default]
    Archive,
    /// Those that run.
    Active,
    /// Both.
    All,
}

/// What a caller asks the list for.
#[derive(Debug, Clone, Default)]
pub struct Filter {
    /// Ended, running or both.
    pub source: Source,
    /// Only this id.
    pub vmid: Option<String>,
    /// Only this type.
    pub kind: Option<String>,
    /// Only users whose name holds this, in either case.
    pub user: Option<String>,
    /// Only what did not end well.
    pub errors: bool,
    /// Only ends of these kinds: `ok`, `warning`, `error`, `unknown`.
    pub statuses: Option<Vec<String>>,
    /// Only tasks that started at this second or later.
    pub since: Option<i64>,
    /// Only tasks that started at this second or earlier.
    pub until: Option<i64>,
}

impl Filter {
    fn admits(&self, upid: &Upid, user: &str, end: Option<&End>) -> bool {
        let start = i64::from(upid.starttime());
        let holds = |wanted: &String| user.to_lowercase().contains(&wanted.to_lowercase());
        self.vmid.as_deref().is_none_or(|id| upid.id() == id)
            && self.kind.as_deref().is_none_or(|kind| upid.kind() == kind)
            && self.user.as_ref().is_none_or(holds)
            && self.since.is_none_or(|since| start >= since)
            && self.until.is_none_or(|until| start <= until)
            && self.admits_end(kind_of(end))
    }

    /// `errors` beats the list of kinds.
    fn admits_end(&self, kind: &str) -> bool {
        match &self.statuses {
            _ if self.errors => kind != "ok",
            Some(wanted) => wanted.iter().any(|wanted| wanted.eq_ignore_ascii_case(kind)),
            None => true,
        }
    }
}

/// The kind of an end, as `statusfilter` names it; a task that runs has none yet.
fn kind_of(end: Option<&End>) -> &'static str {
    match end.map(|end| ExitStatus::from(end.status.clone())) {
        Some(ExitStatus::Ok) => "ok",
        Some(ExitStatus::Warnings(_)) => "warning",
        Some(ExitStatus::Error(text)) if !text.is_empty() => "error",
        Some(ExitStatus::Unexpected | ExitStatus::Error(_)) | None => "unknown",
    }
}

/// Somebody's tasks: their own, and a user's also those of their tokens. Of running tasks Proxmox's list shows a token's
/// to that token only.
pub fn is_own(upid: &Upid, auth_id: &str) -> bool {
    upid.auth_id() == auth_id || upid.user() == auth_id
}

/// The tasks that `filter` admits, running ones first, then those that ended last. Without `all` only the caller's own.
pub fn list(node: &Node, filter: &Filter, auth_id: &str, all: bool) -> Vec<Value> {
    let mut rows = Vec::new();
    if filter.source != Source::Archive {
        let waiting = active::entries(&node.layout).into_iter().filter(|entry| !entry.is_archived());
        let seen = waiting.filter(|entry| all || entry.upid.auth_id() == auth_id);
        let admitted = seen.filter(|entry| filter.admits(&entry.upid, entry.upid.auth_id(), entry.end.as_ref()));
        rows.extend(admitted.map(|entry| running_row(&entry.upid)));
    }
    if filter.source != Source::Active {
        let seen = active::archive(&node.layout).into_iter().filter(|(upid, _)| all || is_own(upid, auth_id));
        let admitted = seen.filter(|(upid, end)| filter.admits(upid, upid.user(), end.as_ref()));
        rows.extend(admitted.map(|(upid, end)| ended_row(&upid, end.as_ref())));
    }
    rows
}

fn row(upid: &Upid, user: &str) -> Value {
    json!({"upid": upid, "node": upid.node(), "pid": upid.pid(), "pstart": upid.pstart(),
        "starttime": upid.starttime(), "type": upid.kind(), "id": upid.id(), "user": user})
}

/// Of a running task the user is shown with the token in it, as Proxmox does.
fn running_row(upid: &Upid) -> Value {
    let mut row = row(upid, upid.auth_id());
    row["saved"] = json!("0");
    row["status"] = json!("RUNNING");
    row
}

fn ended_row(upid: &Upid, end: Option<&End>) -> Value {
    let mut row = row(upid, upid.user());
    if let Some(token) = upid.token_name() {
        row["tokenid"] = json!(token);
    }
    if let Some(end) = end {
        row["endtime"] = json!(end.time);
        row["status"] = json!(end.status);
    }
    row
}

/// The rows of `GET /cluster/tasks`: without `all` only those of the user `auth_id`, tokens included.
pub fn cluster_list(node: &Node, auth_id: &str, all: bool) -> Vec<Value> {
    let split = |mut row: Value| {
        let named: Option<Upid> = row["upid"].as_str().and_then(|text| text.parse().ok());
        if let Some(token) = named.as_ref().and_then(Upid::token_name) {
            row["tokenid"] = json!(token);
            row["user"] = json!(named.as_ref().map(Upid::user));
        }
        row
    };
    active::told(&node.layout).into_iter().map(split).filter(|row| all || row["user"] == auth_id).collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::state::NodeConfig;
    use std::fs;

    const ARCHIVE: &str = "\
UPID:pve:7FFFFFF0:00000001:00000001:vzstart:101:root@pam!ci: 00000002 OK
UPID:pve:7FFFFFF0:00000001:00000003:vzstop:102:me@pve: 00000004 CT is locked (backup)
UPID:pve:7FFFFFF0:00000001:00000005:vzstart:101:root@pam: 00000006 unexpected status
UPID:pve:7FFFFFF0:00000001:00000007:vzcreate:103:me@pve!t1: 00000008 WARNINGS: 1
";

    fn node() -> (tempfile::TempDir, Node) {
        let dir = tempfile::tempdir().unwrap();
        let node = Node::init(dir.path(), &NodeConfig::default()).unwrap();
        fs::write(node.layout.tasks().join("index"), ARCHIVE).unwrap();
        let running = "UPID:pve:7FFFFFF0:00000001:00000009:vzdump::me@pve!t1: 0\n";
        fs::write(node.layout.tasks().join("active"), running).unwrap();
        (dir, node)
    }

    fn starts(filter: &Filter, auth_id: &str, all: bool) -> Vec<u64> {
        let (_dir, node) = node();
        list(&node, filter, auth_id, all).iter().map(|row| row["starttime"].as_u64().unwrap()).collect()
    }

    #[test]
    fn every_filter_filters() {
        let all = |filter: Filter| starts(&filter, "root@pam", true);
        let some = Filter::default;
        let text = |text: &str| Some(text.to_owned());
        assert_eq!(all(some()), [7, 5, 3, 1]);
        assert_eq!(all(Filter { source: Source::Active, ..some() }), [9]);
        assert_eq!(all(Filter { source: Source::All, kind: text("vzdump"), ..some() }), [9]);
        assert_eq!(all(Filter { vmid: text("101"), ..some() }), [5, 1]);
        assert_eq!(all(Filter { user: text("ME@"), ..some() }), [7, 3]);
        assert_eq!(all(Filter { user: text("t1"), source: Source::All, ..some() }), [9]);
        assert_eq!(all(Filter { errors: true, ..some() }), [7, 5, 3]);
        assert_eq!(all(Filter { statuses: Some(vec!["ok".into(), "Error".into()]), ..some() }), [3, 1]);
        assert_eq!(all(Filter { since: Some(3), until: Some(5), ..some() }), [5, 3]);
    }

    #[test]
    fn a_token_sees_its_own_and_a_user_also_their_tokens() {
        assert_eq!(starts(&Filter::default(), "me@pve", false), [7, 3]);
        assert_eq!(starts(&Filter::default(), "me@pve!t1", false), [7]);
        let both = Filter { source: Source::All, ..Filter::default() };
        assert_eq!(starts(&both, "me@pve", false), [7, 3]);
        assert_eq!(starts(&both, "me@pve!t1", false), [9, 7]);
    }
}
