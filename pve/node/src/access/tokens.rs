//! API tokens on disk: names, the hashes of their secrets, their grants.

use std::collections::BTreeMap;
use std::fs;
use std::io::Write;
use std::os::unix::fs::OpenOptionsExt;
use std::path::PathBuf;

use pve_wire::TokenId;
use serde::{Deserialize, Serialize};
use sha2::{Digest, Sha256};

use super::{Grants, Principal};
use crate::error::Die;
use crate::state::{Layout, locks};

/// Why tokens cannot be kept or read.
#[derive(Debug, thiserror::Error)]
pub enum TokenError {
    /// The name is taken.
    #[error("token '{token}' already exists: remove it first with `token remove {token}`")]
    Exists {
        /// The token.
        token: TokenId,
    },
    /// There is no such token.
    #[error("no such token '{token}'")]
    Unknown {
        /// The token.
        token: TokenId,
    },
    /// The file does not read.
    #[error("{} is damaged", path.display())]
    Damaged {
        /// The file.
        path: PathBuf,
        /// What is wrong with it.
        #[source]
        source: serde_json::Error,
    },
    /// The file is out of reach.
    #[error(transparent)]
    Io(#[from] Die),
}

#[derive(Debug, Clone, Serialize, Deserialize)]
struct Kept {
    /// SHA-256 of the secret, hex. The secret is a random UUID, so a slow hash would protect nothing more.
    secret_sha256: String,
    grants: Grants,
}

/// The tokens of a node.
pub struct TokenStore {
    path: PathBuf,
}

impl TokenStore {
    /// The store of a node.
    pub fn new(layout: &Layout) -> Self {
        Self { path: layout.tokens() }
    }

    fn read(&self) -> Result<BTreeMap<TokenId, Kept>, TokenError> {
        match fs::read(&self.path) {
            Ok(bytes) => {
                serde_json::from_slice(&bytes).map_err(|source| TokenError::Damaged { path: self.path.clone(), source })
            }
            Err(error) if error.kind() == std::io::ErrorKind::NotFound => Ok(BTreeMap::new()),
            Err(error) => Err(Die::io("read", &self.path)(error).into()),
        }
    }

    /// Reads, changes and replaces the file, one process at a time.
    fn change(
        &self,
        change: impl FnOnce(&mut BTreeMap<TokenId, Kept>) -> Result<(), TokenError>,
    ) -> Result<(), TokenError> {
        let _lock = locks::acquire(&self.path.with_extension("lock"), locks::PATIENCE, &|_| ())?;
        let mut tokens = self.read()?;
        change(&mut tokens)?;
        let text = serde_json::to_vec_pretty(&tokens)
            .map_err(|source| TokenError::Damaged { path: self.path.clone(), source })?;
        let temp = self.path.with_extension("tmp");
        let write = || -> std::io::Result<()> {
            let mut file = fs::OpenOptions::new().write(true).create(true).truncate(true).mode(0o600).open(&temp)?;
            file.write_all(&text)?;
            file.sync_all()?;
            fs::rename(&temp, &self.path)
        };
        Ok(write().map_err(Die::io("write", &self.path))?)
    }

    /// Adds a token and returns its secret, which is kept nowhere.
    pub fn add(&self, token: &TokenId, grants: Grants) -> Result<String, TokenError> {
        let secret = uuid::Uuid::new_v4().to_string();
        self.change(|tokens| {
            if tokens.contains_key(token) {
                return Err(TokenError::Exists { token: token.clone() });
            }
            tokens.insert(token.clone(), Kept { secret_sha256: hash(&secret), grants });
            Ok(())
        })?;
        Ok(secret)
    }

    /// Replaces what a token may do.
    pub fn grant(&self, token: &TokenId, grants: Grants) -> Result<(), TokenError> {
        self.change(|tokens| match tokens.get_mut(token) {
            Some(kept) => {
                kept.grants = grants;
                Ok(())
            }
            None => Err(TokenError::Unknown { token: token.clone() }),
        })
    }

    /// Removes a token.
    pub fn remove(&self, token: &TokenId) -> Result<(), TokenError> {
        self.change(|tokens| match tokens.remove(token) {
            Some(_) => Ok(()),
            None => Err(TokenError::Unknown { token: token.clone() }),
        })
    }

    /// The names of all tokens with their grants.
    pub fn list(&self) -> Result<Vec<(TokenId, Grants)>, TokenError> {
        Ok(self.read()?.into_iter().map(|(token, kept)| (token, kept.grants)).collect())
    }

    /// Who a token with this secret is; none when there is no such token or the secret is another.
    pub fn authenticate(&self, token: &TokenId, secret: &str) -> Result<Option<Principal>, TokenError> {
        let kept = self.read()?.remove(token).filter(|kept| same(&kept.secret_sha256, &hash(secret)));
        Ok(kept.map(|kept| Principal::token(&token.to_string(), kept.grants)))
    }

    /// Who an authenticated name is: for a worker, which was told the name by the server.
    pub fn principal(&self, auth_id: &str) -> Result<Principal, TokenError> {
        if auth_id == "root@pam" {
            return Ok(Principal::root());
        }
        let kept = auth_id.parse().ok().and_then(|token: TokenId| self.read().ok()?.remove(&token));
        Ok(Principal::token(auth_id, kept.map(|kept| kept.grants).unwrap_or_default()))
    }
}

fn hash(secret: &str) -> String {
    Sha256::digest(secret.as_bytes()).iter().map(|byte| format!("{byte:02x}")).collect::<Vec<_>>().concat()
}

/// Compares in a time that does not depend on where two texts differ.
fn same(a: &str, b: &str) -> bool {
    a.len() == b.len() && a.bytes().zip(b.bytes()).fold(0, |differ, (x, y)| differ | (x ^ y)) == 0
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_secret_opens_its_own_token_only() {
        let dir = tempfile::tempdir().unwrap();
        fs::create_dir(dir.path().join("priv")).unwrap();
        let store = TokenStore::new(&Layout::new(dir.path().to_owned()));
        let token: TokenId = "prov@pve!agent".parse().unwrap();
        let secret = store.add(&token, Grants::new()).unwrap();
        assert!(matches!(store.add(&token, Grants::new()), Err(TokenError::Exists { .. })));
        assert_eq!(store.authenticate(&token, &secret).unwrap().unwrap().auth_id, "prov@pve!agent");
        assert_eq!(store.authenticate(&token, "x").unwrap(), None);
        let text = fs::read_to_string(dir.path().join("priv/tokens.json")).unwrap();
        assert!(!text.contains(&secret));
        store.remove(&token).unwrap();
        assert_eq!(store.authenticate(&token, &secret).unwrap(), None);
    }
}
