//! A small file's content, kept for a closer look; of most files it is a part of one piece and costs nothing.

use crate::piece::Piece;

/// What has been kept so far of one file.
pub(crate) struct Kept {
    wanted: bool,
    first: Option<Piece>,
    more: Vec<u8>,
}

impl Kept {
    /// Of a file with `stored` bytes, if they are no more than `most`.
    pub(crate) fn new(stored: u64, most: u64) -> Self {
        Self { wanted: stored <= most, first: None, more: Vec::new() }
    }

    pub(crate) fn add(&mut self, piece: Piece) {
        if !self.wanted {
            return;
        }
        if self.more.is_empty() && self.first.is_none() {
            self.first = Some(piece);
            return;
        }
        if let Some(first) = self.first.take() {
            self.more.extend_from_slice(&first);
        }
        self.more.extend_from_slice(&piece);
    }

    /// The whole content, where it was wanted.
    pub(crate) fn whole(self) -> Option<Piece> {
        self.wanted.then(|| self.first.unwrap_or_else(|| Piece::from(self.more)))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn pieces_are_put_together_and_large_files_are_not_kept() {
        let kept = |stored, pieces: &[&[u8]]| {
            let mut kept = Kept::new(stored, 6);
            for piece in pieces {
                kept.add(Piece::from(piece.to_vec()));
            }
            kept.whole().map(|piece| piece.to_vec())
        };
        assert_eq!(kept(0, &[]).unwrap(), b"");
        assert_eq!(kept(3, &[b"abc"]).unwrap(), b"abc");
        assert_eq!(kept(6, &[b"ab", b"cd", b"ef"]).unwrap(), b"abcdef");
        assert_eq!(kept(7, &[b"abcdefg"]), None);
    }
}
