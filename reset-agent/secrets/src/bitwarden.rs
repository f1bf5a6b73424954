//! Answers of `bw serve`, the Bitwarden CLI's own REST mode, read: what state the vault is in, which collection is
//! meant, and its items as secrets.
//!
//! A login is one secret: the item's name is the variable's, its password the value. A secure note holds `NAME=value`
//! lines, as an age file does. Everything else in a collection is refused: whoever put it there meant something by it.

use serde::de::{DeserializeOwned, IgnoredAny};
use serde::{Deserialize, Deserializer};
use zeroize::Zeroizing;

use crate::name::{NameError, SecretName};
use crate::plain::{self, PlainError};
use crate::set::{SecretSet, SetError};

/// Numbers of Bitwarden's item types that can be secrets of ours.
const LOGIN: u64 = 1;
const SECURE_NOTE: u64 = 2;

/// An answer is not of the form that the CLI gives. Its content is never repeated.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("it is not what `bw serve` answers (line {line}, column {column})")]
pub struct AnswerError {
    /// Where reading ended.
    pub line: usize,
    /// Its column.
    pub column: usize,
}

/// Whether a vault gives its secrets.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Lock {
    /// It does.
    Unlocked,
    /// Its master password is asked for first.
    Locked,
    /// Nobody is logged in.
    Unauthenticated,
}

/// How a vault stands.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
pub struct Status {
    /// The server that the CLI is set to; none where it is Bitwarden's own cloud.
    #[serde(rename = "serverUrl")]
    pub server: Option<String>,
    /// Whether it is open.
    #[serde(rename = "status")]
    pub lock: Lock,
}

/// The id of a collection: a UUID, so it can stand in a query as it is.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct CollectionId(String);

/// Why a name means no collection.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum CollectionError {
    /// The answer cannot be read.
    #[error(transparent)]
    Answer(#[from] AnswerError),
    /// None has the name, or more than one has.
    #[error("{found} collections of the vault have this name: there must be one that this account may read")]
    Found {
        /// How many.
        found: usize,
    },
    /// Its id is none.
    #[error("its id is no UUID")]
    Id,
}

/// Why a collection's items are not taken. Items are told by their place: a name may be a value that slipped there.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum ItemsError {
    /// The answer cannot be read.
    #[error(transparent)]
    Answer(#[from] AnswerError),
    /// An item that was not asked for.
    #[error("item {item} is not of this collection")]
    Foreign {
        /// Its place, from 1.
        item: usize,
    },
    /// It is neither login nor secure note.
    #[error("item {item} is neither a login nor a secure note (its type is {kind}): what would be its value?")]
    Kind {
        /// Its place, from 1.
        item: usize,
        /// Bitwarden's number of its type.
        kind: u64,
    },
    /// A login's name is none of a variable.
    #[error("the login that is item {item} has no usable name")]
    Name {
        /// Its place, from 1.
        item: usize,
        /// Why not.
        #[source]
        source: NameError,
    },
    /// More than one of its values could be meant.
    #[error("{name} has custom fields: which of its values is meant? Leave the password only")]
    Fields {
        /// The login.
        name: SecretName,
    },
    /// There is no password.
    #[error("{name} has no password, or one that this account may not see")]
    NoPassword {
        /// The login.
        name: SecretName,
    },
    /// A name or value is refused.
    #[error("item {item} is refused")]
    Refused {
        /// Its place, from 1.
        item: usize,
        /// Why.
        #[source]
        source: SetError,
    },
    /// A note's lines are refused.
    #[error("the secure note that is item {item} does not hold NAME=value lines as it must")]
    Note {
        /// Its place, from 1.
        item: usize,
        /// Which line, and why.
        #[source]
        source: PlainError,
    },
}

#[derive(Deserialize)]
struct Answer<T> {
    data: T,
}

#[derive(Deserialize)]
struct Template {
    template: Status,
}

