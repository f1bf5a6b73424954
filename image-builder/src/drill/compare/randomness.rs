//! Whether a text or a few bytes look drawn rather than written.
//!
//! Entropy alone does not tell: a path has as many bits for each character as a key. What tells is which letters follow
//! which. In words, and in names made of words, six pairs of neighbouring letters in seven are of the 217 commonest;
//! in drawn text, one in three.

use std::collections::BTreeSet;

/// Shorter texts are told apart from words by nobody.
pub(super) const SHORTEST: usize = 16;
/// Decimal numbers from this length on hold 64 drawn bits; shorter ones are times and sizes.
const SHORTEST_NUMBER: usize = 19;
/// Nanoseconds since 1970 between 2001 and 2100: no drawn number, as far as anybody can tell.
const NANOSECONDS: std::ops::Range<u128> = 978_307_200_000_000_000..4_102_444_800_000_000_000;

/// Bits for each symbol (Shannon), of these symbols alone.
pub(super) fn entropy(symbols: &[u8]) -> f64 {
    let mut counts = [0_u32; 256];
    for symbol in symbols {
        counts[usize::from(*symbol)] += 1;
    }
    let total = f64::from(u32::try_from(symbols.len()).unwrap_or(u32::MAX));
    let bits = counts.iter().filter(|count| **count > 0).map(|count| {
        let share = f64::from(*count) / total;
        -share * share.log2()
    });
    bits.sum()
}

/// Hexadecimal digits of one case, long enough, and of enough variety. Sixteen drawn ones have ten different digits.
pub(super) fn is_drawn_hex(text: &[u8]) -> bool {
    let digits = text.iter().all(u8::is_ascii_digit);
    let lower = text.iter().all(|b| matches!(b, b'0'..=b'9' | b'a'..=b'f'));
    let upper = text.iter().all(|b| matches!(b, b'0'..=b'9' | b'A'..=b'F'));
    // Thirty-two digits without a letter are no hexadecimal number, with a chance of one in three million.
    (lower || upper) && !digits && text.len() >= SHORTEST && distinct(text) >= 7 && entropy(text) >= 2.6
}

/// A decimal number that holds as much as an identity.
pub(super) fn is_drawn_number(text: &[u8]) -> bool {
    let number = std::str::from_utf8(text).ok().and_then(|text| text.parse::<u128>().ok());
    let time = number.is_some_and(|number| NANOSECONDS.contains(&number));
    text.len() >= SHORTEST_NUMBER && text.iter().all(u8::is_ascii_digit) && !time && distinct(text) >= 6
}

/// Letters and digits that no word explains: base64, base62, base58 or base32. Of drawn texts of sixteen characters it
/// misses one in twenty, of longer ones fewer.
pub(super) fn is_drawn_text(text: &[u8]) -> bool {
    let count = |wanted: fn(&u8) -> bool| text.iter().filter(|byte| wanted(byte)).count();
    let digits = count(u8::is_ascii_digit);
    let one_case = count(u8::is_ascii_lowercase) == 0 || count(u8::is_ascii_uppercase) == 0;
    if text.len() < SHORTEST || entropy(text) < 3.0 || (digits == 0 && one_case) || changes(text) * 10 < text.len() {
        return false;
    }
    let pairs = text.windows(2).filter(|pair| pair.iter().all(u8::is_ascii_alphabetic));
    let common: Vec<bool> = pairs.map(is_common).collect();
    // Without digits it may be words in camel case, so more is asked of the letters.
    let most = if digits >= 2 { 65 } else { 50 };
    common.iter().filter(|common| **common).count() * 100 <= common.len() * most
}

/// By its first letter: the letters that commonly stand behind it. Counted over the distinct words of the names and
/// texts in Debian's packages; together they make 86 in 100 of all pairs there.
const COMMON: [&str; 26] = [
    "bcdgiklmnprstuvy",
    "aeiloru",
    "acehiklorstu",
    "adefilors",
    "abcdefgilmnprstvwx",
    "aefilor",
    "aeirs",
    "aeio",
    "abcdefglmnoprstvz",
    "",
    "ei",
    "adeilostuy",
    "aeiopsu",
    "acdefginostuv",
    "abcdfgilmnoprstuvw",
    "aehiloprstu",
    "u",
    "acdegilmnorstuy",
    "acehilopstuy",
    "acehiloprstuy",
    "beilmnprst",
    "aei",
    "ai",
    "et",
    "ps",
    "e",
];

fn is_common(pair: &[u8]) -> bool {
    let [first, second] = pair else { return false };
    let behind = COMMON.get(usize::from(first.to_ascii_lowercase().wrapping_sub(b'a')));
    behind.is_some_and(|letters| letters.as_bytes().contains(&second.to_ascii_lowercase()))
}

