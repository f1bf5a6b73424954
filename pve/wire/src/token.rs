//! The name of an API token.

use std::fmt;
use std::str::FromStr;

use serde::{Deserialize, Serialize};

/// `USER@REALM!NAME`, as it stands in the `Authorization` header and in UPIDs.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(try_from = "String", into = "String")]
pub struct TokenId {
    user: String,
    name: String,
}

/// Why a text is not a token's name.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error(
    "{value:?} is not an API token id: write USER@REALM!NAME, like prov@pve!agent; a name has at least two characters"
)]
pub struct BadTokenId {
    /// The text as given.
    pub value: String,
}

impl TokenId {
    /// The user with its realm: `prov@pve`.
    pub fn user(&self) -> &str {
        &self.user
    }

    /// The token's own name: `agent`.
    pub fn name(&self) -> &str {
        &self.name
    }
}

impl FromStr for TokenId {
    type Err = BadTokenId;

    fn from_str(text: &str) -> Result<Self, BadTokenId> {
        let bad = || BadTokenId { value: text.to_owned() };
        let (user, name) = text.split_once('!').ok_or_else(bad)?;
        let (account, realm) = user.rsplit_once('@').ok_or_else(bad)?;
        let account_byte = |c: char| !c.is_whitespace() && !matches!(c, ':' | '/' | '!');
        if account.is_empty() || !account.chars().all(account_byte) || !is_name(realm) || !is_name(name) {
            return Err(bad());
        }
        Ok(Self { user: user.to_owned(), name: name.to_owned() })
    }
}

/// `[A-Za-z][A-Za-z0-9.\-_]+`: realms and token names.
fn is_name(text: &str) -> bool {
    let inner = |b: u8| b.is_ascii_alphanumeric() || matches!(b, b'.' | b'-' | b'_');
    text.len() > 1 && text.starts_with(|c: char| c.is_ascii_alphabetic()) && text.bytes().all(inner)
}

impl TryFrom<String> for TokenId {
    type Error = BadTokenId;

    fn try_from(text: String) -> Result<Self, BadTokenId> {
        text.parse()
    }
}

impl From<TokenId> for String {
    fn from(token: TokenId) -> Self {
        token.to_string()
    }
}

impl fmt::Display for TokenId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}!{}", self.user, self.name)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn token_ids_follow_the_grammar() {
        let token: TokenId = "prov@pve!agent".parse().unwrap();
        assert_eq!((token.user(), token.name(), token.to_string().as_str()), ("prov@pve", "agent", "prov@pve!agent"));
        for text in
            ["prov@pve", "prov!agent", "@pve!agent", "a b@pve!agent", "prov@pve!a", "prov@pve!1x", "prov@pve!x/y"]
        {
            assert!(text.parse::<TokenId>().is_err(), "{text}");
        }
    }
}
