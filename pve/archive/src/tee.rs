//! The tar stream on its way to the first reader: every piece is shown to the witness and sent to be digested.

use std::io::{self, Read};
use std::sync::Arc;

use crate::digests::{DigestSender, Side};
use crate::witness::WitnessSender;

/// Reads, shows and sends.
pub(crate) struct Tee<R> {
    inner: R,
    witness: WitnessSender,
    digests: DigestSender,
}

impl<R> Tee<R> {
    pub(crate) fn new(inner: R, witness: WitnessSender, digests: DigestSender) -> Self {
        Self { inner, witness, digests }
    }

    pub(crate) fn get_ref(&self) -> &R {
        &self.inner
    }

    /// Stops showing and sending.
    pub(crate) fn into_inner(self) -> R {
        self.inner
    }
}

impl<R: Read> Read for Tee<R> {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        let count = self.inner.read(buffer)?;
        if count > 0 {
            let piece: Arc<[u8]> = Arc::from(&buffer[..count]);
            self.witness.show_bytes(Arc::clone(&piece));
            self.digests.send(Side::Tar, piece);
        }
        Ok(count)
    }
}
