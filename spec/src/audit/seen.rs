//! Which value was seen at whom: one entry of 24 bytes for a value that one guest has; only shared values are kept whole.

use std::collections::HashMap;

use super::names::number;
use super::print::{BuildReady, Print};
use super::roster::{HolderId, Roster};
use super::sighting::{Parent, Place, Sighting, Source, Weight};
use super::subject::SubjectId;

/// How a value was seen at a holder, in 32 bits.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Mark(u32);

/// Set in the entry of a value whose holders stand in a list.
const LISTED: u32 = 1 << 31;
const NO_NIC: u32 = 0xFF;

impl Mark {
    /// `own`: it is the kind that its space is named after, and no copy (a machine-id, not D-Bus's).
    pub(super) fn of(sighting: &Sighting, parent: Option<Parent>, own: bool) -> Self {
        let source = Source::ALL.iter().position(|source| *source == sighting.source).map_or(0, number);
        let nic = if let Place::Nic(index) = sighting.at { u32::from(index) } else { NO_NIC };
        let parent = match parent {
            None => 0,
            Some(Parent::MachineId) => 1,
            Some(Parent::Mac) => 2,
        };
        Self(source | nic << 8 | parent << 16 | u32::from(own) << 18)
    }

    pub(super) fn source(self) -> Source {
        Source::ALL[(self.0 & 0xF) as usize % Source::ALL.len()]
    }

    pub(super) fn nic(self) -> Option<u8> {
        u8::try_from(self.0 >> 8 & 0xFF).ok().filter(|nic| u32::from(*nic) != NO_NIC)
    }

    pub(super) fn is_own(self) -> bool {
        self.0 >> 18 & 1 != 0
    }

    pub(super) fn parent(self) -> Option<Parent> {
        match self.0 >> 16 & 3 {
            1 => Some(Parent::MachineId),
            2 => Some(Parent::Mac),
            _ => None,
        }
    }
}

/// A holder of a value.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Held {
    pub(super) holder: HolderId,
    pub(super) mark: Mark,
}

impl Held {
    pub(super) fn is_proven(self) -> bool {
        self.mark.source().weight() == Weight::Proven
    }
}

/// A value that several guests hold.
#[derive(Debug)]
pub(super) struct Shared {
    pub(super) subject: SubjectId,
    pub(super) value: Box<str>,
    pub(super) holders: Vec<Held>,
}

/// All values of a fleet.
#[derive(Debug, Default)]
pub(super) struct Seen {
    entries: HashMap<Print, Held, BuildReady>,
    pub(super) shared: Vec<Shared>,
}

impl Seen {
    /// Notes that a holder has a value. Tells whether nobody had it before.
    pub(super) fn note(&mut self, print: Print, held: Held, subject: SubjectId, value: &str, roster: &Roster) -> bool {
        let Some(entry) = self.entries.get_mut(&print) else {
            self.entries.insert(print, held);
            return true;
        };
        if entry.mark.0 & LISTED != 0 {
            let shared = &mut self.shared[entry.holder.0 as usize];
            shared.holders.push(held);
            return false;
        }
        let first = *entry;
        let same = first.holder == held.holder || roster.is_same_guest(first.holder, held.holder);
        // Of two looks at one guest the better one is kept: that at a running guest before that at its backup.
        let worth = |held: Held| (roster.awake(held.holder), held.is_proven(), held.mark.is_own());
        if same {
            if worth(held) > worth(first) {
                *entry = held;
            }
            return false;
        }
        *entry = Held { holder: HolderId(number(self.shared.len())), mark: Mark(LISTED) };
        self.shared.push(Shared { subject, value: value.into(), holders: vec![first, held] });
        false
    }

    /// How many different values there are.
    pub(super) fn len(&self) -> usize {
        self.entries.len()
    }
}
