//! The file as it lies on disk, read in whole pieces that may be shown to somebody as they pass.

use std::io::{self, BufRead, Read};

use crate::piece::{PIECE, Piece, Pool};

/// Who is shown what was read.
pub(crate) type Onlooker = Box<dyn FnMut(Piece) + Send>;

/// A buffered reader whose buffer is a [`Piece`].
pub(crate) struct Blocks<R> {
    inner: R,
    pool: Pool,
    current: Piece,
    bytes: u64,
    onlooker: Option<Onlooker>,
}

impl<R: Read> Blocks<R> {
    pub(crate) fn new(inner: R, onlooker: Option<Onlooker>) -> Self {
        Self { inner, pool: Pool::new(), current: Piece::empty(), bytes: 0, onlooker }
    }

    /// Bytes of the file that were handed out.
    pub(crate) fn bytes(&self) -> u64 {
        self.bytes
    }

    fn read_block(&mut self) -> io::Result<()> {
        let mut memory = self.pool.take();
        let mut length = 0;
        while length < PIECE {
            match self.inner.read(&mut memory[length..]) {
                Ok(0) => break,
                Ok(count) => length += count,
                Err(error) if error.kind() == io::ErrorKind::Interrupted => {}
                Err(error) => return Err(error),
            }
        }
        self.current = self.pool.piece(memory, length);
        if let Some(onlooker) = self.onlooker.as_mut().filter(|_| length > 0) {
            onlooker(self.current.clone());
        }
        Ok(())
    }
}

impl<R: Read> BufRead for Blocks<R> {
    fn fill_buf(&mut self) -> io::Result<&[u8]> {
        if self.current.is_empty() {
            self.read_block()?;
        }
        Ok(&self.current)
    }

    fn consume(&mut self, count: usize) {
        self.bytes += self.current.split_front(count).len() as u64;
    }
}

impl<R: Read> Read for Blocks<R> {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        let count = self.fill_buf()?.read(buffer)?;
        self.consume(count);
        Ok(count)
    }
}
