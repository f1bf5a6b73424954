//! POSIX ACLs, from the kernel's form to the text that tar archives carry (`SCHILY.acl.access`).

use std::fmt::Write as _;

/// The kernel's only version.
const VERSION: u32 = 2;
/// Bytes of one entry: tag, permissions, id.
const ENTRY: usize = 8;

/// The ACL as text, ids by number as the guest has them; `None` where the bytes are no ACL, or an id is none of the
/// guest's.
pub(super) fn text(bytes: &[u8], id: impl Fn(u32) -> Option<u32>) -> Option<String> {
    let (version, entries) = bytes.split_first_chunk::<4>()?;
    if u32::from_le_bytes(*version) != VERSION || entries.len() % ENTRY != 0 {
        return None;
    }
    let mut text = String::new();
    for entry in entries.chunks_exact(ENTRY) {
        let (tag, permissions) = (u16::from_le_bytes([entry[0], entry[1]]), u16::from_le_bytes([entry[2], entry[3]]));
        let who = u32::from_le_bytes([entry[4], entry[5], entry[6], entry[7]]);
        let (kind, who) = match tag {
            0x01 => ("user", String::new()),
            0x02 => ("user", id(who)?.to_string()),
            0x04 => ("group", String::new()),
            0x08 => ("group", id(who)?.to_string()),
            0x10 => ("mask", String::new()),
            0x20 => ("other", String::new()),
            _ => return None,
        };
        let bit = |bit: u16, letter: char| if permissions & bit == 0 { '-' } else { letter };
        writeln!(text, "{kind}:{who}:{}{}{}", bit(4, 'r'), bit(2, 'w'), bit(1, 'x')).ok()?;
    }
    Some(text)
}

#[cfg(test)]
mod tests {
    use super::*;

    /// `setfacl -m u:1000:rw` on a file of mode 0644, as the kernel gives it.
    const BYTES: [u8; 44] = [
        2, 0, 0, 0, 1, 0, 6, 0, 255, 255, 255, 255, 2, 0, 6, 0, 232, 3, 0, 0, 4, 0, 4, 0, 255, 255, 255, 255, 16, 0, 6,
        0, 255, 255, 255, 255, 32, 0, 4, 0, 255, 255, 255, 255,
    ];

    #[test]
    fn an_acl_is_written_as_getfacl_shows_it() {
        let expected = "user::rw-\nuser:1000:rw-\ngroup::r--\nmask::rw-\nother::r--\n";
        assert_eq!(text(&BYTES, Some).as_deref(), Some(expected));
        assert_eq!(text(&BYTES, |id| id.checked_sub(900)).as_deref(), Some(&*expected.replace("1000", "100")));
    }

    #[test]
    fn what_is_no_acl_is_none() {
        assert_eq!(text(&[], Some), None);
        assert_eq!(text(&[1, 0, 0, 0], Some), None);
        assert_eq!(text(&BYTES[..43], Some), None);
        assert_eq!(text(&BYTES, |_| None), None);
    }
}
