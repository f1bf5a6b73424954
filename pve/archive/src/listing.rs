//! What GNU tar lists, one line a member: `tar --list --verbose --numeric-owner --quoting-style=c` in the C locale.
//!
//! ```text
//! -rwsr-xr-x 0/0     76000 2026-11-21 16:52 "./usr/bin/su"
//! lrwxrwxrwx 0/0         0 2026-11-21 16:52 "./bin" -> "usr/bin"
//! hrw-r--r-- 0/0         0 2026-11-21 16:52 "./b" link to "./a"
//! crw-rw-rw- 0/0       1,3 2026-11-21 16:52 "./dev/null"
//! ```

use crate::member::MemberKind;
use crate::outline::Outline;

/// Reads a line, without its end; nothing where it is none of these.
pub(crate) fn outline(text: &[u8]) -> Option<Outline> {
    let (permissions, rest) = word(text)?;
    let (owner, rest) = word(rest)?;
    let (size, rest) = word(rest)?;
    let (_date, rest) = word(rest)?;
    let (_time, rest) = word(rest)?;
    let kind = kind(*permissions.first()?)?;
    let mode = mode(permissions.get(1..10)?).filter(|_| permissions.len() == 10)?;
    let (name, rest) = quoted(rest)?;
    let link = match kind {
        MemberKind::Symlink => Some(whole(rest.strip_prefix(b" -> ")?)?),
        MemberKind::HardLink => Some(whole(rest.strip_prefix(b" link to ")?)?),
        _ if rest.is_empty() => None,
        _ => return None,
    };
    let (uid, gid) = pair(owner, '/')?;
    let devices = matches!(kind, MemberKind::CharDevice | MemberKind::BlockDevice);
    let device = if devices { Some(pair(size, ',')?) } else { None };
    let size = if kind == MemberKind::File { number(size)? } else { 0 };
    Some(Outline { name, kind, size, mode, uid, gid, link, device })
}

/// Up to the next space, and what follows the spaces.
fn word(text: &[u8]) -> Option<(&[u8], &[u8])> {
    let end = text.iter().position(|byte| *byte == b' ')?;
    let rest = &text[end..];
    let begin = rest.iter().position(|byte| *byte != b' ')?;
    Some((&text[..end], &rest[begin..]))
}

fn number<N: std::str::FromStr>(text: &[u8]) -> Option<N> {
    std::str::from_utf8(text).ok()?.parse().ok()
}

fn pair<N: std::str::FromStr>(text: &[u8], between: char) -> Option<(N, N)> {
    let (first, second) = std::str::from_utf8(text).ok()?.split_once(between)?;
    Some((first.parse().ok()?, second.parse().ok()?))
}

fn kind(letter: u8) -> Option<MemberKind> {
    Some(match letter {
        b'-' => MemberKind::File,
        b'd' => MemberKind::Directory,
        b'l' => MemberKind::Symlink,
        b'h' => MemberKind::HardLink,
        b'c' => MemberKind::CharDevice,
        b'b' => MemberKind::BlockDevice,
        b'p' => MemberKind::Fifo,
        _ => return None,
    })
}

/// `rwsr-xr-x` as bits.
fn mode(letters: &[u8]) -> Option<u32> {
    let mut mode = 0;
    for (class, triple) in letters.chunks_exact(3).enumerate() {
        let shift = 6 - 3 * class;
        let special = [0o4000, 0o2000, 0o1000][class];
        let marks: &[u8; 2] = if class == 2 { b"tT" } else { b"sS" };
        mode |= bit(triple[0], b'r', 4 << shift)? | bit(triple[1], b'w', 2 << shift)?;
        mode |= match triple[2] {
            b'-' => 0,
            b'x' => 1 << shift,
            mark if mark == marks[0] => special | (1 << shift),
            mark if mark == marks[1] => special,
            _ => return None,
        };
    }
    Some(mode)
}

fn bit(letter: u8, set: u8, value: u32) -> Option<u32> {
    match letter {
        b'-' => Some(0),
        letter if letter == set => Some(value),
        _ => None,
    }
}

/// A quoted name that is all there is.
fn whole(text: &[u8]) -> Option<Vec<u8>> {
    quoted(text).filter(|(_, rest)| rest.is_empty()).map(|(name, _)| name)
}

