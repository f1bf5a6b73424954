//! Text that may hold bytes which are no UTF-8: they come back as they were. Pure.

/// Where such bytes wait, one private code point each.
const KEPT: u32 = 0xF_FF00;

/// Bytes as text.
pub(super) fn decoded(bytes: &[u8]) -> String {
    let mut text = String::with_capacity(bytes.len());
    for chunk in bytes.utf8_chunks() {
        text.push_str(chunk.valid());
        text.extend(chunk.invalid().iter().filter_map(|byte| char::from_u32(KEPT + u32::from(*byte))));
    }
    text
}

/// Text as the bytes it was.
pub(super) fn encoded(text: &str) -> Vec<u8> {
    let mut bytes = Vec::with_capacity(text.len());
    for c in text.chars() {
        match u8::try_from(u32::from(c).wrapping_sub(KEPT)) {
            Ok(byte) => bytes.push(byte),
            Err(_) => bytes.extend_from_slice(c.encode_utf8(&mut [0; 4]).as_bytes()),
        }
    }
    bytes
}

#[cfg(test)]
mod tests {
    use super::{decoded, encoded};

    #[test]
    fn every_byte_comes_back() {
        let all: Vec<u8> = (0..=255).collect();
        assert_eq!(encoded(&decoded(&all)), all);
        assert_eq!(encoded(&decoded("Grüße\n".as_bytes())), "Grüße\n".as_bytes());
        assert_eq!(decoded("Grüße".as_bytes()), "Grüße");
    }
}
