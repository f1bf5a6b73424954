//! The second reader: the `tar` crate, in a thread of its own, over the same inflated bytes.
//!
//! A smuggled member is one that two readers see differently. The first reader sends each piece of the stream and,
//! after it, each member that it found there; the witness compares them with its own, in order. Both hold a few
//! pieces at most.

use std::borrow::Cow;
use std::cell::RefCell;
use std::collections::VecDeque;
use std::io::{self, Read};
use std::sync::Arc;
use std::sync::mpsc::{Receiver, SyncSender, sync_channel};
use std::thread::{self, JoinHandle};

use crate::error::ArchiveError;
use crate::member::{Member, MemberKind, shown};

/// Messages that may wait: pieces of 128 KiB and the members in them.
const QUEUE: usize = 64;

/// Pieces that may arrive before the member whose header they hold: headers have a cap of 1 MiB.
const MOST_AHEAD: usize = 64;

/// What both readers must agree on.
#[derive(Debug, Clone, PartialEq, Eq)]
struct Outline {
    name: Vec<u8>,
    kind: MemberKind,
    size: u64,
    link: Option<Vec<u8>>,
}

enum Message {
    Bytes(Arc<[u8]>),
    Member(Box<Outline>),
    /// The first reader has read the archive to its end.
    End,
}

/// The first reader's end.
pub(crate) struct Witness {
    sender: Option<SyncSender<Message>>,
    thread: Option<JoinHandle<Result<(), ArchiveError>>>,
}

impl Witness {
    pub(crate) fn start() -> Result<Self, ArchiveError> {
        let (sender, receiver) = sync_channel(QUEUE);
        let builder = thread::Builder::new().name("witness".to_owned());
        let thread = builder.spawn(move || watch(receiver)).map_err(ArchiveError::Thread)?;
        Ok(Self { sender: Some(sender), thread: Some(thread) })
    }

    /// Shows a member that the first reader found.
    pub(crate) fn show(&mut self, member: &Member) -> Result<(), ArchiveError> {
        let outline =
            Outline { name: member.name.clone(), kind: member.kind, size: member.size, link: member.link.clone() };
        let sent = self.sender.as_ref().is_some_and(|sender| sender.send(Message::Member(Box::new(outline))).is_ok());
        if sent { Ok(()) } else { Err(self.failure()) }
    }

    /// Where the stream's bytes are to be shown.
    pub(crate) fn sender(&self) -> WitnessSender {
        WitnessSender(self.sender.clone())
    }

    /// Tells that there are no more members, and waits for the verdict: nothing, or where the two disagree. Every other
    /// sender must be gone.
    pub(crate) fn finish(mut self) -> Result<(), ArchiveError> {
        // A witness that hung up says why when it is joined.
        let _ = self.sender.as_ref().map(|sender| sender.send(Message::End));
        self.join()
    }

    /// The witness's reason for hanging up. When it has none it has stopped by itself.
    fn failure(&mut self) -> ArchiveError {
        self.join().err().unwrap_or_else(|| broken("the second reader ended before the archive did"))
    }

    fn join(&mut self) -> Result<(), ArchiveError> {
        drop(self.sender.take());
        let thread = self.thread.take().ok_or_else(|| broken("the second reader has been asked before"))?;
        thread.join().unwrap_or_else(|_| Err(broken("the second reader broke down")))
    }
}

/// The way of the stream's bytes to the witness.
pub(crate) struct WitnessSender(Option<SyncSender<Message>>);

impl WitnessSender {
    /// Shows a piece. A witness that hung up says why when it is asked; until then reading goes on.
    pub(crate) fn show_bytes(&mut self, piece: Arc<[u8]>) {
        let shown = self.0.as_ref().is_some_and(|sender| sender.send(Message::Bytes(piece)).is_ok());
        if !shown {
            self.0 = None;
        }
    }
}

/// The witness's side of the channel: bytes to read, members to compare with.
struct Feed {
    receiver: Receiver<Message>,
    piece: io::Cursor<Arc<[u8]>>,
    pieces: VecDeque<Arc<[u8]>>,
    members: VecDeque<Outline>,
    /// The first reader got to the end, and did not only hang up.
    complete: bool,
    /// This reader has seen the end marker: what follows is dropped.
    ended: bool,
}

impl Feed {
    /// Takes one message; false once the first reader is done.
    fn receive(&mut self) -> bool {
        match self.receiver.recv() {
            Ok(Message::Bytes(bytes)) => {
                if !self.ended {
                    self.pieces.push_back(bytes);
                }
                true
            }
            Ok(Message::Member(outline)) => {
                self.members.push_back(*outline);
                true
            }
            Ok(Message::End) => {
                self.complete = true;
                true
            }
            Err(_) => false,
        }
    }

    /// The first reader's next member. It comes right behind the piece that holds the end of its header, unless the
    /// first reader takes for content what this one takes for a header.
    fn next_member(&mut self, number: u64) -> Result<Option<Outline>, ArchiveError> {
        while self.members.is_empty() && self.receive() {
            if self.pieces.len() > MOST_AHEAD {
                return Err(disagreement(
                    number,
                    "the second finds a member in what is content to the first".to_owned(),
                ));
            }
        }
        Ok(self.members.pop_front())
    }
}