/// A few bytes that are neither text nor a table: a key, a seed, an id.
pub(super) fn is_drawn_binary(bytes: &[u8]) -> bool {
    let high = bytes.iter().filter(|byte| **byte >= 0x80).count();
    if bytes.len() < SHORTEST || high * 4 < bytes.len() {
        return false;
    }
    let symbols = f64::from(u32::try_from(bytes.len().min(256)).unwrap_or(256));
    entropy(bytes) >= 0.88 * symbols.log2()
}

fn distinct(text: &[u8]) -> usize {
    text.iter().collect::<BTreeSet<_>>().len()
}

#[derive(Clone, Copy, PartialEq, Eq)]
enum Class {
    Digit,
    Lower,
    Upper,
    Other,
}

fn class(byte: u8) -> Class {
    match byte {
        b'0'..=b'9' => Class::Digit,
        b'a'..=b'z' => Class::Lower,
        b'A'..=b'Z' => Class::Upper,
        _ => Class::Other,
    }
}

/// How often upper case, lower case, digits and the rest change into each other.
fn changes(text: &[u8]) -> usize {
    text.windows(2).filter(|pair| class(pair[0]) != class(pair[1])).count()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_was_drawn_is_told_from_what_was_written() {
        for drawn in [
            "OQhJ8GfTqH4xTzCqQm2v0w",
            "z07gHlduo9joRBawYRV25R2WuRR114s7Vcqux80w2b8",
            "k3v9x2p7q4m8n5b1",
            "JBSWY3DPEHPK3PXP2Q7A",
            "AAAAC3NzaC1lZDI1NTE5AAAAIKz0p6cZ9xwD2vQ3uYb1nJ5mTqLhR8sWgE4f",
            "kE+vTq/xMw2PpRbUc7Zd9A0y",
        ] {
            assert!(is_drawn_text(drawn.as_bytes()), "{drawn}");
        }
        for written in [
            "Entrust_Root_Certification_Authority_-_G2",
            "usr/lib/x86_64-linux-gnu/libsystemd-shared-257",
            "systemd-network-generator",
            "LimitNOFILEInfinity",
            "SecureSign_Root_CA12",
            "TimeoutStartSec120",
            "GnomeDesktopThumbnailFactory2",
            "_ZNSt7__cxx1112basic_stringIcSt11char_traits",
            "aaaaaaaaaaaaaaaaaaaaaaaa",
            "AcceptEnvironmentVariablesFromUser",
            "ABCDEFGHIJKLMNOPQRSTUVWXYZ",
            "1234567890123456",
        ] {
            assert!(!is_drawn_text(written.as_bytes()), "{written}");
        }
    }

    #[test]
    fn nearly_every_drawn_text_is_told() {
        // A generator with a fixed beginning: a test must not be lucky or unlucky.
        let mut state = 0x2545_f491_4f6c_dd1d_u64;
        let mut draw = |from: usize| {
            state = state.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
            usize::try_from(state >> 33).unwrap() % from
        };
        let base64 = b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
        let base32 = b"ABCDEFGHIJKLMNOPQRSTUVWXYZ234567";
        for (alphabet, length, least) in
            [(&base64[..], 22, 950), (base64, 32, 980), (base32, 26, 900), (base32, 52, 980)]
        {
            let texts = (0..1000).map(|_| (0..length).map(|_| alphabet[draw(alphabet.len())]).collect::<Vec<u8>>());
            let told = texts.filter(|text| is_drawn_text(text)).count();
            assert!(told >= least, "{told} of 1000 texts of {length} characters");
        }
    }

    #[test]
    fn hexadecimal_numbers_need_variety_and_decimal_ones_length() {
        assert!(is_drawn_hex(b"3f9a1c7be0d24856"));
        assert!(is_drawn_hex(b"90AA09F085404B6DBABC53B5887903E2"));
        for plain in
            [&b"0000000000000000"[..], b"deadbeefdeadbeef", b"1234567890123456", b"3f9a1c7b", b"3F9a1C7be0d24856"]
        {
            assert!(!is_drawn_hex(plain), "{}", String::from_utf8_lossy(plain));
        }
        assert!(is_drawn_number(b"10276657743932975437"));
        // A time in nanoseconds, a size, and a row of noughts.
        for plain in [&b"1795280553123456789"[..], b"4096000000", b"1000000000000000000000"] {
            assert!(!is_drawn_number(plain), "{}", String::from_utf8_lossy(plain));
        }
    }

    #[test]
    fn bytes_of_a_key_are_told_from_a_table() {
        let key: Vec<u8> = (0..32_u32).map(|n| u8::try_from((n * 167 + n * n * 31 + 89) % 256).unwrap()).collect();
        assert!(is_drawn_binary(&key));
        assert!(!is_drawn_binary(&[0xff; 32]));
        assert!(!is_drawn_binary(b"a text of thirty-two characters!"));
        assert!(!is_drawn_binary(&[0x80, 0, 0, 1, 0, 0, 0, 2, 0x80, 0, 0, 3, 0, 0, 0, 4, 0x80, 0]));
    }
}
