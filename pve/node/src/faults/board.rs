//! The faults that are set: one file that server and workers share.

use std::fs;
use std::path::{Path, PathBuf};
use std::time::Duration;

use serde::{Deserialize, Serialize};

use super::fault::Fault;
use crate::error::Die;
use crate::state::{Layout, locks};

/// How long something may be held: nobody waits for it any longer.
pub(super) const PATIENCE: Duration = Duration::from_mins(10);
/// How often the held look whether they may go on.
pub(super) const LOOK: Duration = Duration::from_millis(20);

/// A fault that is set.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Set {
    /// Its number, to lift it by.
    pub id: u64,
    /// The fault.
    pub fault: Fault,
    /// How often it struck.
    #[serde(default)]
    pub struck: u32,
    /// Who waits because of it now.
    #[serde(default)]
    pub held: Vec<Held>,
}

/// A request (`PUT /nodes/…`) or a task (its UPID) that waits.
pub type Held = String;

#[derive(Debug, Default, Serialize, Deserialize)]
struct Content {
    next: u64,
    set: Vec<Set>,
}

/// Where faults are set and asked for. Switched off, it knows of none and touches no file.
#[derive(Debug, Clone, Default)]
pub struct Board(Option<PathBuf>);

impl Board {
    /// The board of a node whose tests may set faults.
    pub fn on(layout: &Layout) -> Self {
        Self(Some(layout.faults()))
    }

    /// Whether faults can be set.
    pub fn is_on(&self) -> bool {
        self.0.is_some()
    }

    /// Sets a fault and returns its number.
    pub fn set(&self, fault: Fault) -> Result<u64, Die> {
        self.change(|content| {
            content.next += 1;
            content.set.push(Set { id: content.next, fault, struck: 0, held: Vec::new() });
            content.next
        })
        .map(Option::unwrap_or_default)
    }

    /// Lifts a fault; whoever it held goes on. False where there is none of that number.
    pub fn lift(&self, id: u64) -> Result<bool, Die> {
        let removed = self.change(|content| {
            let before = content.set.len();
            content.set.retain(|set| set.id != id);
            content.set.len() < before
        })?;
        Ok(removed.unwrap_or_default())
    }

    /// Lifts every fault.
    pub fn clear(&self) -> Result<(), Die> {
        self.change(|content| content.set.clear()).map(drop)
    }

    /// The faults that are set, with what they did so far.
    pub fn list(&self) -> Result<Vec<Set>, Die> {
        self.0.as_deref().map_or(Ok(Vec::new()), |path| Ok(read(path)?.set))
    }

    /// Whether a storage is out of room.
    pub fn is_full(&self, storage: &str) -> Result<bool, Die> {
        Ok(self.list()?.iter().any(|set| matches!(&set.fault, Fault::Full(id) if id == storage)))
    }

    /// The nodes that are out of reach.
    pub fn lost(&self) -> Result<Vec<String>, Die> {
        let names = self.list()?.into_iter().filter_map(|set| match set.fault {
            Fault::Lost(node) => Some(node),
            _ => None,
        });
        Ok(names.collect())
    }

    /// The first fault that `meant` picks, counted as having struck. One that has struck as often as it may is never
    /// offered; it stays in the list, so that tests see what it did, and so that what it holds stays held.
    pub(super) fn strike<T>(&self, who: &str, meant: impl Fn(&Fault) -> Option<T>) -> Result<Option<(u64, T)>, Die> {
        let Some(path) = self.0.as_deref() else { return Ok(None) };
        // Most requests and lines meet nothing: no lock for them.
        let picked = |set: &Set| {
            let left = set.fault.times().is_none_or(|times| set.struck < times);
            left.then(|| meant(&set.fault)).flatten()
        };
        if read(path)?.set.iter().all(|set| picked(set).is_none()) {
            return Ok(None);
        }
        let struck = self.change(|content| {
            content.set.iter_mut().find_map(|set| {
                let what = picked(set)?;
                set.struck += 1;
                if set.fault.holds() {
                    set.held.push(who.to_owned());
                }
                Some((set.id, what))
            })
        })?;
        Ok(struck.flatten())
    }

