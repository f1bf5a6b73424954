//! The client itself; its calls stand in `calls`, a resource per file.

use reqwest::Method;
use serde::de::{DeserializeOwned, IgnoredAny};
use spec::ids::{NodeName, Vmid};

use crate::endpoint::Endpoint;
use crate::error::CallError;
use crate::params::Params;
use crate::tls::TlsSetupError;
use crate::transport::{Call, SetupError, Transport};

/// Speaks to one node. Cheap to clone; all clones share their connections.
#[derive(Debug, Clone)]
pub struct Client {
    transport: Transport,
}

/// Why there is no client.
#[derive(Debug, thiserror::Error)]
pub enum ClientError {
    /// Whom to trust is not clear.
    #[error("the trust in the node cannot be set up")]
    Tls(#[source] TlsSetupError),
    /// The HTTP library refuses.
    #[error("the HTTP client cannot be set up")]
    Http(#[source] reqwest::Error),
}

impl Client {
    /// A client for an endpoint. Nothing is sent yet.
    ///
    /// # Errors
    /// [`ClientError`]: the trust cannot be set up.
    pub fn new(endpoint: Endpoint) -> Result<Self, ClientError> {
        let transport = Transport::new(endpoint).map_err(|error| match error {
            SetupError::Tls(source) => ClientError::Tls(source),
            SetupError::Http(source) => ClientError::Http(source),
        })?;
        Ok(Self { transport })
    }

    /// The node whose guests are meant.
    pub fn node(&self) -> &NodeName {
        self.transport.endpoint().node()
    }

    /// `user@realm!name` of the token that asks.
    pub fn token_id(&self) -> &str {
        self.transport.endpoint().token_id()
    }

    pub(crate) async fn get<T: DeserializeOwned>(&self, path: String, params: Params) -> Result<T, CallError> {
        self.transport.send(Call::new(Method::GET, path, params)).await
    }

    pub(crate) async fn post<T: DeserializeOwned>(&self, path: String, params: Params) -> Result<T, CallError> {
        self.transport.send(Call::new(Method::POST, path, params)).await
    }

    pub(crate) async fn put<T: DeserializeOwned>(&self, path: String, params: Params) -> Result<T, CallError> {
        self.transport.send(Call::new(Method::PUT, path, params)).await
    }

    /// A PUT whose answer is null.
    pub(crate) async fn put_quietly(&self, path: String, params: Params) -> Result<(), CallError> {
        self.put::<Option<IgnoredAny>>(path, params).await.map(drop)
    }

    pub(crate) async fn delete<T: DeserializeOwned>(&self, path: String, params: Params) -> Result<T, CallError> {
        self.transport.send(Call::new(Method::DELETE, path, params)).await
    }

    /// `/nodes/NODE` + `rest`.
    pub(crate) fn on_node(&self, rest: &str) -> String {
        format!("/nodes/{}{rest}", self.node())
    }

    /// `/nodes/NODE/lxc/VMID` + `rest`.
    pub(crate) fn on_guest(&self, vmid: Vmid, rest: &str) -> String {
        format!("/nodes/{}/lxc/{vmid}{rest}", self.node())
    }
}
