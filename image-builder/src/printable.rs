//! Text for a terminal: sizes, and what strangers wrote. Names in an archive and a guest's output may hold escape
//! sequences.

use std::borrow::Cow;
use std::fmt::Write as _;

/// The text with every control character escaped, line breaks too.
pub(crate) fn line(text: &str) -> Cow<'_, str> {
    escaped(text, |_| false)
}

/// The text with every control character escaped but line breaks and tabs.
pub(crate) fn lines(text: &str) -> Cow<'_, str> {
    escaped(text, |c| c == '\n' || c == '\t')
}

/// Bytes as a person reads them.
pub(crate) fn mebibytes(bytes: u64) -> String {
    format!("{}.{} MiB", bytes >> 20, ((bytes & 0xf_ffff) * 10) >> 20)
}

fn escaped(text: &str, passes: impl Fn(char) -> bool) -> Cow<'_, str> {
    let is_plain = |c: char| passes(c) || !(c.is_control() || is_direction(c));
    if text.chars().all(is_plain) {
        return Cow::Borrowed(text);
    }
    let mut escaped = String::with_capacity(text.len());
    for c in text.chars() {
        if is_plain(c) {
            escaped.push(c);
        } else {
            // Writing to a string does not fail.
            let _ = write!(escaped, "{}", c.escape_default());
        }
    }
    Cow::Owned(escaped)
}

/// Marks that turn the order of what is shown around.
fn is_direction(c: char) -> bool {
    matches!(c, '\u{200e}' | '\u{200f}' | '\u{202a}'..='\u{202e}' | '\u{2066}'..='\u{2069}')
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn bytes_are_read_in_mebibytes() {
        assert_eq!((mebibytes(0).as_str(), mebibytes(3 << 19).as_str()), ("0.0 MiB", "1.5 MiB"));
    }

    #[test]
    fn nothing_that_moves_a_terminal_passes() {
        assert_eq!(line("/etc/h\u{e4}user"), "/etc/h\u{e4}user");
        assert_eq!(line("a\u{1b}]0;owned\u{7}\nb\u{202e}"), r"a\u{1b}]0;owned\u{7}\nb\u{202e}");
        assert_eq!(lines("a\n\tb\r\u{9b}2J"), "a\n\tb\\r\\u{9b}2J");
    }
}
