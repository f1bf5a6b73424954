//! Holes, found in the content: a run of zeros is a hole whether or not the file system stores it.

use std::io::{self, Read};

use super::header::BLOCK;

/// Zeros are looked for in pieces of this size, a page.
const PAGE: usize = 4096;
static ZEROS: [u8; PAGE] = [0; PAGE];
/// The least run of zeros that is left out; shorter ones cost less as zeros than as an entry of the map.
const LEAST_HOLE: u64 = 64 << 10;
/// Bytes read at once: whole pages.
const BUFFER: usize = 256 << 10;

/// A stored part of a file.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Part {
    pub(super) offset: u64,
    pub(super) length: u64,
}

/// The parts of a content that are stored, in order; what is between them is zeros.
pub(super) fn parts(content: &mut impl Read, size: u64) -> io::Result<Vec<Part>> {
    let mut parts: Vec<Part> = Vec::new();
    if size < LEAST_HOLE {
        return Ok(vec![Part { offset: 0, length: size }]);
    }
    let mut buffer = vec![0; BUFFER];
    let mut at = 0;
    loop {
        let count = fill(content, &mut buffer)?;
        if count == 0 {
            break;
        }
        for page in buffer[..count].chunks(PAGE) {
            if page != &ZEROS[..page.len()] {
                extend(&mut parts, at, page.len() as u64);
            }
            at += page.len() as u64;
        }
    }
    Ok(parts)
}

/// A page with content: joined to the part before it, unless a hole that is worth it lies between.
fn extend(parts: &mut Vec<Part>, at: u64, length: u64) {
    let before = parts.last().map_or(0, |part| part.offset + part.length);
    match parts.last_mut() {
        Some(part) if at - before < LEAST_HOLE => part.length = at + length - part.offset,
        None if at < LEAST_HOLE => parts.push(Part { offset: 0, length: at + length }),
        _ => parts.push(Part { offset: at, length }),
    }
}

/// Whether a content of this size has holes, its end considered too.
pub(super) fn has_holes(parts: &[Part], size: u64) -> bool {
    let stored: u64 = parts.iter().map(|part| part.length).sum();
    stored != size && size - stored >= LEAST_HOLE
}

/// The map in front of the stored parts, as GNU tar's PAX form 1.0 has it: how many, then offset and length of each. A
/// hole at the end is told by an empty part there.
pub(super) fn map(parts: &[Part], size: u64) -> Vec<u8> {
    let ends = parts.last().is_some_and(|part| part.offset + part.length == size);
    let last = (!ends).then_some(Part { offset: size, length: 0 });
    let all: Vec<Part> = parts.iter().copied().chain(last).collect();
    let numbers = all.iter().flat_map(|part| [part.offset, part.length]);
    let lines = std::iter::once(all.len() as u64).chain(numbers).map(|number| format!("{number}\n"));
    let mut map = lines.collect::<String>().into_bytes();
    map.resize(map.len().next_multiple_of(BLOCK), 0);
    map
}

/// Reads until the buffer is full or the content ends.
pub(super) fn fill(content: &mut impl Read, buffer: &mut [u8]) -> io::Result<usize> {
    let mut filled = 0;
    while filled < buffer.len() {
        match content.read(&mut buffer[filled..]) {
            Ok(0) => break,
            Ok(count) => filled += count,
            Err(error) if error.kind() == io::ErrorKind::Interrupted => {}
            Err(error) => return Err(error),
        }
    }
    Ok(filled)
}

#[cfg(test)]
mod tests {
    use super::*;

    const HOLE: usize = 128 << 10;

    fn found(content: &[u8]) -> Vec<(u64, u64)> {
        let parts = parts(&mut &content[..], content.len() as u64).unwrap();
        parts.iter().map(|part| (part.offset, part.length)).collect()
    }

    #[test]
    fn long_runs_of_zeros_are_holes_and_short_ones_are_not() {
        let text = vec![b'x'; PAGE];
        assert_eq!(found(&[&text[..], &vec![0; HOLE], &text].concat()), [(0, 4096), (4096 + HOLE as u64, 4096)]);
        assert_eq!(found(&[&text[..], &vec![0; PAGE], &text].concat()), [(0, 3 * 4096)]);
        assert_eq!(found(&[&vec![0; PAGE][..], &vec![b'x'; HOLE]].concat()), [(0, (PAGE + HOLE) as u64)]);
        assert_eq!(found(&vec![0; HOLE]), []);
        assert_eq!(found(b"short"), [(0, 5)]);
    }

    #[test]
    fn a_few_zeros_at_the_end_make_no_hole() {
        let size = (HOLE + PAGE) as u64;
        assert!(!has_holes(&[Part { offset: 0, length: HOLE as u64 }], size));
        assert!(has_holes(&[], size));
    }

    #[test]
    fn the_map_ends_where_the_file_does() {
        let first = Part { offset: 0, length: 4096 };
        assert!(map(&[first], 1 << 20).starts_with(b"2\n0\n4096\n1048576\n0\n\0"));
        assert!(map(&[first, Part { offset: 8192, length: 10 }], 8202).starts_with(b"2\n0\n4096\n8192\n10\n\0"));
        assert_eq!(map(&[], 1 << 20).len(), BLOCK);
    }
}
