//! MD5, which dpkg sums its files with. It tells a changed file from an unchanged one, and proves nothing.

use md5::{Digest, Md5};

use crate::piece::Piece;

/// A sum.
pub(crate) type Md5Sum = [u8; 16];

/// The sum of some pieces.
pub(crate) fn sum(pieces: &[Piece]) -> Md5Sum {
    let mut sum = Md5::new();
    for piece in pieces {
        sum.update(&**piece);
    }
    sum.finalize().into()
}

/// A sum as `md5sum` prints it.
pub(crate) fn parse(text: &str) -> Option<Md5Sum> {
    let mut sum = [0; 16];
    if text.len() != 32 || !text.is_ascii() {
        return None;
    }
    for (byte, place) in sum.iter_mut().zip((0..32).step_by(2)) {
        *byte = u8::from_str_radix(&text[place..place + 2], 16).ok()?;
    }
    Some(sum)
}
