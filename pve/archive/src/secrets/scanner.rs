//! The search over a stream, across the borders of its pieces.

use aho_corasick::packed::Searcher;

use super::anchors::{ANYWHERE, Anchor, IN_TEXT, Look};
use crate::error::ArchiveError;

/// Bytes on either side of an anchor that a look may need.
const AROUND: usize = 1024;

/// Searches one file after the other.
pub(crate) struct Scanner {
    anywhere: Search,
    in_text: Search,
    /// The end of what has passed of this file.
    held: Vec<u8>,
    /// Up to where in it anchors have been looked at.
    done: usize,
    /// Whether the file is text; nothing before its first piece.
    text: Option<bool>,
    found: Vec<&'static str>,
}

/// Anchors, searched for together.
struct Search {
    searcher: Searcher,
    looks: Vec<Look>,
    longest: usize,
}

impl Search {
    fn new(anchors: &[Anchor]) -> Option<Self> {
        let words = anchors.iter().map(|(word, _)| word);
        let searcher = Searcher::new(words.clone())?;
        let longest = words.map(|word| word.len()).max().unwrap_or_default();
        Some(Self { searcher, looks: anchors.iter().map(|(_, look)| *look).collect(), longest })
    }

    /// Looks at every anchor that begins between `from` and `to`.
    fn look(&self, bytes: &[u8], from: usize, to: usize, found: &mut Vec<&'static str>) {
        let end = (to + self.longest).min(bytes.len());
        let mut at = from;
        while at < to {
            let Some(hit) = self.searcher.find_in(bytes, (at..end).into()) else { return };
            if hit.start() >= to {
                return;
            }
            let begin = hit.start().saturating_sub(AROUND);
            let around = &bytes[begin..(hit.start() + AROUND).min(bytes.len())];
            let what = self.looks[hit.pattern().as_usize()](around, hit.start() - begin);
            found.extend(what.filter(|what| !found.contains(what)));
            at = hit.start() + 1;
        }
    }
}

impl Scanner {
    pub(crate) fn new() -> Result<Self, ArchiveError> {
        let unsearchable =
            || ArchiveError::Thread(std::io::Error::other("the words of secrets cannot be searched for"));
        Ok(Self {
            anywhere: Search::new(ANYWHERE).ok_or_else(unsearchable)?,
            in_text: Search::new(IN_TEXT).ok_or_else(unsearchable)?,
            held: Vec::new(),
            done: 0,
            text: None,
            found: Vec::new(),
        })
    }

    /// The file goes on.
    pub(crate) fn feed(&mut self, piece: &[u8]) {
        if self.text.is_none() {
            self.text = Some(!piece[..piece.len().min(AROUND)].contains(&0));
        }
        let mut held = std::mem::take(&mut self.held);
        let before = held.len();
        let border = piece.len().min(2 * AROUND);
        held.extend_from_slice(&piece[..border]);
        if border < piece.len() {
            // The piece's beginning with what stands before it, then the rest, up to where a look may need more.
            self.look(&held, self.done, before + AROUND);
            self.look(piece, AROUND, piece.len() - AROUND);
            held.clear();
            held.extend_from_slice(&piece[piece.len() - 2 * AROUND..]);
            self.done = AROUND;
        } else {
            let to = held.len().saturating_sub(AROUND).max(self.done);
            self.look(&held, self.done, to);
            let past = to.saturating_sub(AROUND);
            held.drain(..past);
            self.done = to - past;
        }
        self.held = held;
    }

    /// The file ends; what secrets it holds.
    pub(crate) fn end(&mut self) -> Vec<&'static str> {
        let mut held = std::mem::take(&mut self.held);
        self.look(&held, self.done, held.len());
        held.clear();
        (self.held, self.done, self.text) = (held, 0, None);
        std::mem::take(&mut self.found)
    }

    fn look(&mut self, bytes: &[u8], from: usize, to: usize) {
        self.anywhere.look(bytes, from, to, &mut self.found);
        if self.text == Some(true) {
            self.in_text.look(bytes, from, to, &mut self.found);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn found(pieces: &[&[u8]]) -> Vec<&'static str> {
        let mut scanner = Scanner::new().unwrap();
        for piece in pieces {
            scanner.feed(piece);
        }
        scanner.end()
    }

    #[test]
    fn a_secret_is_found_wherever_the_pieces_end() {
        let secret = [&b"\nAGE-SECRET-KEY-1"[..], &[b'Q'; 58], b"\n"].concat();
        for before in [0, 1, 1000, 1024, 2047, 2048, 5000] {
            let file = [vec![b'.'; before], secret.clone(), vec![b'.'; 5000]].concat();
            for cut in (0..file.len()).step_by(7) {
                let (first, second) = file.split_at(cut);
                assert_eq!(found(&[first, second]), ["an age identity"], "{before} before, cut at {cut}");
            }
            let bytes: Vec<&[u8]> = file.chunks(100).collect();
            assert_eq!(found(&bytes), ["an age identity"], "{before} before, in pieces of 100");
        }
    }

    #[test]
    fn a_file_has_nothing_of_the_one_before() {
        let mut scanner = Scanner::new().unwrap();
        scanner.feed(b"AGE-SECRET-KEY-1");
        assert!(scanner.end().is_empty());
        scanner.feed(&[b'Q'; 58]);
        assert!(scanner.end().is_empty());
    }

    #[test]
    fn assignments_count_in_text_only() {
        let line = b"db_password = k3Jx9Qz7LmP2vT8w\n";
        assert_eq!(found(&[line]), ["a secret that is assigned"]);
        assert!(found(&[&[&b"\0"[..], line].concat()]).is_empty());
    }
}
