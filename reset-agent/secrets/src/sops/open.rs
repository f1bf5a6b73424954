//! The data key, every value, the MAC; only then secrets.

use sha2::{Digest, Sha256, Sha512};
use zeroize::Zeroizing;

use super::cipher::{Cipher, CipherError, Kind};
use super::document::{self, DocumentError, Format, Node};
use super::metadata::{Metadata, MetadataError};
use crate::age::{AgeError, Identities};
use crate::set::{SecretSet, SetError};

/// SHA-256 of this begins the MAC where it is over encrypted values only: both sorts never give the same.
const ONLY_ENCRYPTED: &str = "sops";

/// Why a sops file gives no secrets. Keys are named, values never.
#[derive(Debug, thiserror::Error)]
pub enum SopsError {
    /// Not in its format.
    #[error("it is no document of sops")]
    Document(#[from] DocumentError),
    /// Not text.
    #[error("it is no UTF-8 text")]
    NotText,
    /// sops's entry is of no use.
    #[error("it cannot be opened with age")]
    Metadata(#[from] MetadataError),
    /// None of the recipients is us.
    #[error("its data key cannot be decrypted: is it encrypted for this identity?")]
    Locked(#[source] AgeError),
    /// The data key is none.
    #[error("its data key is damaged")]
    Key(#[source] CipherError),
    /// A value stays closed.
    #[error("the value of `{key}` stays closed")]
    Value {
        /// The keys on the way to it.
        key: String,
        /// Why.
        #[source]
        source: CipherError,
    },
    /// Values were changed, moved or taken away.
    #[error("its MAC does not fit its values: some were changed, added or taken away without sops")]
    Mac,
    /// A value that no environment variable can hold.
    #[error("`{0}` is no single value: write flat NAME: value entries")]
    Nested(String),
    /// A name or value is refused.
    #[error("an entry is refused")]
    Refused(#[from] SetError),
}

/// Opens a document and gives its top-level values as secrets.
///
/// # Errors
/// [`SopsError`]; without a fitting MAC nothing is given.
pub fn open(text: &str, format: Format, identities: &Identities) -> Result<SecretSet, SopsError> {
    let mut secrets = SecretSet::default();
    for (name, value) in values(text, format, identities)? {
        let value = value.ok_or_else(|| SopsError::Nested(name.clone()))?;
        secrets.add(&name, value)?;
    }
    Ok(secrets)
}

/// Every top-level value; none where it is nested.
type Values = Vec<(String, Option<Zeroizing<String>>)>;

fn values(text: &str, format: Format, identities: &Identities) -> Result<Values, SopsError> {
    let document = document::parse(text, format)?;
    let metadata = Metadata::read(&document.sops)?;
    let cipher = Cipher::new(&data_key(&metadata, identities)?).map_err(SopsError::Key)?;
    let mut walk = Walk { cipher: &cipher, metadata: &metadata, mac: Sha512::new() };
    if metadata.mac_only_encrypted {
        walk.mac.update(Sha256::digest(ONLY_ENCRYPTED));
    }
    let mut opened = Vec::new();
    for (name, node) in &document.values {
        opened.push((name.clone(), walk.node(node, &mut vec![name])?));
    }
    walk.check()?;
    Ok(opened)
}

/// From the first recipient that is us.
fn data_key(metadata: &Metadata, identities: &Identities) -> Result<Zeroizing<Vec<u8>>, SopsError> {
    let mut refused = None;
    for sealed in &metadata.sealed_keys {
        match identities.open(sealed.as_bytes()) {
            Ok(key) => return Ok(key),
            Err(error) => refused = Some(error),
        }
    }
    Err(refused.map_or_else(|| MetadataError::Missing("age").into(), SopsError::Locked))
}

struct Walk<'a> {
    cipher: &'a Cipher,
    metadata: &'a Metadata,
    mac: Sha512,
}

impl Walk<'_> {
    /// A single value, opened; none for what is nested or empty by type. All go into the MAC, in their order.
    fn node<'n>(&mut self, node: &'n Node, path: &mut Vec<&'n str>) -> Result<Option<Zeroizing<String>>, SopsError> {
        match node {
            Node::Null => return Ok(None),
            Node::List(list) => {
                // An element stands under its list's key: sops counts no places.
                for element in list {
                    self.node(element, path)?;
                }
                return Ok(None);
            }
            Node::Map(entries) => {
                for (name, value) in entries {
                    path.push(name);
                    self.node(value, path)?;
                    path.pop();
                }
                return Ok(None);
            }
            Node::Text(_) | Node::Bool(_) | Node::Int(_) | Node::Float(_) => {}
        }
        let encrypted = self.metadata.rule.encrypts(path);
        let (value, kind) = if encrypted { self.opened(node, path)? } else { plain(node) };
        if encrypted || !self.metadata.mac_only_encrypted {
            self.mac.update(value.as_bytes());
        }
        // sops writes Python's words for truth into the MAC, and the format's own into a file.
        Ok(Some(if kind == Kind::Bool { Zeroizing::new(value.to_ascii_lowercase()) } else { value }))
    }

    fn opened(&self, node: &Node, path: &[&str]) -> Result<(Zeroizing<String>, Kind), SopsError> {
        let failed = |source| SopsError::Value { key: path.join("."), source };
        let sealed = node.text().ok_or_else(|| failed(CipherError::Form))?;
        self.cipher.open(sealed, &format!("{}:", path.join(":"))).map_err(failed)
    }

    /// Holds the MAC of what was opened against the one that sops left.
    fn check(self) -> Result<(), SopsError> {
        let (stored, _) =
            self.cipher.open(&self.metadata.mac, &self.metadata.last_modified).map_err(|_| SopsError::Mac)?;
        let found = self.mac.finalize().iter().fold(String::with_capacity(128), |mut text, byte| {
            let digits = b"0123456789ABCDEF";
            text.push(char::from(digits[usize::from(byte >> 4)]));
            text.push(char::from(digits[usize::from(byte & 15)]));
            text
        });
        if *stored == found { Ok(()) } else { Err(SopsError::Mac) }
    }
}

/// A value that sops left as it was, as it goes into the MAC.
fn plain(node: &Node) -> (Zeroizing<String>, Kind) {
    let (text, kind) = match node {
        Node::Bool(true) => ("True".to_owned(), Kind::Bool),
        Node::Bool(false) => ("False".to_owned(), Kind::Bool),
        Node::Int(number) => (number.to_string(), Kind::Other),
        Node::Float(number) => (number.to_string(), Kind::Other),
        Node::Text(text) => (text.clone(), Kind::Text),
        Node::Null | Node::List(_) | Node::Map(_) => (String::new(), Kind::Other),
    };
    (Zeroizing::new(text), kind)
}

#[cfg(test)]
mod tests {
    use age::secrecy::ExposeSecret;

    use super::*;

    const YAML: &str = include_str!("../../tests/sops/written-by-sops-3.7.1.yaml");
    const IDENTITY: &str = include_str!("../../tests/sops/identity");
    const DOTENV: &str = include_str!("../../tests/sops/written-by-sops-3.13.1.env");
    const DOTENV_KEY: &str = "322d9a97997823fb2bf42f55a6c26100cbaf0520cf88bb7ebee1cf47dd6d318d";
    const JSON: &str = include_str!("../../tests/sops/written-by-sops-3.13.1.json");
    const JSON_KEY: &str = "9f6aeda6383502c38f7dae6fbbb8cb6890582adb0335effa8952fe590d7a9596";

    /// The document with its published data key sealed for somebody new.
    fn sealed(document: &str, key: &str) -> (String, Identities) {
        let bytes: Vec<u8> =
            (0..32).map(|place| u8::from_str_radix(&key[2 * place..2 * place + 2], 16).unwrap()).collect();
        let owner = age::x25519::Identity::generate();
        let armoured = age::encrypt_and_armor(&owner.to_public(), &bytes).unwrap();
        let identities = Identities::parse(owner.to_string().expose_secret()).unwrap();
        (document.replace("@SEALED@", armoured.trim_end().replace('\n', "\\n").as_str()), identities)
    }

    fn single(values: Values) -> Vec<(String, String)> {
        values.into_iter().filter_map(|(name, value)| Some((name, value?.to_string()))).collect()
    }

    #[test]
    fn opens_yaml_as_sops_writes_it_down_to_the_mac() {
        let identities = Identities::parse(IDENTITY).unwrap();
        let values = values(YAML, Format::Yaml, &identities).unwrap();
        assert_eq!(values.len(), 3, "a value, a list and a mapping");
        assert_eq!(single(values), [("test_key".to_owned(), "test_value".to_owned())]);
    }

    #[test]
    fn opens_dotenv_and_json_as_sops_writes_them() {
        let (text, identities) = sealed(DOTENV, DOTENV_KEY);
        assert_eq!(
            single(values(&text, Format::Dotenv, &identities).unwrap()),
            [("foo ".to_owned(), " bar".to_owned())]
        );
        let (text, identities) = sealed(JSON, JSON_KEY);
        assert_eq!(single(values(&text, Format::Json, &identities).unwrap()), [("foo".to_owned(), "bar".to_owned())]);
    }

    #[test]
    fn what_was_moved_changed_or_taken_away_gives_nothing() {
        let identities = Identities::parse(IDENTITY).unwrap();
        let told = |text: &str| values(text, Format::Yaml, &identities).unwrap_err();
        let moved = YAML.replacen("test_key:", "other_key:", 1);
        assert!(matches!(told(&moved), SopsError::Value { source: CipherError::Changed, .. }));
        let less = YAML.lines().filter(|line| !line.starts_with("test_key")).collect::<Vec<_>>().join("\n");
        assert!(matches!(told(&less), SopsError::Mac));
        let more = format!("added_unencrypted: x\n{YAML}");
        assert!(matches!(told(&more), SopsError::Mac));
        let plain = format!("ADDED: canary\n{YAML}");
        let error = told(&plain);
        assert!(matches!(error, SopsError::Value { source: CipherError::Form, .. }));
        assert!(!format!("{error:?}").contains("canary"));
        let stranger = Identities::parse(age::x25519::Identity::generate().to_string().expose_secret()).unwrap();
        assert!(matches!(values(YAML, Format::Yaml, &stranger), Err(SopsError::Locked(_))));
        assert!(matches!(told("A: 1\n"), SopsError::Document(DocumentError::NotSops)));
    }

    #[test]
    fn s3_10_nested_values_and_names_that_are_none_are_no_secrets() {
        let identities = Identities::parse(IDENTITY).unwrap();
        assert!(matches!(open(YAML, Format::Yaml, &identities), Err(SopsError::Refused(_))), "test_key is no name");
    }
}
