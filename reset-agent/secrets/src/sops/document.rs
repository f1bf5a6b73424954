//! Text → values in their order. The order counts: the MAC is taken over it.

use std::fmt;

use serde::de::{self, Deserialize, Deserializer, MapAccess, SeqAccess, Visitor};

/// The formats that can hold environment variables.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Format {
    /// `NAME=value` lines.
    Dotenv,
    /// A JSON object.
    Json,
    /// A YAML mapping.
    Yaml,
}

/// A value, still encrypted where it is.
#[derive(Debug, Clone, PartialEq)]
pub(super) enum Node {
    Null,
    Bool(bool),
    Int(i64),
    Float(f64),
    Text(String),
    List(Vec<Node>),
    Map(Vec<(String, Node)>),
}

impl Node {
    pub(super) fn text(&self) -> Option<&str> {
        if let Self::Text(text) = self { Some(text) } else { None }
    }

    pub(super) fn get(&self, key: &str) -> Option<&Self> {
        let Self::Map(entries) = self else { return None };
        entries.iter().find(|(name, _)| name == key).map(|(_, value)| value)
    }
}

/// A document's values and sops's own entry.
pub(super) struct Document {
    pub(super) values: Vec<(String, Node)>,
    pub(super) sops: Node,
}

/// Why a text is no document. It is not repeated: unencrypted values may stand in it.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum DocumentError {
    /// It does not parse.
    #[error("it is not in the format that its name says, near line {line}")]
    Syntax {
        /// Where; 0 where that is unknown.
        line: usize,
    },
    /// sops left no entry of its own.
    #[error("it has no `sops` entry: it was not written by sops, or is not encrypted")]
    NotSops,
}

pub(super) fn parse(text: &str, format: Format) -> Result<Document, DocumentError> {
    match format {
        Format::Dotenv => dotenv(text),
        Format::Json => {
            let node = serde_json::from_str(text);
            split(node.map_err(|error: serde_json::Error| DocumentError::Syntax { line: error.line() })?)
        }
        Format::Yaml => {
            let node = serde_saphyr::from_str(text).map_err(|_| DocumentError::Syntax { line: 0 })?;
            split(node)
        }
    }
}

fn split(root: Node) -> Result<Document, DocumentError> {
    let Node::Map(entries) = root else { return Err(DocumentError::NotSops) };
    let (mut sops, values): (Vec<_>, Vec<_>) = entries.into_iter().partition(|(name, _)| name == "sops");
    match (sops.pop(), sops.is_empty()) {
        (Some((_, sops)), true) => Ok(Document { values, sops }),
        _ => Err(DocumentError::NotSops),
    }
}

/// sops flattens its own entry into `sops_…` lines (`sops_age__list_0__map_enc`), with line ends as `\n`.
fn dotenv(text: &str) -> Result<Document, DocumentError> {
    let (mut values, mut sops) = (Vec::new(), Vec::new());
    for (index, line) in text.lines().enumerate() {
        if line.is_empty() || line.starts_with('#') {
            continue;
        }
        let (name, value) = line.split_once('=').ok_or(DocumentError::Syntax { line: index + 1 })?;
        let value = Node::Text(value.replace("\\n", "\n"));
        match name.strip_prefix("sops_") {
            Some(key) => sops.push((key.to_owned(), value)),
            None => values.push((name.to_owned(), value)),
        }
    }
    if sops.is_empty() { Err(DocumentError::NotSops) } else { Ok(Document { values, sops: unflattened(sops) }) }
}

/// The flat keys that are read here, as they stand in the other formats.
fn unflattened(flat: Vec<(String, Node)>) -> Node {
    let mut recipients: Vec<(usize, Node)> = Vec::new();
    let mut rest = Vec::new();
    for (key, value) in flat {
        let number = key.strip_prefix("age__list_").and_then(|key| key.strip_suffix("__map_enc"));
        match number.and_then(|number| number.parse().ok()) {
            Some(number) => recipients.push((number, Node::Map(vec![("enc".to_owned(), value)]))),
            None => rest.push((key, value)),
        }
    }
    recipients.sort_by_key(|(number, _)| *number);
    rest.push(("age".to_owned(), Node::List(recipients.into_iter().map(|(_, entry)| entry).collect())));
    Node::Map(rest)
}

impl<'de> Deserialize<'de> for Node {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        deserializer.deserialize_any(InOrder)
    }
}

struct InOrder;

impl<'de> Visitor<'de> for InOrder {
    type Value = Node;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("a value")
    }

    fn visit_unit<E: de::Error>(self) -> Result<Node, E> {
        Ok(Node::Null)
    }

    fn visit_none<E: de::Error>(self) -> Result<Node, E> {
        Ok(Node::Null)
    }

    fn visit_some<D: Deserializer<'de>>(self, deserializer: D) -> Result<Node, D::Error> {
        Node::deserialize(deserializer)
    }

    fn visit_bool<E: de::Error>(self, value: bool) -> Result<Node, E> {
        Ok(Node::Bool(value))
    }

    fn visit_i64<E: de::Error>(self, value: i64) -> Result<Node, E> {
        Ok(Node::Int(value))
    }

    fn visit_u64<E: de::Error>(self, value: u64) -> Result<Node, E> {
        i64::try_from(value).map(Node::Int).map_err(|_| E::custom("a number too large"))
    }

    fn visit_f64<E: de::Error>(self, value: f64) -> Result<Node, E> {
        Ok(Node::Float(value))
    }

    fn visit_str<E: de::Error>(self, value: &str) -> Result<Node, E> {
        Ok(Node::Text(value.to_owned()))
    }

    fn visit_seq<A: SeqAccess<'de>>(self, mut seq: A) -> Result<Node, A::Error> {
        let mut list = Vec::new();
        while let Some(value) = seq.next_element()? {
            list.push(value);
        }
        Ok(Node::List(list))
    }

    fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<Node, A::Error> {
        let mut entries: Vec<(String, Node)> = Vec::new();
        while let Some((name, value)) = map.next_entry::<String, Node>()? {
            if entries.iter().any(|(known, _)| *known == name) {
                return Err(de::Error::custom("a key stands twice"));
            }
            entries.push((name, value));
        }
        Ok(Node::Map(entries))
    }
}
