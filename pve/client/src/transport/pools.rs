//! The two pools of connections.

use std::time::Duration;

use crate::tls::{LastSeen, TlsSetupError, Trust, client_config};

/// pveproxy closes idle connections after 5 s: ours are dropped before.
const POOL_IDLE: Duration = Duration::from_secs(3);
const _: () = assert!(POOL_IDLE.as_secs() < 5, "a connection must be ours to drop");
const CONNECT_DEADLINE: Duration = Duration::from_secs(10);

/// How a client could not be made.
#[derive(Debug, thiserror::Error)]
pub(crate) enum SetupError {
    #[error("the trust in the node cannot be set up")]
    Tls(#[from] TlsSetupError),
    #[error("the HTTP client cannot be set up")]
    Http(#[from] reqwest::Error),
}

/// Reads may reuse a connection. Changes never do, since a connection that died unnoticed would leave it open whether
/// the node acted.
#[derive(Debug, Clone)]
pub(super) struct Pools {
    pub(super) reads: reqwest::Client,
    pub(super) changes: reqwest::Client,
    /// The certificate that was refused last.
    pub(super) refused: LastSeen,
}

impl Pools {
    /// No proxy of the environment, no redirect and no repetition of the library's own: a token goes to the node that
    /// it is meant for, and a change goes there once.
    pub(super) fn new(trust: &Trust) -> Result<Self, SetupError> {
        let refused = LastSeen::default();
        let tls = client_config(trust, refused.clone())?;
        let builder = || {
            reqwest::Client::builder()
                .tls_backend_preconfigured(tls.clone())
                .https_only(true)
                .http1_only()
                .no_proxy()
                .redirect(reqwest::redirect::Policy::none())
                .retry(reqwest::retry::never())
                .connect_timeout(CONNECT_DEADLINE)
                .tcp_nodelay(true)
        };
        let reads = builder().pool_idle_timeout(POOL_IDLE).build()?;
        let changes = builder().pool_max_idle_per_host(0).build()?;
        Ok(Self { reads, changes, refused })
    }
}
