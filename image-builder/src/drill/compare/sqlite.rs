//! The values of an SQLite database, its write-ahead log too, read from the bytes of its pages.
//!
//! In a page, values follow each other without anything between them, so a search for words finds `node_id3f9a…` and
//! no id in it, and a UUID that is kept as sixteen bytes is found by no search at all. Pages are read as the file
//! format says (<https://www.sqlite.org/fileformat2.html>), whatever table they belong to; what is damaged is skipped.

const HEADER: &[u8; 16] = b"SQLite format 3\0";
const HEADER_BYTES: usize = 100;
const LOG_HEADER_BYTES: usize = 32;
const FRAME_HEADER_BYTES: usize = 24;
/// Both byte orders of the log's checksums.
const LOG_MAGIC: [[u8; 4]; 2] = [[0x37, 0x7f, 0x06, 0x82], [0x37, 0x7f, 0x06, 0x83]];

/// Calls `tell` for each text and blob; nothing when the content is no database.
pub(super) fn each_value(content: &[u8], tell: &mut dyn FnMut(&[u8])) {
    if content.starts_with(HEADER) {
        let size = match number(content, 16, 2) {
            Some(1) => 65_536,
            Some(size) if size >= 512 => size,
            _ => return,
        };
        for (index, page) in content.chunks(size).enumerate() {
            each_of_page(page, if index == 0 { HEADER_BYTES } else { 0 }, tell);
        }
    } else if LOG_MAGIC.iter().any(|magic| content.starts_with(magic)) {
        let Some(size) = number(content, 8, 4).filter(|size| (512..=65_536).contains(size)) else { return };
        for frame in content.get(LOG_HEADER_BYTES..).unwrap_or_default().chunks(FRAME_HEADER_BYTES + size) {
            let page = frame.get(FRAME_HEADER_BYTES..).unwrap_or_default();
            each_of_page(page, if page.starts_with(HEADER) { HEADER_BYTES } else { 0 }, tell);
        }
    }
}

/// One page of a tree; its header begins at `start`.
fn each_of_page(page: &[u8], start: usize, tell: &mut dyn FnMut(&[u8])) {
    // What stands in a cell before its payload: a child's page, the payload's length, a row's number.
    let (header, child, row) = match page.get(start) {
        Some(0x0d) => (8, 0, true),
        Some(0x0a) => (8, 0, false),
        Some(0x02) => (12, 4, false),
        _ => return,
    };
    let cells = number(page, start + 3, 2).unwrap_or(0);
    for cell in 0..cells {
        let Some(at) = number(page, start + header + 2 * cell, 2) else { return };
        let Some((length, at)) = varint(page, at + child) else { continue };
        let at = if row { varint(page, at).map(|(_, at)| at) } else { Some(at) };
        let Some(at) = at else { continue };
        // A long payload goes on in other pages: what is here is its beginning.
        let end = at.saturating_add(length).min(page.len());
        each_of_record(page.get(at..end).unwrap_or_default(), tell);
    }
}

/// A record: types first, then the values.
fn each_of_record(record: &[u8], tell: &mut dyn FnMut(&[u8])) {
    let Some((header, mut at)) = varint(record, 0) else { return };
    let mut value = header;
    while at < header {
        let Some((kind, next)) = varint(record, at) else { return };
        let bytes = match kind {
            0 | 8 | 9 => 0,
            1..=4 => kind,
            5 => 6,
            6 | 7 => 8,
            10 | 11 => return,
            _ => (kind - 12) / 2,
        };
        let end = value.saturating_add(bytes);
        if kind >= 12 {
            tell(record.get(value..end.min(record.len())).unwrap_or_default());
        }
        (value, at) = (end, next);
    }
}

/// A big-endian number of two or four bytes.
fn number(bytes: &[u8], at: usize, length: usize) -> Option<usize> {
    let field = bytes.get(at..at.checked_add(length)?)?;
    Some(field.iter().fold(0, |sum, byte| (sum << 8) | usize::from(*byte)))
}

/// SQLite's variable-length number: seven bits a byte, at most nine bytes; and where it ends.
fn varint(bytes: &[u8], at: usize) -> Option<(usize, usize)> {
    let mut value = 0_usize;
    for index in 0..9 {
        let byte = *bytes.get(at.checked_add(index)?)?;
        if index == 8 {
            return Some(((value << 8) | usize::from(byte), at + 9));
        }
        value = (value << 7) | usize::from(byte & 0x7f);
        if byte & 0x80 == 0 {
            return Some((value, at + index + 1));
        }
    }
    None
}

/// A database of one page that holds a row of a text and a blob.
#[cfg(test)]
pub(super) fn database(text: &[u8], blob: &[u8]) -> Vec<u8> {
    let mut database = tests::page(512, HEADER_BYTES, text, blob);
    database[..16].copy_from_slice(HEADER);
    database[16..18].copy_from_slice(&512_u16.to_be_bytes());
    database
}

#[cfg(test)]
mod tests {
    use super::*;

    /// A page of the given size with one leaf cell that holds a row of a text and a blob.
    pub(super) fn page(size: usize, start: usize, text: &[u8], blob: &[u8]) -> Vec<u8> {
        let kind = |length: usize, of: usize| u8::try_from(2 * length + of).unwrap();
        let mut record = vec![4, 0, kind(text.len(), 13), kind(blob.len(), 12)];
        record.extend([text, blob].concat());
        let mut cell = vec![u8::try_from(record.len()).unwrap(), 1];
        cell.extend(record);
        let at = size - cell.len();
        let mut page = vec![0; size];
        page[start] = 0x0d;
        page[start + 4] = 1;
        page[start + 8..start + 10].copy_from_slice(&u16::try_from(at).unwrap().to_be_bytes());
        page[at..].copy_from_slice(&cell);
        page
    }

    fn values(content: &[u8]) -> Vec<Vec<u8>> {
        let mut values = Vec::new();
        each_value(content, &mut |value| values.push(value.to_vec()));
        values
    }

    #[test]
    fn texts_and_blobs_come_apart() {
        let mut database = super::database(b"node_id", &[0xab; 16]);
        database.extend(page(512, 0, b"second", &[1; 16]));
        let expected = [b"node_id".to_vec(), vec![0xab; 16], b"second".to_vec(), vec![1; 16]];
        assert_eq!(values(&database), expected);
    }

    #[test]
    fn the_write_ahead_log_is_read_too() {
        let mut log = vec![0; LOG_HEADER_BYTES];
        log[..4].copy_from_slice(&LOG_MAGIC[0]);
        log[8..12].copy_from_slice(&512_u32.to_be_bytes());
        log.extend([0; FRAME_HEADER_BYTES]);
        log.extend(page(512, 0, b"late", &[7; 16]));
        assert_eq!(values(&log), [b"late".to_vec(), vec![7; 16]]);
    }

    #[test]
    fn damage_ends_a_page_and_nothing_else() {
        assert_eq!(values(b"SQLite format 3\0"), Vec::<Vec<u8>>::new());
        let mut database = super::database(b"kept", b"");
        // Cells that point outside, more cells than there are, and a page of nothing but ones.
        let mut broken = page(512, 0, b"x", b"y");
        broken[3..10].copy_from_slice(&[0xff; 7]);
        database.extend(broken);
        database.extend([0xff; 512]);
        for cut in 0..database.len() {
            values(&database[..cut]);
        }
        assert_eq!(values(&database)[0], b"kept".to_vec());
    }
}