/// A name as in C, and what follows it.
fn quoted(text: &[u8]) -> Option<(Vec<u8>, &[u8])> {
    let mut rest = text.strip_prefix(b"\"")?;
    let mut name = Vec::new();
    loop {
        let (byte, after) = rest.split_first()?;
        rest = after;
        match byte {
            b'"' => return Some((name, rest)),
            b'\\' => {
                let (byte, after) = escaped(rest)?;
                name.push(byte);
                rest = after;
            }
            byte => name.push(*byte),
        }
    }
}

/// What follows a backslash.
fn escaped(text: &[u8]) -> Option<(u8, &[u8])> {
    let (letter, rest) = text.split_first()?;
    let byte = match letter {
        b'a' => 0x07,
        b'b' => 0x08,
        b't' => b'\t',
        b'n' => b'\n',
        b'v' => 0x0b,
        b'f' => 0x0c,
        b'r' => b'\r',
        b'"' | b'\\' | b'?' => *letter,
        b'0'..=b'3' => {
            let digits = text.get(..3)?;
            let octal = digits.iter().all(|digit| (b'0'..=b'7').contains(digit));
            let value = digits.iter().fold(0_u32, |value, digit| value * 8 + u32::from(digit - b'0'));
            return octal.then_some((u8::try_from(value).ok()?, &text[3..]));
        }
        _ => return None,
    };
    Some((byte, rest))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn lines_of_every_kind_are_read() {
        let file = outline(br#"-rwsr-xr-x 0/4321     76000 2026-11-21 16:52 "./usr/bin/su""#).unwrap();
        assert_eq!((file.kind, file.size, file.mode), (MemberKind::File, 76_000, 0o4755));
        assert_eq!((file.uid, file.gid, file.name.as_slice()), (0, 4321, &b"./usr/bin/su"[..]));
        let link = outline(br#"lrwxrwxrwx 0/0 0 2026-11-21 16:52 "./a -> b" -> "c\" -> \"d""#).unwrap();
        assert_eq!((link.name.as_slice(), link.link.unwrap().as_slice()), (&b"./a -> b"[..], &b"c\" -> \"d"[..]));
        let hard = outline(br#"hrw-r--r-- 0/0 0 2026-11-21 16:52 "./b" link to "./a""#).unwrap();
        assert_eq!((hard.kind, hard.link.unwrap().as_slice()), (MemberKind::HardLink, &b"./a"[..]));
        let device = outline(br#"crw-rw-rw- 0/0 1,3 2026-11-21 16:52 "./dev/null""#).unwrap();
        assert_eq!((device.kind, device.device), (MemberKind::CharDevice, Some((1, 3))));
        assert_eq!(outline(br#"drwxrwxrwt 0/0 0 2026-11-21 16:52 "./tmp/""#).unwrap().mode, 0o1777);
        assert_eq!(outline(br#"drwxrwSr-T 0/0 0 2026-11-21 16:52 "./x/""#).unwrap().mode, 0o3764);
    }

    #[test]
    fn names_are_any_bytes() {
        let line = br#"-rw-r--r-- 0/0 0 2026-11-21 16:52 "./new\nline \303\274\377\001 \\ \"q\"""#;
        assert_eq!(outline(line).unwrap().name, b"./new\nline \xc3\xbc\xff\x01 \\ \"q\"");
    }

    #[test]
    fn what_is_no_such_line_is_not_guessed_at() {
        for line in [
            &b""[..],
            b"tar: something",
            br#"Vrw-r--r-- 0/0 0 2026-11-21 16:52 "volume"--Volume Header--"#,
            br#"-rw-r--r-- 0/0 0 2026-11-21 16:52 "./a" and more"#,
            br#"-rw-r--r-- 0/0 0 2026-11-21 16:52 "./a"#,
            br#"-rw-r--r-- root/root 0 2026-11-21 16:52 "./a""#,
            br#"-rw-r--r-- 0/0 1,2 2026-11-21 16:52 "./a""#,
            br#"lrwxrwxrwx 0/0 0 2026-11-21 16:52 "./a""#,
            br#"-rw-r--r-- 0/0 0 2026-11-21 16:52 "./a\9""#,
        ] {
            assert_eq!(outline(line), None, "{}", line.escape_ascii());
        }
    }
}
