//! Candidate tokens: the pieces of a file, a name or a value that look drawn.

use std::collections::BTreeSet;

use serde::{Deserialize, Serialize};

use super::randomness::{SHORTEST, is_drawn_binary, is_drawn_hex, is_drawn_number, is_drawn_text};
use super::sqlite;

/// Most that is kept of one file: more is a table, not a set of identities.
const LIMIT: usize = 100_000;
/// A whole file or value of so many bytes may be a key or a seed; a longer one is data.
const BINARY_LIMIT: usize = 4096;
/// A value of a database of so many bytes may be an id.
const BLOB_LIMIT: usize = 64;
/// Lengths of a UUID's groups.
const UUID_GROUPS: [usize; 5] = [8, 4, 4, 4, 12];

/// What a token looks like.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum TokenKind {
    /// A UUID.
    Uuid,
    /// Hexadecimal digits.
    Hex,
    /// A decimal number.
    Number,
    /// Base64, base62, base58 or base32.
    Text,
    /// A value of a database, or a whole file, of drawn bytes.
    Bytes,
}

impl TokenKind {
    /// The kind in words, with an article.
    pub fn in_words(self) -> &'static str {
        match self {
            Self::Uuid => "a UUID",
            Self::Hex => "a hexadecimal number",
            Self::Number => "a long decimal number",
            Self::Text => "a drawn text (base64, base58, base32)",
            Self::Bytes => "drawn bytes",
        }
    }
}

/// A piece that looks drawn, in one spelling: digits of UUIDs and hexadecimal numbers in lower case and without dashes,
/// bytes as hexadecimal digits. So one value is one token, however two programs write it.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub(crate) struct Token {
    /// The value.
    pub value: String,
    /// What it looks like.
    pub kind: TokenKind,
}

impl Token {
    fn digits(kind: TokenKind, digits: &[u8]) -> Self {
        let value = digits.iter().filter(|byte| **byte != b'-').map(|byte| char::from(byte.to_ascii_lowercase()));
        Self { value: value.collect(), kind }
    }

    fn text(kind: TokenKind, text: &[u8]) -> Self {
        Self { value: String::from_utf8_lossy(text).into_owned(), kind }
    }

    fn bytes(bytes: &[u8]) -> Self {
        let digits = bytes.iter().flat_map(|byte| [byte >> 4, byte & 15]);
        let value = digits.filter_map(|digit| char::from_digit(u32::from(digit), 16)).collect();
        Self { value, kind: TokenKind::Bytes }
    }
}

/// The tokens of a file's content.
pub(super) fn of_content(content: &[u8]) -> BTreeSet<Token> {
    let mut tokens = BTreeSet::new();
    if content.len() <= BINARY_LIMIT && is_drawn_binary(content) {
        tokens.insert(Token::bytes(content));
        return tokens;
    }
    of_text(content, &mut tokens);
    sqlite::each_value(content, &mut |value| {
        if value.len() <= BLOB_LIMIT && is_drawn_binary(value) {
            tokens.insert(Token::bytes(value));
        } else {
            of_text(value, &mut tokens);
        }
    });
    tokens
}

/// The tokens of a name, or of each name of a path.
pub(super) fn of_path(path: &[u8]) -> BTreeSet<Token> {
    let mut tokens = BTreeSet::new();
    for name in path.split(|byte| *byte == b'/') {
        of_text(name, &mut tokens);
    }
    tokens
}

/// Every run of the symbols that ids are written with.
fn of_text(content: &[u8], tokens: &mut BTreeSet<Token>) {
    for run in content.split(|byte| !is_symbol(*byte)).filter(|run| run.len() >= SHORTEST) {
        if tokens.len() >= LIMIT {
            return;
        }
        of_run(run, tokens);
    }
}

fn is_symbol(byte: u8) -> bool {
    byte.is_ascii_alphanumeric() || matches!(byte, b'+' | b'/' | b'_' | b'-')
}

/// UUIDs first, then pieces between separators, and only if there is none of either the run as a whole: base64 may hold
/// separators, but so does a path.
fn of_run(run: &[u8], tokens: &mut BTreeSet<Token>) {
    let mut rest = run;
    while let Some((at, uuid)) = find_uuid(rest) {
        tokens.insert(Token::digits(TokenKind::Uuid, uuid));
        of_pieces(&rest[..at], tokens);
        rest = &rest[at + uuid.len()..];
    }
    let found = of_pieces(rest, tokens) || rest.len() < run.len();
    // Words between separators are short, base64 has a separator in thirty-two symbols.
    let separators = run.iter().filter(|byte| !byte.is_ascii_alphanumeric()).count();
    if !found && separators * 7 <= run.len() && is_drawn_text(run) {
        tokens.insert(Token::text(TokenKind::Text, run));
    }
}

