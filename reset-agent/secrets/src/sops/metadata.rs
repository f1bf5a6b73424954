//! What sops says of a document: for whom its data key is encrypted, its MAC, and which values are encrypted at all.

use regex::Regex;

use super::document::Node;

/// sops's own entry, as far as it is needed.
pub(super) struct Metadata {
    /// The data key, encrypted for each age recipient.
    pub(super) sealed_keys: Vec<String>,
    /// The encrypted MAC.
    pub(super) mac: String,
    /// When the document was last changed; the MAC is bound to it.
    pub(super) last_modified: String,
    /// Whether the MAC is over encrypted values only.
    pub(super) mac_only_encrypted: bool,
    /// Which values are encrypted.
    pub(super) rule: Rule,
}

/// Which values are encrypted, by the keys on the way to them.
#[derive(Debug)]
pub(super) enum Rule {
    /// All but those under a key that ends so.
    NotSuffix(String),
    /// Only those under a key that ends so.
    Suffix(String),
    /// All but those under a key that matches.
    NotPattern(Regex),
    /// Only those under a key that matches.
    Pattern(Regex),
}

/// Why sops's entry is of no use.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum MetadataError {
    /// Something is missing.
    #[error("its `sops` entry has no `{0}`")]
    Missing(&'static str),
    /// It asks for what this program does not do.
    #[error("its `sops` entry has `{0}`, which this program does not know: encrypt it for age recipients, without it")]
    Unknown(&'static str),
    /// A pattern does not parse.
    #[error("the pattern in its `{0}` is not understood")]
    Pattern(&'static str),
}

const UNKNOWN: &[&str] = &["key_groups", "shamir_threshold", "unencrypted_comment_regex", "encrypted_comment_regex"];

impl Metadata {
    pub(super) fn read(sops: &Node) -> Result<Self, MetadataError> {
        let filled = |key: &str| sops.get(key).is_some_and(|node| !is_nothing(node));
        if let Some(key) = UNKNOWN.iter().find(|key| filled(key)) {
            return Err(MetadataError::Unknown(key));
        }
        let text = |key| sops.get(key).and_then(Node::text).map(str::to_owned);
        let sealed_keys = match sops.get("age") {
            Some(Node::List(list)) => {
                list.iter().filter_map(|entry| entry.get("enc")?.text()).map(str::to_owned).collect()
            }
            _ => Vec::new(),
        };
        if sealed_keys.is_empty() {
            return Err(MetadataError::Missing("age"));
        }
        Ok(Self {
            sealed_keys,
            mac: text("mac").ok_or(MetadataError::Missing("mac"))?,
            last_modified: text("lastmodified").ok_or(MetadataError::Missing("lastmodified"))?,
            mac_only_encrypted: match sops.get("mac_only_encrypted") {
                Some(Node::Bool(only)) => *only,
                Some(Node::Text(only)) => only == "true",
                _ => false,
            },
            rule: Rule::read(sops)?,
        })
    }
}

fn is_nothing(node: &Node) -> bool {
    match node {
        Node::Null | Node::Int(0) | Node::Bool(false) => true,
        Node::Text(text) => text.is_empty() || text == "0",
        Node::List(list) => list.is_empty(),
        Node::Map(entries) => entries.is_empty(),
        _ => false,
    }
}

impl Rule {
    fn read(sops: &Node) -> Result<Self, MetadataError> {
        let text = |key| sops.get(key).and_then(Node::text).filter(|text| !text.is_empty());
        let pattern = |key, text: &str| Regex::new(text).map_err(|_| MetadataError::Pattern(key));
        if let Some(suffix) = text("encrypted_suffix") {
            return Ok(Self::Suffix(suffix.to_owned()));
        }
        if let Some(expression) = text("encrypted_regex") {
            return pattern("encrypted_regex", expression).map(Self::Pattern);
        }
        if let Some(expression) = text("unencrypted_regex") {
            return pattern("unencrypted_regex", expression).map(Self::NotPattern);
        }
        Ok(Self::NotSuffix(text("unencrypted_suffix").unwrap_or("_unencrypted").to_owned()))
    }

    /// Whether the value at the end of these keys is encrypted.
    pub(super) fn encrypts(&self, path: &[&str]) -> bool {
        match self {
            Self::NotSuffix(suffix) => !path.iter().any(|key| key.ends_with(suffix)),
            Self::Suffix(suffix) => path.iter().any(|key| key.ends_with(suffix)),
            Self::NotPattern(pattern) => !path.iter().any(|key| pattern.is_match(key)),
            Self::Pattern(pattern) => path.iter().any(|key| pattern.is_match(key)),
        }
    }
}
