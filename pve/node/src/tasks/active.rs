//! Which tasks are known: the `active` file (running ones and some that ended lately), the archive `index` behind it,
//! and what the cluster is told of them.
//!
//! A line of `active` is `UPID saved [ENDTIME STATUS]`, a line of `index` `UPID ENDTIME STATUS`: Proxmox's own form.

use std::fmt::Write as _;
use std::fs::{self, File};
use std::io::Write;
use std::os::unix::fs::OpenOptionsExt;
use std::path::Path;
use std::time::{SystemTime, UNIX_EPOCH};

use pve_wire::Upid;
use serde_json::{Value, json};

use super::process::is_alive;
use super::status::last_status;
use crate::error::Die;
use crate::state::{Layout, Node, locks, replace};

/// How many tasks `active` holds: all that run, and of the others so many that there are this many.
const KEPT: usize = 25;
/// The archive is turned over when it is longer: about a thousand tasks.
const ARCHIVE_BYTES: u64 = 50_000;

/// A task's end.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct End {
    /// When somebody took note of it, in seconds since 1970.
    pub(super) time: u32,
    /// How it ended.
    pub(super) status: String,
}

/// Whether a task stands in the archive.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Saved {
    /// Nobody has looked: the task was met just now.
    New,
    /// Not yet.
    Not,
    /// Since just now.
    Now,
    /// For longer.
    Earlier,
}

/// A line of `active`.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Entry {
    pub(super) upid: Upid,
    saved: Saved,
    pub(super) end: Option<End>,
}

impl Entry {
    fn parse(line: &str) -> Option<Self> {
        let mut words = line.splitn(4, ' ');
        let upid = words.next()?.parse().ok()?;
        let saved = match words.next()? {
            "0" => Saved::Not,
            "1" => Saved::Earlier,
            _ => return None,
        };
        let end = match words.next() {
            Some(time) => Some(End { time: hex(time)?, status: words.next().unwrap_or_default().to_owned() }),
            None => None,
        };
        Some(Self { upid, saved, end })
    }

    fn print(&self) -> String {
        let saved = u8::from(self.is_archived());
        match &self.end {
            Some(End { time, status }) => format!("{} {saved} {time:08X} {status}\n", self.upid),
            None => format!("{} {saved}\n", self.upid),
        }
    }

    pub(super) fn is_archived(&self) -> bool {
        matches!(self.saved, Saved::Now | Saved::Earlier)
    }

    /// What the cluster is told. Proxmox writes `saved` as it has it in memory: a number where it set it itself, a text
    /// where it read it from the file.
    fn told(&self) -> Value {
        let upid = &self.upid;
        let mut row = json!({"upid": upid, "node": upid.node(), "starttime": upid.starttime(), "type": upid.kind(),
            "id": upid.id(), "user": upid.auth_id()});
        match self.saved {
            Saved::New => (),
            Saved::Not => row["saved"] = json!("0"),
            Saved::Now => row["saved"] = json!(1),
            Saved::Earlier => row["saved"] = json!("1"),
        }
        match &self.end {
            Some(end) => {
                row["endtime"] = json!(end.time);
                row["status"] = json!(end.status);
            }
            None => row["pid"] = json!(upid.pid()),
        }
        row
    }
}

fn hex(text: &str) -> Option<u32> {
    (text.len() == 8).then(|| u32::from_str_radix(text, 16).ok()).flatten()
}

/// The lines of `active`.
pub(super) fn entries(layout: &Layout) -> Vec<Entry> {
    let text = fs::read_to_string(layout.tasks().join("active")).unwrap_or_default();
    text.lines().filter_map(Entry::parse).collect()
}

/// The archive, the task that ended last first.
pub(super) fn archive(layout: &Layout) -> Vec<(Upid, Option<End>)> {
    let read = |name: &str| fs::read_to_string(layout.tasks().join(name)).unwrap_or_default();
    let texts = [read("index"), read("index.1")];
    texts.iter().flat_map(|text| text.lines().rev().filter_map(archived)).collect()
}

fn archived(line: &str) -> Option<(Upid, Option<End>)> {
    let mut words = line.splitn(3, ' ');
    let upid = words.next()?.parse().ok()?;
    let time = words.next().and_then(hex);
    let status = words.next().unwrap_or_default().to_owned();
    Some((upid, time.map(|time| End { time, status })))
}

/// Takes note of a task that has begun or ended, and of all others that ended unseen; tells the cluster.
pub fn take_note(node: &Node, upid: Option<&Upid>) -> Result<(), Die> {
    let directory = node.layout.tasks();
    let _lock = locks::acquire(&directory.join(".active.lock"), locks::PATIENCE, &|_| ())?;
    let mut known = entries(&node.layout);
    let met = upid.filter(|upid| known.iter().all(|entry| entry.upid != **upid));
    known.extend(met.map(|upid| Entry { upid: upid.clone(), saved: Saved::New, end: None }));
    let (running, mut ended) = sort_out(node, known);
    file_away(&directory, &mut ended)?;
    let room = KEPT.saturating_sub(running.len());
    let kept: Vec<Entry> = running.into_iter().chain(ended.into_iter().take(room)).collect();
    let text: String = kept.iter().map(Entry::print).collect();
    replace(&directory.join("active"), text.as_bytes(), 0o644)?;
    let rows = Value::Array(kept.iter().map(Entry::told).collect());
    replace(&node.layout.told_tasks(), rows.to_string().as_bytes(), 0o644)
}