    /// Whether a fault is still set.
    pub(super) fn stands(&self, id: u64) -> bool {
        self.list().is_ok_and(|set| set.iter().any(|set| set.id == id))
    }

    /// Takes note that somebody waits no longer.
    pub(super) fn let_go(&self, id: u64, who: &str) -> Result<(), Die> {
        self.change(|content| {
            if let Some(set) = content.set.iter_mut().find(|set| set.id == id) {
                set.held.retain(|held| held != who);
            }
        })
        .map(drop)
    }

    fn change<T>(&self, change: impl FnOnce(&mut Content) -> T) -> Result<Option<T>, Die> {
        let Some(path) = self.0.as_deref() else { return Ok(None) };
        let _lock = locks::acquire(&path.with_extension("lock"), locks::PATIENCE, &|_| ())?;
        let mut content = read(path)?;
        let answer = change(&mut content);
        let text = serde_json::to_vec_pretty(&content).map_err(|error| Die::text(error.to_string()))?;
        let temp = path.with_extension("tmp");
        fs::write(&temp, text).and_then(|()| fs::rename(&temp, path)).map_err(Die::io("write", path))?;
        Ok(Some(answer))
    }
}

fn read(path: &Path) -> Result<Content, Die> {
    match fs::read(path) {
        Ok(bytes) => {
            serde_json::from_slice(&bytes).map_err(|error| Die::text(format!("{} is damaged: {error}", path.display())))
        }
        Err(error) if error.kind() == std::io::ErrorKind::NotFound => Ok(Content::default()),
        Err(error) => Err(Die::io("read", path)(error)),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn board(dir: &Path) -> Board {
        let layout = Layout::new(dir.to_owned());
        fs::create_dir_all(layout.run()).unwrap();
        Board::on(&layout)
    }

    fn fault(text: &str) -> Fault {
        serde_json::from_str(text).unwrap()
    }

    fn is_task(fault: &Fault) -> Option<()> {
        matches!(fault, Fault::Task(_)).then_some(())
    }

    #[test]
    fn a_fault_strikes_as_often_as_it_may() {
        let dir = tempfile::tempdir().unwrap();
        let board = board(dir.path());
        let id = board.set(fault(r#"{"task":{"type":"vzstart","times":2,"do":"hold"}}"#)).unwrap();
        assert_eq!(board.strike("one", is_task).unwrap(), Some((id, ())));
        assert_eq!(board.strike("two", is_task).unwrap(), Some((id, ())));
        assert_eq!(board.strike("three", is_task).unwrap(), None);
        assert_eq!(board.list().unwrap()[0].held, ["one", "two"]);
        board.let_go(id, "one").unwrap();
        assert_eq!(board.list().unwrap()[0].held, ["two"]);
        assert!(board.lift(id).unwrap() && !board.lift(id).unwrap() && !board.stands(id));
    }

    #[test]
    fn many_at_once_share_what_there_is() {
        let dir = tempfile::tempdir().unwrap();
        let board = board(dir.path());
        board.set(fault(r#"{"task":{"type":"vzstart","times":5,"do":"kill"}}"#)).unwrap();
        let struck = std::thread::scope(|scope| {
            let all: Vec<_> = (0..8).map(|_| scope.spawn(|| board.strike("x", is_task).unwrap().is_some())).collect();
            all.into_iter().map(|one| one.join().unwrap()).filter(|struck| *struck).count()
        });
        assert_eq!(struck, 5);
    }

    #[test]
    fn switched_off_it_knows_nothing() {
        let board = Board::default();
        board.set(fault(r#"{"full":"local"}"#)).unwrap();
        assert!(!board.is_on() && !board.is_full("local").unwrap() && board.list().unwrap().is_empty());
    }

    #[test]
    fn full_and_lost_stay_until_they_are_lifted() {
        let dir = tempfile::tempdir().unwrap();
        let board = board(dir.path());
        board.set(fault(r#"{"full":"local"}"#)).unwrap();
        board.set(fault(r#"{"lost":"pve2"}"#)).unwrap();
        assert!(board.is_full("local").unwrap() && !board.is_full("other").unwrap());
        assert_eq!(board.lost().unwrap(), ["pve2"]);
        board.clear().unwrap();
        assert!(!board.is_full("local").unwrap() && board.lost().unwrap().is_empty());
    }
}
