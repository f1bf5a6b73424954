//! The digests of file and tar stream, made in a thread of their own: hashing costs as much as inflating.

use std::io::{self, Read};
use std::sync::Arc;
use std::sync::mpsc::{Receiver, SyncSender, sync_channel};
use std::thread::{self, JoinHandle};

use sha2::{Digest, Sha256};
use spec::identity::reading::digest::hex;
use spec::ids::Sha256Hex;

use crate::error::ArchiveError;

/// Pieces that may wait.
const QUEUE: usize = 16;

/// Which of the two streams a piece belongs to.
#[derive(Clone, Copy)]
pub(crate) enum Side {
    File,
    Tar,
}

/// Both digests.
pub(crate) struct Sums {
    file: Sha256,
    tar: Sha256,
}

impl Sums {
    /// The digests of the file and of the tar stream, as text.
    pub(crate) fn texts(self) -> Result<(Sha256Hex, Sha256Hex), ArchiveError> {
        let text = |digest: Sha256| {
            hex(&digest.finalize()).parse().map_err(|error| ArchiveError::Thread(io::Error::other(error)))
        };
        Ok((text(self.file)?, text(self.tar)?))
    }
}

/// The thread that digests.
pub(crate) struct Digester {
    sender: SyncSender<(Side, Arc<[u8]>)>,
    thread: JoinHandle<Sums>,
}

impl Digester {
    pub(crate) fn start() -> Result<Self, ArchiveError> {
        let (sender, receiver) = sync_channel(QUEUE);
        let builder = thread::Builder::new().name("digests".to_owned());
        let thread = builder.spawn(move || digest(&receiver)).map_err(ArchiveError::Thread)?;
        Ok(Self { sender, thread })
    }

    /// Where to send pieces.
    pub(crate) fn sender(&self) -> DigestSender {
        DigestSender(self.sender.clone())
    }

    /// Waits for the digests; every sender must be gone.
    pub(crate) fn finish(self) -> Result<Sums, ArchiveError> {
        drop(self.sender);
        self.thread.join().map_err(|_| ArchiveError::Thread(io::Error::other("the thread for digests broke down")))
    }
}

fn digest(receiver: &Receiver<(Side, Arc<[u8]>)>) -> Sums {
    let mut sums = Sums { file: Sha256::new(), tar: Sha256::new() };
    while let Ok((side, piece)) = receiver.recv() {
        match side {
            Side::File => sums.file.update(&piece),
            Side::Tar => sums.tar.update(&piece),
        }
    }
    sums
}

/// The way into the thread.
#[derive(Clone)]
pub(crate) struct DigestSender(SyncSender<(Side, Arc<[u8]>)>);

impl DigestSender {
    /// Sends a piece. A thread that broke down is noticed at the end, by [`Digester::finish`].
    pub(crate) fn send(&self, side: Side, piece: Arc<[u8]>) {
        let _ = self.0.send((side, piece));
    }
}

/// A reader of the file whose bytes are digested as they pass.
pub(crate) struct DigestedFile<R> {
    pub(crate) inner: R,
    pub(crate) sender: DigestSender,
}

impl<R: Read> Read for DigestedFile<R> {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        let count = self.inner.read(buffer)?;
        if count > 0 {
            self.sender.send(Side::File, Arc::from(&buffer[..count]));
        }
        Ok(count)
    }
}
