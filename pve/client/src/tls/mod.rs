//! Whom the client believes to be the node: a pinned certificate or a pinned authority, and nobody else.

mod config;
mod fingerprint;
mod verifier;

pub use config::{TlsSetupError, Trust};
pub use fingerprint::{BadFingerprint, Fingerprint};

pub(crate) use config::client_config;
pub(crate) use verifier::LastSeen;