/// The tasks of a type on something that nobody has seen end.
pub fn unfinished(node: &Node, kind: &str, id: &str) -> Vec<Upid> {
    let waiting = entries(&node.layout).into_iter().filter(|entry| !entry.is_archived()).map(|entry| entry.upid);
    waiting.filter(|upid| upid.kind() == kind && upid.id() == id).collect()
}

/// What the cluster was told last: the rows of `GET /cluster/tasks`, the users' tokens still in their names.
pub(super) fn told(layout: &Layout) -> Vec<Value> {
    let bytes = fs::read(layout.told_tasks()).unwrap_or_default();
    serde_json::from_slice(&bytes).unwrap_or_default()
}

/// Those that run, and those that ended with their ends, the youngest first.
fn sort_out(node: &Node, known: Vec<Entry>) -> (Vec<Entry>, Vec<Entry>) {
    let lives = |entry: &Entry| is_alive(entry.upid.pid(), entry.upid.pstart());
    let (running, mut ended): (Vec<Entry>, Vec<Entry>) = known.into_iter().partition(lives);
    ended.sort_by_key(|entry| std::cmp::Reverse(entry.upid.starttime()));
    for entry in ended.iter_mut().filter(|entry| entry.end.is_none()) {
        entry.end = Some(End { time: now(), status: last_status(node, &entry.upid).to_string() });
    }
    (running, ended)
}

fn now() -> u32 {
    let since = SystemTime::now().duration_since(UNIX_EPOCH).map_or(0, |since| since.as_secs());
    u32::try_from(since).unwrap_or(u32::MAX)
}

/// Appends to the archive what does not stand there yet.
fn file_away(directory: &Path, ended: &mut [Entry]) -> Result<(), Die> {
    let mut text = String::new();
    for entry in ended.iter_mut().filter(|entry| !entry.is_archived()) {
        if let Some(End { time, status }) = &entry.end {
            // Writing to a string cannot fail.
            let _ = writeln!(text, "{} {time:08X} {status}", entry.upid);
            entry.saved = Saved::Now;
        }
    }
    if text.is_empty() {
        return Ok(());
    }
    let path = directory.join("index");
    let mut file = File::options().create(true).append(true).mode(0o644).open(&path).map_err(Die::io("open", &path))?;
    file.write_all(text.as_bytes()).map_err(Die::io("write", &path))?;
    let size = file.metadata().map_err(Die::io("stat", &path))?.len();
    if size > ARCHIVE_BYTES {
        fs::rename(&path, path.with_extension("1")).map_err(Die::io("rename", &path))?;
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::state::NodeConfig;
    use crate::tasks::log::log_path;

    /// A task of a process that is long gone.
    fn ended(node: &Node, start: u32, log: &str) -> Upid {
        let upid = Upid::new("pve", (0x7fff_fff0, 1), start, "vzstart", "9101", "root@pam!ci").unwrap();
        let path = log_path(&node.layout, &upid);
        fs::create_dir_all(path.parent().unwrap()).unwrap();
        fs::write(path, log).unwrap();
        upid
    }

    fn node() -> (tempfile::TempDir, Node) {
        let dir = tempfile::tempdir().unwrap();
        let node = Node::init(dir.path(), &NodeConfig::default()).unwrap();
        (dir, node)
    }

    #[test]
    fn a_task_goes_from_running_to_the_archive_once() {
        let (_dir, node) = node();
        let own = (std::process::id(), super::super::start_ticks(std::process::id()).unwrap());
        let running = Upid::new("pve", own, 7, "vzdump", "", "root@pam").unwrap();
        take_note(&node, Some(&running)).unwrap();
        assert_eq!(told(&node.layout)[0].get("saved"), None);
        let gone = ended(&node, 3, "TASK ERROR: no luck\n");
        for saved in [json!(1), json!("1")] {
            take_note(&node, Some(&gone)).unwrap();
            let rows = told(&node.layout);
            assert_eq!((&rows[0]["saved"], &rows[0]["pid"]), (&json!("0"), &json!(own.0)));
            assert_eq!((&rows[1]["saved"], &rows[1]["status"]), (&saved, &json!("no luck")));
            assert_eq!(rows[1].get("pid"), None);
        }
        let text = fs::read_to_string(node.layout.tasks().join("active")).unwrap();
        assert_eq!(text.lines().next().unwrap(), format!("{running} 0"));
        let archived = archive(&node.layout);
        assert_eq!((archived.len(), &archived[0].0), (1, &gone));
    }

    #[test]
    fn active_keeps_a_few_and_the_archive_turns_over() {
        let (_dir, node) = node();
        fs::write(node.layout.tasks().join("index"), "x\n".repeat(24_990)).unwrap();
        for start in 1..=30 {
            take_note(&node, Some(&ended(&node, start, "TASK OK\n"))).unwrap();
        }
        assert_eq!(entries(&node.layout).len(), KEPT);
        assert!(node.layout.tasks().join("index.1").exists());
        let newest_first: Vec<u32> = archive(&node.layout).iter().map(|(upid, _)| upid.starttime()).collect();
        assert_eq!(newest_first, (1..=30).rev().collect::<Vec<_>>());
    }
}
