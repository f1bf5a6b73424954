//! The percent code of descriptions.

use std::fmt::Write as _;

/// Encodes one line of a description: control characters, everything outside ASCII, `%` and `:`.
pub(super) fn encode(text: &str) -> String {
    let mut out = String::with_capacity(text.len());
    for byte in text.bytes() {
        if matches!(byte, 0x20..=0x7e) && !matches!(byte, b'%' | b':') {
            out.push(char::from(byte));
        } else {
            // Writing to a `String` cannot fail.
            let _ = write!(out, "%{byte:02X}");
        }
    }
    out
}

/// Decodes; an incomplete code stays as it stands.
pub(super) fn decode(text: &str) -> String {
    let bytes = text.as_bytes();
    let mut out = Vec::with_capacity(bytes.len());
    let mut at = 0;
    while let Some(byte) = bytes.get(at) {
        if let Some(decoded) = bytes.get(at + 1..at + 3).filter(|_| *byte == b'%').and_then(code) {
            out.push(decoded);
            at += 3;
        } else {
            out.push(*byte);
            at += 1;
        }
    }
    String::from_utf8_lossy(&out).into_owned()
}

fn code(digits: &[u8]) -> Option<u8> {
    let text = std::str::from_utf8(digits).ok().filter(|t| t.bytes().all(|b| b.is_ascii_hexdigit()))?;
    u8::from_str_radix(text, 16).ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_encoded_decodes_again() {
        for text in ["", "golden v3: built", "100 %", "ünï\tx", "a\rb", "%zz", "trailing %"] {
            assert_eq!(decode(&encode(text)), text, "{text:?}");
        }
        assert_eq!(encode("a: 5%"), "a%3A 5%25");
    }

    #[test]
    fn half_a_code_stays() {
        assert_eq!(decode("%4"), "%4");
        assert_eq!(decode("%zz%41"), "%zzA");
    }
}
