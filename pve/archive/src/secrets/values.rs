//! Passwords in addresses and in assignments: no known shape, so they are told by their entropy.

/// The shortest assigned value that is looked at: shorter ones have too little entropy to tell from a word.
const LEAST: usize = 16;
/// The longest: what is longer is data.
const MOST: usize = 256;
/// Bits for each character. Text in a natural language has about 2.5 at such lengths, random hex 3.5, base64 4 and more.
const LEAST_BITS: f64 = 3.2;

/// `scheme://user:password@host`.
pub(super) fn address(text: &[u8], at: usize) -> Option<&'static str> {
    let scheme = text[..at].last().is_some_and(u8::is_ascii_alphabetic);
    let rest = text.get(at + 3..)?;
    let end = rest.iter().take(256).position(|byte| !is_of_authority(*byte))?;
    let authority = &rest[..end];
    let host = authority.iter().rposition(|byte| *byte == b'@')?;
    let colon = authority[..host].iter().position(|byte| *byte == b':')?;
    let (user, password) = (&authority[..colon], &authority[colon + 1..host]);
    let named = user.iter().all(|byte| byte.is_ascii_alphanumeric() || b"_-.+%".contains(byte));
    let reached = authority.get(host + 1).is_some_and(|byte| byte.is_ascii_alphanumeric() || *byte == b'[');
    let real = password.len() >= 6 && !is_placeholder(password) && !is_word_for_password(password);
    (scheme && named && reached && real).then_some("a password in an address")
}

fn is_of_authority(byte: u8) -> bool {
    byte.is_ascii_alphanumeric() || b"_-.~%!$&'()*+,;=:@[]".contains(&byte)
}

/// `NAME = VALUE`, `"NAME": "VALUE"` and their like: from somewhere inside of the name on.
pub(super) fn assignment(text: &[u8], at: usize) -> Option<&'static str> {
    let rest = &text[at..];
    let name_end = rest.iter().take(64).position(|byte| !(byte.is_ascii_alphanumeric() || b"_-".contains(byte)))?;
    let name = rest[..name_end].to_ascii_lowercase();
    if SAY_MORE.iter().any(|ending| name.ends_with(ending)) {
        return None;
    }
    let value = assigned(&rest[name_end..])?;
    is_random(value).then_some("a secret that is assigned")
}

/// Names that end so are of what is about a secret: where it lies, how long it is, its sum.
const SAY_MORE: &[&[u8]] = &[
    b"file",
    b"path",
    b"dir",
    b"url",
    b"uri",
    b"type",
    b"name",
    b"size",
    b"length",
    b"hash",
    b"sha256",
    b"digest",
    b"endpoint",
    b"id",
    b"fingerprint",
    b"pattern",
    b"regex",
    b"format",
    b"prefix",
];

/// The value behind `=`, `:`, `:=` or `=>`, without its quotes.
fn assigned(text: &[u8]) -> Option<&[u8]> {
    let text = skip(text.strip_prefix(b"\"").or_else(|| text.strip_prefix(b"'")).unwrap_or(text));
    let signs = text.iter().take_while(|byte| b":=>".contains(byte)).count();
    if ![&b"="[..], b":", b":=", b"=>"].contains(&&text[..signs]) {
        return None;
    }
    let text = skip(&text[signs..]);
    let quote = text.first().copied().filter(|byte| b"\"'`".contains(byte));
    let text = if quote.is_some() { &text[1..] } else { text };
    let length = text.iter().take(MOST + 1).take_while(|byte| is_of_value(**byte)).count();
    let closed = match (quote, text.get(length)) {
        (Some(quote), after) => after == Some(&quote),
        (None, after) => after.is_none_or(|byte| byte.is_ascii_whitespace() || b",;".contains(byte)),
    };
    closed.then(|| &text[..length])
}

/// A few blanks at most: the value stands on the same line.
fn skip(text: &[u8]) -> &[u8] {
    let blanks = text.iter().take(8).take_while(|byte| **byte == b' ' || **byte == b'\t').count();
    &text[blanks..]
}

fn is_of_value(byte: u8) -> bool {
    byte.is_ascii_alphanumeric() || b"+/=_-.~!@#%^&*".contains(&byte)
}

/// Whether a value looks drawn at random, and not chosen, written or named.
fn is_random(value: &[u8]) -> bool {
    let digits = value.iter().filter(|byte| byte.is_ascii_digit()).count();
    let letters = value.iter().filter(|byte| byte.is_ascii_alphabetic()).count();
    let lengths = (LEAST..=MOST).contains(&value.len());
    let is_path = value.starts_with(b"/") || value.starts_with(b"./") || value.starts_with(b"~/");
    lengths && digits >= 2 && letters >= 2 && !is_path && !is_placeholder(value) && bits(value) >= LEAST_BITS
}

/// Shannon entropy of the bytes, in bits for each.
fn bits(value: &[u8]) -> f64 {
    let mut counts = [0_u16; 256];
    for byte in value {
        counts[usize::from(*byte)] += 1;
    }
    let total = f64::from(u32::try_from(value.len()).unwrap_or(u32::MAX));
    let share = |count: &u16| f64::from(*count) / total;
    counts.iter().filter(|count| **count > 0).map(|count| -share(count) * share(count).log2()).sum()
}

/// What documentation writes where a secret would stand.
pub(super) fn is_placeholder(value: &[u8]) -> bool {
    const WORDS: &[&[u8]] =
        &[b"example", b"changeme", b"placeholder", b"your", b"xxxx", b"0123456789", b"123456789", b"abcdef01"];
    let lower = value.to_ascii_lowercase();
    let holds = |word: &&[u8]| lower.windows(word.len()).any(|window| window == *word);
    let mut different = lower.clone();
    different.sort_unstable();
    different.dedup();
    WORDS.iter().any(holds) || different.len() < 5.min(value.len())
}

/// `user:password@host` in a manual means any.
fn is_word_for_password(value: &[u8]) -> bool {
    let lower = value.to_ascii_lowercase();
    [&b"pass"[..], b"passwd", b"secret", b"token"].iter().any(|word| lower.starts_with(word))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn entropy_is_in_bits_for_each_character() {
        assert!((bits(b"abcdefgh") - 3.0).abs() < 1e-9 && bits(b"aaaa").abs() < 1e-9);
    }

    #[test]
    fn what_is_no_secret_is_left_alone() {
        for text in [
            "password = getpass.getpass(prompt)",
            "passwordfile = /etc/app/password-2024-11-21",
            "token: tokenizer_next_token_handler",
            "password: xxxxxxxxxxxxxxxx12",
            "secret = changeme-changeme-2024",
            "password=${DB_PASSWORD_2024_X}",
            "password = correct horse battery staple 12",
            "token_sha256 = 9f86d081884c7d659a2feaa0c55ad015",
            "password == other.password_field_12",
        ] {
            let at = text.find("assw").or_else(|| text.find("oken")).or_else(|| text.find("ecret")).unwrap();
            assert_eq!(assignment(text.as_bytes(), at), None, "{text}");
        }
        for text in ["http://user:password@host/", "see http://host:80/a@b ", "ftp://x:${PASS}@h ", "://a:b1c2d3e4@h "]
        {
            assert_eq!(address(text.as_bytes(), text.find("://").unwrap()), None, "{text}");
        }
    }
}
