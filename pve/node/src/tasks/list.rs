//! The list of tasks, read from the names of their logs.

use std::fs;
use std::os::unix::fs::MetadataExt;

use pve_wire::{ExitStatus, TaskRow, Upid};

use super::log::log_path;
use super::status::exit_status;
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
    /// Only users whose name holds this.
    pub user: Option<String>,
    /// Only failed ones.
    pub errors: bool,
    /// Only tasks that started at this second or later.
    pub since: Option<u64>,
    /// Only tasks that started at this second or earlier.
    pub until: Option<u64>,
}

impl Filter {
    fn admits(&self, upid: &Upid) -> bool {
        let start = u64::from(upid.starttime());
        self.vmid.as_deref().is_none_or(|id| upid.id() == id)
            && self.kind.as_deref().is_none_or(|kind| upid.kind() == kind)
            && self.user.as_deref().is_none_or(|user| upid.auth_id().contains(user))
            && self.since.is_none_or(|since| start >= since)
            && self.until.is_none_or(|until| start <= until)
    }

    fn admits_end(&self, end: Option<&ExitStatus>) -> bool {
        let wanted = match self.source {
            Source::Archive => end.is_some(),
            Source::Active => end.is_none(),
            Source::All => true,
        };
        wanted && (!self.errors || end.is_some_and(|end| !end.succeeded()))
    }
}

/// The tasks that `filter` admits and `visible` lets the caller see, the newest first.
pub fn list(node: &Node, filter: &Filter, visible: &dyn Fn(&Upid) -> bool) -> Vec<TaskRow> {
    let directories = fs::read_dir(node.layout.tasks()).into_iter().flatten().filter_map(Result::ok);
    let files = directories.flat_map(|directory| fs::read_dir(directory.path()).into_iter().flatten());
    let upids = files.filter_map(Result::ok).filter_map(|file| file.file_name().to_str()?.parse::<Upid>().ok());
    let mut rows: Vec<TaskRow> =
        upids.filter(|upid| filter.admits(upid) && visible(upid)).filter_map(|upid| row(node, filter, &upid)).collect();
    rows.sort_by(|a, b| (b.starttime, &b.upid).cmp(&(a.starttime, &a.upid)));
    rows
}

fn row(node: &Node, filter: &Filter, upid: &Upid) -> Option<TaskRow> {
    let end = exit_status(node, upid);
    if !filter.admits_end(end.as_ref()) {
        return None;
    }
    let written = fs::metadata(log_path(&node.layout, upid)).ok().and_then(|stat| u64::try_from(stat.mtime()).ok());
    Some(TaskRow {
        upid: upid.to_string(),
        node: upid.node().to_owned(),
        pid: u64::from(upid.pid()),
        pstart: upid.pstart(),
        starttime: u64::from(upid.starttime()),
        endtime: written.filter(|_| end.is_some()),
        kind: upid.kind().to_owned(),
        id: upid.id().to_owned(),
        user: upid.user().to_owned(),
        tokenid: upid.token_name().map(str::to_owned),
        status: Some(end.map_or_else(|| "RUNNING".to_owned(), |end| end.to_string())),
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::state::NodeConfig;

    #[test]
    fn ended_tasks_are_listed_by_default_and_a_vanished_worker_shows() {
        let dir = tempfile::tempdir().unwrap();
        let node = Node::init(dir.path(), &NodeConfig::default()).unwrap();
        for (start, log) in [(1_u32, "TASK OK\n"), (2, "working\n")] {
            let upid = Upid::new("pve", (0x7fff_fff0, 1), start, "vzstart", "9101", "root@pam").unwrap();
            let path = log_path(&node.layout, &upid);
            fs::create_dir_all(path.parent().unwrap()).unwrap();
            fs::write(path, log).unwrap();
        }
        let statuses = |filter: &Filter| {
            list(&node, filter, &|_| true).into_iter().map(|row| row.status.unwrap()).collect::<Vec<_>>()
        };
        assert_eq!(statuses(&Filter::default()), ["unexpected status", "OK"]);
        assert_eq!(statuses(&Filter { errors: true, ..Filter::default() }), ["unexpected status"]);
        assert!(statuses(&Filter { source: Source::Active, ..Filter::default() }).is_empty());
        assert!(statuses(&Filter { kind: Some("vzstop".into()), ..Filter::default() }).is_empty());
    }
}
