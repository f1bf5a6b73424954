//! Where a customer's secrets lie: a source and a collection in it.

use std::fmt;
use std::str::FromStr;

use serde::{Deserialize, Serialize};

/// `age:acme`, `sops:acme`, `bitwarden:Acme production`.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(try_from = "String", into = "String")]
pub enum SecretsRef {
    /// `COLLECTION.age` in the folder of secrets.
    Age(String),
    /// `COLLECTION.env`, `.json` or `.yaml` in the folder of secrets, as sops writes it.
    Sops(String),
    /// A collection of a Bitwarden vault, by its name.
    Bitwarden(String),
}

/// Why a text is no reference.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error(
    "{0:?} does not tell where secrets lie: write age:NAME, sops:NAME (letters, digits and -_., a letter or digit \
     first, at most 64) or bitwarden:COLLECTION (its name in the vault, at most 128 characters)"
)]
pub struct BadSecretsRef(String);

impl FromStr for SecretsRef {
    type Err = BadSecretsRef;

    fn from_str(text: &str) -> Result<Self, BadSecretsRef> {
        let bad = || BadSecretsRef(text.to_owned());
        let (source, collection) = text.split_once(':').ok_or_else(bad)?;
        let name = collection.to_owned();
        match source {
            "age" if is_file_name(collection) => Ok(Self::Age(name)),
            "sops" if is_file_name(collection) => Ok(Self::Sops(name)),
            "bitwarden" if is_title(collection) => Ok(Self::Bitwarden(name)),
            _ => Err(bad()),
        }
    }
}

/// No slash and no dot first: no way out of the folder.
fn is_file_name(text: &str) -> bool {
    let fits = |byte: u8| byte.is_ascii_alphanumeric() || b"-_.".contains(&byte);
    text.len() <= 64 && text.bytes().all(fits) && text.bytes().next().is_some_and(|byte| byte.is_ascii_alphanumeric())
}

fn is_title(text: &str) -> bool {
    !text.is_empty() && text.len() <= 128 && text.trim() == text && !text.contains(char::is_control)
}

impl fmt::Display for SecretsRef {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Age(collection) => write!(f, "age:{collection}"),
            Self::Sops(collection) => write!(f, "sops:{collection}"),
            Self::Bitwarden(collection) => write!(f, "bitwarden:{collection}"),
        }
    }
}

impl TryFrom<String> for SecretsRef {
    type Error = BadSecretsRef;

    fn try_from(text: String) -> Result<Self, BadSecretsRef> {
        text.parse()
    }
}

impl From<SecretsRef> for String {
    fn from(reference: SecretsRef) -> Self {
        reference.to_string()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn s3_08_a_reference_leads_to_one_collection_and_nowhere_else() {
        for good in ["age:acme", "sops:acme.prod-1", "bitwarden:Acme / Prod"] {
            assert_eq!(good.parse::<SecretsRef>().unwrap().to_string(), good);
        }
        for bad in ["acme", "age:", "age:../x", "age:.x", "age:a/b", "file:/etc/shadow", "bitwarden: x", "bitwarden:\n"]
        {
            assert!(bad.parse::<SecretsRef>().is_err(), "{bad:?}");
        }
    }
}
