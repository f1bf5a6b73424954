//! Pieces of a stream: read once, shared between threads, never copied.

use std::ops::{Deref, Range};
use std::sync::Arc;
use std::sync::mpsc::{Receiver, Sender, channel};

/// Bytes of a whole piece: four blocks of zstd. Smaller ones wake the other threads more often than they have work for.
pub(crate) const PIECE: usize = 512 << 10;

/// Some consecutive bytes of a stream. Clones share them.
#[derive(Debug, Clone)]
pub struct Piece {
    buffer: Arc<Buffer>,
    start: usize,
    end: usize,
}

#[derive(Debug)]
struct Buffer {
    bytes: Vec<u8>,
    /// Where the memory is used again once nobody holds the piece.
    home: Option<Sender<Vec<u8>>>,
}

impl Drop for Buffer {
    fn drop(&mut self) {
        if let Some(home) = self.home.take() {
            // Nobody reads any more: the memory goes with the piece.
            let _ = home.send(std::mem::take(&mut self.bytes));
        }
    }
}

impl Piece {
    /// Nothing.
    pub(crate) fn empty() -> Self {
        Self::from(Vec::new())
    }

    /// A part of it.
    pub(crate) fn part(&self, from: usize, to: usize) -> Self {
        let start = self.start + from.min(self.len());
        Self { buffer: Arc::clone(&self.buffer), start, end: (self.start + to).clamp(start, self.end) }
    }

    /// All of the memory that it is a part of, and where in it.
    pub(crate) fn place(&self) -> (Self, Range<usize>) {
        let whole = Self { buffer: Arc::clone(&self.buffer), start: 0, end: self.buffer.bytes.len() };
        (whole, self.start..self.end)
    }

    /// Whether both are parts of the same memory.
    pub(crate) fn shares(&self, other: &Self) -> bool {
        Arc::ptr_eq(&self.buffer, &other.buffer)
    }

    /// Takes that many bytes off the front.
    pub(crate) fn split_front(&mut self, count: usize) -> Self {
        let front = self.part(0, count);
        self.start = front.end;
        front
    }
}

impl Deref for Piece {
    type Target = [u8];

    fn deref(&self) -> &[u8] {
        &self.buffer.bytes[self.start..self.end]
    }
}

impl AsRef<[u8]> for Piece {
    fn as_ref(&self) -> &[u8] {
        self
    }
}

impl From<Vec<u8>> for Piece {
    fn from(bytes: Vec<u8>) -> Self {
        let end = bytes.len();
        Self { buffer: Arc::new(Buffer { bytes, home: None }), start: 0, end }
    }
}

/// Memory for pieces, used over and over. How much there is of it is decided by the queues that hold pieces.
pub(crate) struct Pool {
    home: Sender<Vec<u8>>,
    free: Receiver<Vec<u8>>,
}

impl Pool {
    pub(crate) fn new() -> Self {
        let (home, free) = channel();
        Self { home, free }
    }

    /// Memory of [`PIECE`] bytes, with anything in it.
    pub(crate) fn take(&self) -> Vec<u8> {
        self.free.try_recv().unwrap_or_else(|_| vec![0; PIECE])
    }

    /// The first `length` bytes of such memory as a piece.
    pub(crate) fn piece(&self, bytes: Vec<u8>, length: usize) -> Piece {
        let end = length.min(bytes.len());
        Piece { buffer: Arc::new(Buffer { bytes, home: Some(self.home.clone()) }), start: 0, end }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn parts_are_parts_of_parts() {
        let mut piece = Piece::from(b"0123456789".to_vec()).part(2, 8);
        assert_eq!(&*piece, b"234567");
        assert_eq!((&*piece.split_front(2), &*piece), (&b"23"[..], &b"4567"[..]));
        assert_eq!((&*piece.part(1, 99), &*piece.part(9, 99)), (&b"567"[..], &b""[..]));
        assert!(Piece::empty().is_empty());
    }

    #[test]
    fn memory_is_used_again_once_the_last_holder_is_gone() {
        let pool = Pool::new();
        let memory = pool.take();
        let address = memory.as_ptr();
        let piece = pool.piece(memory, 3);
        let part = piece.part(1, 2);
        drop(piece);
        assert!(pool.free.try_recv().is_err(), "a part still holds it");
        drop(part);
        let again = pool.take();
        assert_eq!(again.as_ptr(), address);
    }
}
