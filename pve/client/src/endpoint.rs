//! Where a node is, whom to trust there, and who asks.

use std::fmt;

use reqwest::Url;
use reqwest::header::HeaderValue;
use spec::ids::NodeName;

use crate::tls::Trust;

/// A node's API and the right to use it.
#[derive(Clone)]
pub struct Endpoint {
    /// `https://HOST:8006`, without a path.
    pub(crate) url: Url,
    /// The node whose guests are meant.
    pub(crate) node: NodeName,
    /// Whose certificate is accepted.
    pub(crate) trust: Trust,
    /// The header with the API token; marked sensitive, so that no log shows it.
    pub(crate) authorization: HeaderValue,
    /// `user@realm!name`, which may be shown.
    token_id: String,
}

/// Why an endpoint is refused before anything is sent.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum BadEndpoint {
    /// The address does not fit.
    #[error("{url:?} is no address of a node: {rule}")]
    Url {
        /// As given.
        url: String,
        /// What it must be.
        rule: &'static str,
    },
    /// The token does not fit; its text is not repeated.
    #[error("the API token is malformed: write it as USER@REALM!NAME=SECRET on one line")]
    Token,
}

impl Endpoint {
    /// An endpoint for the node `node` at `url` (`https://HOST:8006`), asked with `token` (`USER@REALM!NAME=SECRET`).
    ///
    /// # Errors
    /// [`BadEndpoint`] names the part that does not fit; a token's text is never repeated.
    pub fn new(url: &str, node: NodeName, trust: Trust, token: &str) -> Result<Self, BadEndpoint> {
        let refuse = |rule| BadEndpoint::Url { url: url.to_owned(), rule };
        let parsed = Url::parse(url).map_err(|_| refuse("write it as https://HOST:8006"))?;
        if parsed.scheme() != "https" {
            return Err(refuse("a token travels over https only"));
        }
        if parsed.path() != "/" || parsed.query().is_some() || !parsed.username().is_empty() {
            return Err(refuse("leave out path, query and user"));
        }
        let token = token.trim();
        let (token_id, secret) = token.split_once('=').ok_or(BadEndpoint::Token)?;
        let named = token_id.contains('@') && token_id.contains('!') && !secret.is_empty();
        let printable = token.bytes().all(|b| b.is_ascii_graphic() && b != b';');
        if !named || !printable {
            return Err(BadEndpoint::Token);
        }
        let mut authorization =
            HeaderValue::from_str(&format!("PVEAPIToken={token}")).map_err(|_| BadEndpoint::Token)?;
        authorization.set_sensitive(true);
        Ok(Self { url: parsed, node, trust, authorization, token_id: token_id.to_owned() })
    }

    /// The node whose guests are meant.
    pub fn node(&self) -> &NodeName {
        &self.node
    }

    /// `user@realm!name`, without the secret.
    pub fn token_id(&self) -> &str {
        &self.token_id
    }
}

impl fmt::Debug for Endpoint {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} at {} as {}", self.node, self.url, self.token_id)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn endpoint(url: &str, token: &str) -> Result<Endpoint, BadEndpoint> {
        Endpoint::new(url, "pve".parse().unwrap(), Trust::Pins(Vec::new()), token)
    }

    #[test]
    fn takes_a_token_and_shows_its_id_only() {
        let endpoint = endpoint("https://127.0.0.1:8006", "mint@pve!agent=0f0e-secret\n").unwrap();
        assert_eq!(endpoint.token_id(), "mint@pve!agent");
        assert!(!format!("{endpoint:?} {:?}", endpoint.authorization).contains("0f0e"));
    }

    #[test]
    fn refuses_what_would_send_the_token_astray() {
        for url in ["http://pve:8006", "pve:8006", "https://pve:8006/api2", "https://me@pve:8006"] {
            assert!(matches!(endpoint(url, "a@b!cc=s"), Err(BadEndpoint::Url { .. })), "{url}");
        }
        for token in ["", "a@b!cc", "a@b=s", "a@b!cc=", "a@b!cc=s\nt"] {
            assert_eq!(endpoint("https://pve:8006", token).unwrap_err(), BadEndpoint::Token, "{token:?}");
        }
    }
}
