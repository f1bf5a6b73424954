//! The digests of the file and of every member's content, made in a thread of their own.
//!
//! The file's is SHA-256, which is what others compare it with. What the tree holds is hashed with BLAKE3: there is
//! three times as much of it, and with SHA-256 hashing took two thirds of what inflating takes.

use std::io;
use std::ops::Range;
use std::sync::mpsc::{Receiver, SyncSender, sync_channel};
use std::thread::{self, JoinHandle};

use sha2::{Digest, Sha256};

use crate::error::ArchiveError;
use crate::piece::Piece;

/// Pieces that may wait.
const QUEUE: usize = 8;
/// Zeros that are hashed at a time.
const ZEROS: [u8; 16 << 10] = [0; 16 << 10];

/// A sum of either kind.
pub(crate) type Sum = [u8; 32];

/// What is to be hashed next.
pub(crate) enum Task {
    /// Bytes of the file.
    File(Piece),
    /// Parts of members' content that lie in one piece.
    Content(Piece, Vec<Part>),
}

/// A part of a member's content.
#[derive(Debug, PartialEq, Eq)]
pub(crate) enum Part {
    /// Bytes of the piece.
    Bytes(Range<usize>),
    /// A hole of a sparse file.
    Zeros(u64),
    /// The content is complete.
    End,
}

/// All digests.
pub(crate) struct Sums {
    /// Of the file.
    pub(crate) file: Sum,
    /// Of each content, in the order of their ends.
    pub(crate) contents: Vec<Sum>,
}

/// The thread that digests.
pub(crate) struct Digester {
    sender: SyncSender<Task>,
    thread: JoinHandle<Sums>,
}

impl Digester {
    pub(crate) fn start() -> Result<Self, ArchiveError> {
        let (sender, receiver) = sync_channel(QUEUE);
        let builder = thread::Builder::new().name("digests".to_owned());
        let thread = builder.spawn(move || digest(&receiver)).map_err(ArchiveError::Thread)?;
        Ok(Self { sender, thread })
    }

    /// Where to send what is to be hashed. A thread that broke down is noticed at the end, by [`Digester::finish`].
    pub(crate) fn sender(&self) -> SyncSender<Task> {
        self.sender.clone()
    }

    /// Waits for the digests; every sender must be gone.
    pub(crate) fn finish(self) -> Result<Sums, ArchiveError> {
        drop(self.sender);
        self.thread.join().map_err(|_| ArchiveError::Thread(io::Error::other("the thread for digests broke down")))
    }
}

fn digest(receiver: &Receiver<Task>) -> Sums {
    let (mut file, mut content) = (Sha256::new(), blake3::Hasher::new());
    let mut contents = Vec::new();
    while let Ok(task) = receiver.recv() {
        match task {
            Task::File(piece) => file.update(&*piece),
            Task::Content(piece, parts) => {
                for part in parts {
                    match part {
                        Part::Bytes(range) => drop(content.update(piece.get(range).unwrap_or_default())),
                        Part::Zeros(count) => zeros(&mut content, count),
                        Part::End => {
                            contents.push(content.finalize().into());
                            content.reset();
                        }
                    }
                }
            }
        }
    }
    Sums { file: file.finalize().into(), contents }
}

fn zeros(content: &mut blake3::Hasher, mut count: u64) {
    while count > 0 {
        let length = usize::try_from(count).map_or(ZEROS.len(), |count| count.min(ZEROS.len()));
        content.update(&ZEROS[..length]);
        count -= length as u64;
    }
}

/// BLAKE3 of bytes at hand.
pub(crate) fn sum_of(bytes: &[u8]) -> Sum {
    blake3::hash(bytes).into()
}