/// Whether any piece is one.
fn of_pieces(run: &[u8], tokens: &mut BTreeSet<Token>) -> bool {
    let mut found = false;
    for piece in run.split(|byte| !byte.is_ascii_alphanumeric()).filter(|piece| piece.len() >= SHORTEST) {
        if let Some(token) = of_piece(piece) {
            tokens.insert(token);
            found = true;
        }
    }
    found
}

fn of_piece(piece: &[u8]) -> Option<Token> {
    if piece.iter().all(u8::is_ascii_digit) {
        return is_drawn_number(piece).then(|| Token::text(TokenKind::Number, piece));
    }
    if is_drawn_hex(piece) {
        return Some(Token::digits(TokenKind::Hex, piece));
    }
    // A value may stick to the word before it, as in a database's page.
    let hex = piece.split(|byte| !byte.is_ascii_hexdigit()).max_by_key(|part| part.len()).unwrap_or_default();
    if hex.len() >= 2 * SHORTEST && is_drawn_hex(hex) {
        return Some(Token::digits(TokenKind::Hex, hex));
    }
    is_drawn_text(piece).then(|| Token::text(TokenKind::Text, piece))
}

/// The first UUID of a run, with its place.
fn find_uuid(run: &[u8]) -> Option<(usize, &[u8])> {
    const LENGTH: usize = 36;
    run.windows(LENGTH).enumerate().find(|(_, window)| is_uuid(window))
}

fn is_uuid(text: &[u8]) -> bool {
    // Cheap before thorough: this is asked at every byte of a run.
    if text.get(8) != Some(&b'-') {
        return false;
    }
    let groups: Vec<&[u8]> = text.split(|byte| *byte == b'-').collect();
    let lengths: Vec<usize> = groups.iter().map(|group| group.len()).collect();
    lengths == UUID_GROUPS
        && groups.iter().all(|group| group.iter().all(u8::is_ascii_hexdigit))
        && super::randomness::entropy(text) >= 2.6
}

#[cfg(test)]
mod tests {
    use super::*;

    fn found(text: &str) -> Vec<(TokenKind, String)> {
        of_content(text.as_bytes()).into_iter().map(|token| (token.kind, token.value)).collect()
    }

    #[test]
    fn ids_are_found_in_what_programs_write() {
        let uuid = "0d6f3c1e-7b54-4c8e-9a2f-5e1d8b7c6a43";
        let hex = uuid.replace('-', "");
        assert_eq!(found(&format!("id={uuid}\n")), [(TokenKind::Uuid, hex.clone())]);
        assert_eq!(found(&format!("{{\"node\":\"{}\"}}", hex.to_uppercase())), [(TokenKind::Hex, hex.clone())]);
        assert_eq!(found(&format!("/var/lib/mydaemon/{uuid}/state")), [(TokenKind::Uuid, hex.clone())]);
        assert_eq!(found(&format!("[daemon]\nmember_{hex}\n")), [(TokenKind::Hex, hex)]);
        let key = "OQhJ8Gf/qH4xTzCq+m2v0wZ1";
        assert_eq!(found(&format!("secret = {key}==")), [(TokenKind::Text, key.to_owned())]);
        assert_eq!(found("cluster 10276657743932975437"), [(TokenKind::Number, "10276657743932975437".to_owned())]);
    }

    #[test]
    fn one_value_is_one_token_however_it_is_written() {
        let dashed = found("0d6f3c1e-7b54-4c8e-9a2f-5e1d8b7c6a43");
        let plain = found("0D6F3C1E7B544C8E9A2F5E1D8B7C6A43");
        assert_eq!(dashed[0].1, plain[0].1);
    }

    #[test]
    fn ordinary_configuration_holds_none() {
        let text = "deb http://deb.debian.org/debian trixie main\nPermitRootLogin prohibit-password\n\
                    Subsystem sftp /usr/lib/openssh/sftp-server\nversion 1:10.0p1-7+deb13u1 amd64\n\
                    DigiCert_Assured_ID_Root_G2 T-TeleSec_GlobalRoot_Class_3\n\
                    /lib/x86_64-linux-gnu/libsystemd-shared-257.so\n2026-11-21T16:43:59+00:00 1795280553\n";
        assert_eq!(found(text), []);
    }

    #[test]
    fn a_small_file_of_drawn_bytes_is_one_token() {
        let seed: Vec<u8> =
            (0..512_u32).map(|n| u8::try_from((n * n * 31 + n * 167 + n / 7 * 89) % 251).unwrap()).collect();
        let tokens = of_content(&seed);
        assert_eq!(tokens.len(), 1);
        assert_eq!(tokens.first().unwrap().kind, TokenKind::Bytes);
    }
}