/// The feed as something to read; it is asked for members between two reads.
struct Pieces<'a>(&'a RefCell<Feed>);

impl Read for Pieces<'_> {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        let mut feed = self.0.borrow_mut();
        loop {
            let count = feed.piece.read(buffer)?;
            if count > 0 || buffer.is_empty() {
                return Ok(count);
            }
            if let Some(piece) = feed.pieces.pop_front() {
                feed.piece = io::Cursor::new(piece);
            } else if !feed.receive() {
                return Ok(0);
            }
        }
    }
}

fn watch(receiver: Receiver<Message>) -> Result<(), ArchiveError> {
    let feed = RefCell::new(Feed {
        receiver,
        piece: io::Cursor::new(Arc::from([])),
        pieces: VecDeque::new(),
        members: VecDeque::new(),
        complete: false,
        ended: false,
    });
    let mut number = 0;
    let mut archive = tar::Archive::new(Pieces(&feed));
    let entries = archive.entries().map_err(|error| disagreement(1, error.to_string()))?;
    for entry in entries {
        number += 1;
        let mut entry = entry.map_err(|error| disagreement(number, format!("the second cannot read it: {error}")))?;
        let own =
            outline(&mut entry).map_err(|error| disagreement(number, format!("the second cannot read it: {error}")))?;
        // Not while the feed is borrowed by a read: entries are read in turn.
        let theirs = feed.borrow_mut().next_member(number)?;
        match theirs {
            Some(theirs) if theirs == own => {}
            Some(theirs) => {
                return Err(disagreement(number, format!("{} against {}", describe(&theirs), describe(&own))));
            }
            None if feed.borrow().complete => {
                return Err(disagreement(number, format!("the end against {}", describe(&own))));
            }
            // The first reader stopped early, for a reason of its own.
            None => return Ok(()),
        }
    }
    let mut feed = feed.into_inner();
    feed.ended = true;
    match feed.next_member(number + 1)? {
        Some(theirs) => Err(disagreement(number + 1, format!("{} against the end", describe(&theirs)))),
        None => Ok(()),
    }
}

fn broken(what: &str) -> ArchiveError {
    ArchiveError::Thread(io::Error::other(what.to_owned()))
}

fn disagreement(number: u64, what: String) -> ArchiveError {
    ArchiveError::Disagreement { number, what }
}

fn describe(outline: &Outline) -> String {
    let link = outline.link.as_deref().map(|target| format!(" to {}", shown(target))).unwrap_or_default();
    format!("{} {}{link} of {} bytes", outline.kind, shown(&outline.name), outline.size)
}

/// The `tar` crate does not know PAX sparse files: it sees their stored form under a made-up name. Their records say
/// what they are.
fn outline<R: Read>(entry: &mut tar::Entry<'_, R>) -> io::Result<Outline> {
    let kind = MemberKind::from_byte(entry.header().entry_type().as_byte());
    let links = matches!(kind, MemberKind::Symlink | MemberKind::HardLink);
    let link = entry.link_name_bytes().filter(|_| links).map(Cow::into_owned);
    let mut outline = Outline { name: entry.path_bytes().into_owned(), kind, size: entry.size(), link };
    if let Some(records) = entry.pax_extensions()? {
        // The crate ends a record at a line break, so that a binary attribute with one in it seems malformed. To leave
        // such a record out can only make the two readers disagree, never agree.
        for record in records.flatten() {
            match record.key_bytes() {
                b"GNU.sparse.name" => outline.name = record.value_bytes().to_vec(),
                b"GNU.sparse.realsize" | b"GNU.sparse.size" => {
                    outline.size = record.value().ok().and_then(|text| text.parse().ok()).unwrap_or(outline.size);
                }
                _ => {}
            }
        }
    }
    Ok(outline)
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Two plain files, `a` and `b`.
    fn two_files() -> Arc<[u8]> {
        let mut builder = tar::Builder::new(Vec::new());
        for name in ["a", "b"] {
            let mut header = tar::Header::new_ustar();
            header.set_size(0);
            header.set_mode(0o644);
            builder.append_data(&mut header, name, io::empty()).unwrap();
        }
        builder.into_inner().unwrap().into()
    }

    fn member(name: &str) -> Member {
        let name = name.as_bytes().to_vec();
        let kind = MemberKind::File;
        let (mode, uid, gid, mtime) = (0o644, 0, 0, 0);
        Member { number: 1, name, kind, size: 0, stored: 0, sparse: false, mode, uid, gid, mtime, link: None }
    }

    fn verdict(shown: &[&str]) -> Result<(), ArchiveError> {
        let mut witness = Witness::start().unwrap();
        witness.sender().show_bytes(two_files());
        for name in shown {
            witness.show(&member(name))?;
        }
        witness.finish()
    }

    #[test]
    fn members_that_only_one_of_the_two_finds_are_a_disagreement() {
        verdict(&["a", "b"]).unwrap();
        for (shown, what) in [(&["a"][..], "the end against file b"), (&["a", "b", "c"], "against the end")] {
            let error = verdict(shown).unwrap_err().to_string();
            assert!(error.contains(what), "{error}");
        }
    }
}
