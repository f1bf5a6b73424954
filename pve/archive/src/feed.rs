//! Inflating ahead, in a thread of its own: every piece goes to the first reader, and to whoever else reads along.

use std::io::Read;
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::mpsc::{Receiver, RecvTimeoutError, SyncSender, sync_channel};
use std::thread;
use std::time::Duration;

use crate::digests::Task;
use crate::error::ArchiveError;
use crate::limits::Limits;
use crate::piece::Piece;
use crate::stream::{Compression, Pieces, Stream};
use crate::terms::Deadline;

/// Pieces that may wait: enough to even out, few enough to stay in the processor's cache.
const QUEUE: usize = 8;
/// Between two looks at the clock while nothing comes.
const INTERVAL: Duration = Duration::from_millis(200);

/// What the stream was, once it is read.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Totals {
    pub(crate) compression: Compression,
    pub(crate) file_bytes: u64,
    pub(crate) tar_bytes: u64,
}

enum Fed {
    Piece(Piece),
    End(Totals),
    Failed(ArchiveError),
}

/// The first reader's end.
pub(crate) struct Feed<'a> {
    receiver: Receiver<Fed>,
    file_bytes: Arc<AtomicU64>,
    deadline: &'a Deadline,
    totals: Option<Totals>,
}

/// Who else gets what.
pub(crate) struct Others {
    /// The file's own bytes.
    pub(crate) digests: SyncSender<Task>,
    /// The tar stream.
    pub(crate) second: Option<SyncSender<Piece>>,
}

/// Starts to read a file.
pub(crate) fn start(
    file: impl Read + Send + 'static,
    limits: Limits,
    deadline: &Deadline,
    others: Others,
) -> Result<Feed<'_>, ArchiveError> {
    let (sender, receiver) = sync_channel(QUEUE);
    let file_bytes = Arc::new(AtomicU64::new(0));
    let told = Arc::clone(&file_bytes);
    let builder = thread::Builder::new().name("inflate".to_owned());
    // Nobody joins it: whatever it reads from may hang for longer than an inspection may take.
    let inflating = move || {
        let fed = inflate(file, limits, others, &told, &sender).map_or_else(Fed::Failed, Fed::End);
        // A first reader that is gone has its own reason.
        let _ = sender.send(fed);
    };
    builder.spawn(inflating).map_err(ArchiveError::Thread)?;
    Ok(Feed { receiver, file_bytes, deadline, totals: None })
}

fn inflate(
    file: impl Read,
    limits: Limits,
    others: Others,
    file_bytes: &AtomicU64,
    first: &SyncSender<Fed>,
) -> Result<Totals, ArchiveError> {
    let Others { digests, mut second } = others;
    // A thread for digests that broke down is noticed when it is joined.
    let onlooker = Box::new(move |piece| drop(digests.send(Task::File(piece))));
    let mut stream = Stream::open_before(file, limits, Some(onlooker))?;
    while let Some(piece) = stream.next_piece()? {
        file_bytes.store(stream.file_bytes(), Ordering::Relaxed);
        // The first reader before the second, so that the first never waits for the second's pieces.
        if first.send(Fed::Piece(piece.clone())).is_err() {
            break;
        }
        // A second reader that stopped early says why when it is asked.
        second = second.filter(|second| second.send(piece).is_ok());
    }
    Ok(Totals { compression: stream.compression(), file_bytes: stream.file_bytes(), tar_bytes: stream.tar_bytes() })
}

impl Feed<'_> {
    /// Bytes of the file that were used so far.
    pub(crate) fn file_bytes(&self) -> u64 {
        self.file_bytes.load(Ordering::Relaxed)
    }

    /// What the stream was; nothing before its end.
    pub(crate) fn totals(&self) -> Option<Totals> {
        self.totals
    }
}

impl Pieces for Feed<'_> {
    fn next_piece(&mut self) -> Result<Option<Piece>, ArchiveError> {
        while self.totals.is_none() {
            self.deadline.check()?;
            match self.receiver.recv_timeout(INTERVAL) {
                Ok(Fed::Piece(piece)) => return Ok(Some(piece)),
                Ok(Fed::End(totals)) => self.totals = Some(totals),
                Ok(Fed::Failed(error)) => return Err(error),
                Err(RecvTimeoutError::Timeout) => {}
                Err(RecvTimeoutError::Disconnected) => {
                    return Err(ArchiveError::Thread(std::io::Error::other("the thread that inflates broke down")));
                }
            }
        }
        Ok(None)
    }
}
