//! The second reader: a program of another make, which reads the same bytes and lists what it finds.
//!
//! A smuggled member is one that two readers see differently. The program is started elsewhere and given here as its
//! two ends; a thread writes the tar stream to it, another reads its listing and compares line by line.

use std::io::{self, BufRead, BufReader, Read, Write};
use std::sync::mpsc::{Receiver, Sender, SyncSender, channel, sync_channel};
use std::thread::{self, JoinHandle};

use crate::error::ArchiveError;
use crate::listing;
use crate::member::{Member, shown};
use crate::outline::Outline;
use crate::piece::Piece;

/// Pieces that may wait.
const QUEUE: usize = 8;
/// The longest line: a name and a target of 4096 bytes, each byte as four characters, and what stands before them.
const MOST_LINE: u64 = 64 << 10;

/// A running GNU tar that lists what comes on its standard input, as `listing` describes it.
pub struct SecondReader {
    /// What it is, for the report: `GNU tar 1.35`.
    pub name: String,
    /// Where it takes the tar stream.
    pub input: Box<dyn Write + Send>,
    /// Where it lists.
    pub listing: Box<dyn Read + Send>,
    /// Waits for its end; what it complained about, when that was no good one.
    pub end: Box<dyn FnOnce() -> Result<(), String> + Send>,
}

/// The first reader's end.
pub(crate) struct Second {
    name: String,
    pieces: Option<SyncSender<Piece>>,
    members: Sender<Outline>,
    writer: JoinHandle<()>,
    listener: JoinHandle<Result<u64, ArchiveError>>,
    end: Box<dyn FnOnce() -> Result<(), String> + Send>,
}

impl Second {
    pub(crate) fn start(reader: SecondReader) -> Result<Self, ArchiveError> {
        let SecondReader { name, input, listing, end } = reader;
        let (pieces, incoming) = sync_channel(QUEUE);
        // Without a bound, as this must never wait for the second: its lag is bounded by the pieces on their way.
        let (members, expected) = channel();
        let writer = thread::Builder::new().name("second-in".to_owned());
        let writer = writer.spawn(move || write(&incoming, input)).map_err(ArchiveError::Thread)?;
        let listener = thread::Builder::new().name("second-out".to_owned());
        let listener = listener.spawn(move || compare(listing, &expected)).map_err(ArchiveError::Thread)?;
        Ok(Self { name, pieces: Some(pieces), members, writer, listener, end })
    }

    /// Where the tar stream is to be sent; once.
    pub(crate) fn take_pieces(&mut self) -> Option<SyncSender<Piece>> {
        self.pieces.take()
    }

    /// Tells what the first reader found; false once the second has hung up: [`Second::finish`] says why.
    pub(crate) fn show(&self, member: &Member) -> bool {
        self.members.send(Outline::from(member)).is_ok()
    }

    /// Waits for the verdict: nothing, or where the two disagree. The tar stream must have ended.
    pub(crate) fn finish(self) -> Result<(), ArchiveError> {
        let Self { name, pieces, members, writer, listener, end } = self;
        drop(pieces);
        let broken = |_| ArchiveError::Thread(io::Error::other("a thread of the second reader broke down"));
        writer.join().map_err(broken)?;
        drop(members);
        let agreed = listener.join().map_err(broken)?;
        let ended = end().map_err(|said| ArchiveError::SecondReader { name, said });
        // A disagreement says more than the complaint that often comes with it.
        agreed.and(ended)
    }
}

fn write(incoming: &Receiver<Piece>, mut input: Box<dyn Write + Send>) {
    while let Ok(piece) = incoming.recv() {
        // A program that stopped reading has a reason, and tells it when it ends.
        if input.write_all(&piece).is_err() {
            return;
        }
    }
}

/// Compares in order; how many members both saw.
fn compare(listing: Box<dyn Read + Send>, expected: &Receiver<Outline>) -> Result<u64, ArchiveError> {
    let mut listing = BufReader::with_capacity(64 << 10, listing);
    let mut line = Vec::new();
    let mut number = 0;
    loop {
        line.clear();
        let read = listing.by_ref().take(MOST_LINE).read_until(b'\n', &mut line).map_err(ArchiveError::Read)?;
        number += 1;
        if read == 0 {
            return match expected.recv() {
                Err(_) => Ok(number - 1),
                Ok(first) => Err(disagreement(number, format!("{} against the end", first.describe()))),
            };
        }
        let text = line.strip_suffix(b"\n").unwrap_or(&line);
        let second = listing::outline(text);
        let said = || second.as_ref().map_or_else(|| shown(text), Outline::describe);
        match expected.recv() {
            Ok(first) if Some(&first) == second.as_ref() => {}
            Ok(first) => return Err(disagreement(number, format!("{} against {}", first.describe(), said()))),
            Err(_) => return Err(disagreement(number, format!("the end against {}", said()))),
        }
    }
}

fn disagreement(number: u64, what: String) -> ArchiveError {
    ArchiveError::Disagreement { number, what }
}