#[derive(Deserialize)]
struct List<T> {
    data: Vec<T>,
}

#[derive(Deserialize)]
struct Collection {
    id: String,
    name: String,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct Item {
    name: Hidden,
    #[serde(rename = "type")]
    kind: u64,
    login: Option<Login>,
    notes: Option<Hidden>,
    fields: Option<Vec<IgnoredAny>>,
    #[serde(default)]
    collection_ids: Vec<String>,
    deleted_date: Option<IgnoredAny>,
}

#[derive(Deserialize)]
struct Login {
    password: Option<Hidden>,
}

/// A text that is wiped when dropped.
struct Hidden(Zeroizing<String>);

impl<'de> Deserialize<'de> for Hidden {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        String::deserialize(deserializer).map(|text| Self(Zeroizing::new(text)))
    }
}

/// Reads the answer of `GET /status`.
///
/// # Errors
/// [`AnswerError`].
pub fn status(answer: &[u8]) -> Result<Status, AnswerError> {
    read::<Template>(answer).map(|data| data.template)
}

/// Finds the one collection of this name in the answer of `GET /list/object/collections`.
///
/// # Errors
/// [`CollectionError`].
pub fn collection(answer: &[u8], name: &str) -> Result<CollectionId, CollectionError> {
    let all = read::<List<Collection>>(answer)?.data;
    let found: Vec<_> = all.into_iter().filter(|collection| collection.name == name).collect();
    let [one] = found.as_slice() else { return Err(CollectionError::Found { found: found.len() }) };
    let is_uuid = one.id.len() == 36 && one.id.bytes().all(|byte| byte.is_ascii_hexdigit() || byte == b'-');
    if is_uuid { Ok(CollectionId(one.id.clone())) } else { Err(CollectionError::Id) }
}

/// Reads the answer of `GET /list/object/items` for a collection. What lies in the trash is not there.
///
/// # Errors
/// [`ItemsError`] of the first item that is not taken.
pub fn items(answer: &[u8], collection: &CollectionId) -> Result<SecretSet, ItemsError> {
    let mut set = SecretSet::default();
    for (index, item) in read::<List<Item>>(answer)?.data.into_iter().enumerate() {
        let number = index + 1;
        if item.deleted_date.is_some() {
            continue;
        }
        if !item.collection_ids.contains(&collection.0) {
            return Err(ItemsError::Foreign { item: number });
        }
        match item.kind {
            LOGIN => add_login(&mut set, number, item)?,
            SECURE_NOTE => {
                let text = item.notes.as_ref().map_or("", |notes| notes.0.as_str());
                plain::parse_into(&mut set, text).map_err(|source| ItemsError::Note { item: number, source })?;
            }
            kind => return Err(ItemsError::Kind { item: number, kind }),
        }
    }
    Ok(set)
}

fn add_login(set: &mut SecretSet, item: usize, login: Item) -> Result<(), ItemsError> {
    let name: SecretName = login.name.0.parse().map_err(|source| ItemsError::Name { item, source })?;
    if login.fields.is_some_and(|fields| !fields.is_empty()) {
        return Err(ItemsError::Fields { name });
    }
    let password = login.login.and_then(|login| login.password).filter(|password| !password.0.is_empty());
    let Some(Hidden(password)) = password else { return Err(ItemsError::NoPassword { name }) };
    set.add(name.as_str(), password).map_err(|source| ItemsError::Refused { item, source })
}

fn read<T: DeserializeOwned>(answer: &[u8]) -> Result<T, AnswerError> {
    // What serde says of a value that does not fit repeats the value.
    let unreadable = |error: serde_json::Error| AnswerError { line: error.line(), column: error.column() };
    serde_json::from_slice::<Answer<T>>(answer).map(|answer| answer.data).map_err(unreadable)
}

impl CollectionId {
    /// As it stands in a query.
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

#[cfg(test)]
mod tests;
