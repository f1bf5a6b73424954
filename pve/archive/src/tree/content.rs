//! Members' content on its way to the thread that hashes: one message for each piece, holes of sparse files filled in.

use std::sync::mpsc::SyncSender;

use crate::digests::{Part, Task};
use crate::member::{self, Member};
use crate::piece::Piece;

/// Collects what lies in one piece before it is sent.
pub(crate) struct Content {
    sender: SyncSender<Task>,
    piece: Piece,
    parts: Vec<Part>,
    /// The stored parts of the current file that are still to come.
    stored: std::vec::IntoIter<member::Part>,
    /// Bytes of the part that is passing.
    left: u64,
    /// Where in the file it is.
    position: u64,
    size: u64,
}

impl Content {
    pub(crate) fn new(sender: SyncSender<Task>) -> Self {
        Self {
            sender,
            piece: Piece::empty(),
            parts: Vec::new(),
            stored: Vec::new().into_iter(),
            left: 0,
            position: 0,
            size: 0,
        }
    }

    /// A file begins.
    pub(crate) fn begin(&mut self, member: &Member) {
        let whole = || vec![member::Part { offset: 0, length: member.stored }];
        self.stored = member.sparse.clone().unwrap_or_else(whole).into_iter();
        (self.left, self.position, self.size) = (0, 0, member.size);
    }

    /// What is stored of it goes on.
    pub(crate) fn add(&mut self, piece: &Piece) {
        let mut from = 0;
        while from < piece.len() {
            if self.left == 0 {
                let Some(next) = self.stored.next() else { return };
                self.fill_up_to(next.offset);
                self.left = next.length;
                continue;
            }
            let rest = piece.len() - from;
            let count = usize::try_from(self.left).map_or(rest, |left| left.min(rest));
            self.bytes(&piece.part(from, from + count));
            self.left -= count as u64;
            self.position += count as u64;
            from += count;
        }
    }

    /// It ends.
    pub(crate) fn end(&mut self) {
        self.fill_up_to(self.size);
        self.parts.push(Part::End);
    }

    fn fill_up_to(&mut self, position: u64) {
        if let Some(hole) = position.checked_sub(self.position).filter(|hole| *hole > 0) {
            self.parts.push(Part::Zeros(hole));
            self.position = position;
        }
    }

    fn bytes(&mut self, piece: &Piece) {
        let (memory, range) = piece.place();
        if !self.piece.shares(&memory) {
            self.flush();
            self.piece = memory;
        }
        self.parts.push(Part::Bytes(range));
    }

    fn flush(&mut self) {
        let parts = std::mem::take(&mut self.parts);
        if !parts.is_empty() {
            // A thread that broke down is noticed when it is joined.
            let _ = self.sender.send(Task::Content(self.piece.clone(), parts));
        }
    }

    /// Sends what is left.
    pub(crate) fn finish(mut self) {
        self.flush();
    }
}
