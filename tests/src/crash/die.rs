//! At which record of its journal a victim dies, as it is told on the command line.

use std::fmt;
use std::str::FromStr;

use saga::{Event, Record};

/// On which side of a record.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Side {
    /// The record is not written: what it tells of has happened, and nobody knows.
    Before,
    /// It is durable, and nothing happens after it.
    After,
}

/// A record, by its kind and its step: `before:succeeded:restore`; a note by its key, too: `before:note.task:restore`.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Die {
    pub(super) side: Side,
    pub(super) kind: String,
    /// The step; empty for the records of a run as a whole.
    pub(super) step: String,
}

impl Die {
    pub(super) fn before(kind: &str, step: &str) -> Self {
        Self { side: Side::Before, kind: kind.to_owned(), step: step.to_owned() }
    }

    pub(super) fn after(kind: &str, step: &str) -> Self {
        Self { side: Side::After, kind: kind.to_owned(), step: step.to_owned() }
    }

    /// Whether this is the record.
    pub(super) fn is_at(&self, record: &Record) -> bool {
        self.fits(&record.event)
    }

    fn fits(&self, event: &Event) -> bool {
        let kind = match event {
            Event::Note { key, .. } => format!("note.{key}"),
            event => event.kind().to_owned(),
        };
        kind == self.kind && event.step().unwrap_or_default() == self.step
    }
}

impl fmt::Display for Die {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let side = match self.side {
            Side::Before => "before",
            Side::After => "after",
        };
        write!(f, "{side}:{}:{}", self.kind, self.step)
    }
}

impl FromStr for Die {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, String> {
        let wrong = || format!("{text:?} names no record: before|after:KIND:STEP");
        let (side, rest) = text.split_once(':').ok_or_else(wrong)?;
        let (kind, step) = rest.split_once(':').ok_or_else(wrong)?;
        match side {
            "before" => Ok(Self::before(kind, step)),
            "after" => Ok(Self::after(kind, step)),
            _ => Err(wrong()),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_record_is_written_as_it_is_read() {
        for text in ["before:succeeded:restore", "after:undo_started:start", "before:opened:"] {
            assert_eq!(text.parse::<Die>().unwrap().to_string(), text);
        }
        assert!("at:started:x".parse::<Die>().is_err() && "before:started".parse::<Die>().is_err());
    }

    #[test]
    fn only_that_record_is_met() {
        let die = Die::before("started", "restore");
        assert!(die.fits(&Event::Started { step: "restore".into() }));
        assert!(!die.fits(&Event::Started { step: "reset".into() }));
        assert!(!die.fits(&Event::UndoStarted { step: "restore".into() }));
        let note = |key: &str| Event::Note { step: "restore".into(), key: key.into(), value: serde_json::Value::Null };
        let die = Die::before("note.task", "restore");
        assert!(die.fits(&note("task")) && !die.fits(&note("asking")));
    }
}
