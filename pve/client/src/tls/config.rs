//! The TLS configuration of a client, for either kind of trust.

use std::sync::Arc;

use rustls::client::VerifierBuilderError;
use rustls::pki_types::CertificateDer;
use rustls::pki_types::pem::{self, PemObject};
use rustls::{ClientConfig, RootCertStore};

use super::fingerprint::Fingerprint;
use super::verifier::{AuthorityCertificates, LastSeen, PinnedCertificates};

/// Whose certificate is accepted.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Trust {
    /// Exactly these certificates. Proxmox renews its own within two years, so a list, the next one ahead of time.
    Pins(Vec<Fingerprint>),
    /// Whatever this authority (PEM text, `pve-root-ca.pem`) issued for the node's name or address.
    Authority(String),
}

/// Why no TLS configuration could be made.
#[derive(Debug, thiserror::Error)]
pub enum TlsSetupError {
    /// Nothing to trust.
    #[error("no fingerprint is pinned: without one no node can be believed")]
    NoPins,
    /// The authority's file is not PEM.
    #[error("the authority is not a PEM certificate")]
    Pem(#[source] pem::Error),
    /// The authority's file holds no certificate.
    #[error("the authority's PEM text holds no certificate")]
    NoCertificate,
    /// The authority's certificate cannot vouch for anybody.
    #[error("the authority's certificate is not usable")]
    Authority(#[source] VerifierBuilderError),
    /// rustls does not take it.
    #[error("the TLS library refuses the configuration")]
    Rustls(#[from] rustls::Error),
}

/// A configuration with the provider passed explicitly, so that no process-wide default can slip in.
pub(crate) fn client_config(trust: &Trust, refused: LastSeen) -> Result<ClientConfig, TlsSetupError> {
    let provider = Arc::new(rustls::crypto::aws_lc_rs::default_provider());
    let builder = ClientConfig::builder_with_provider(Arc::clone(&provider)).with_safe_default_protocol_versions()?;
    match trust {
        Trust::Pins(pins) if pins.is_empty() => Err(TlsSetupError::NoPins),
        Trust::Pins(pins) => {
            let verifier = PinnedCertificates { pins: pins.clone(), provider, refused };
            Ok(builder.dangerous().with_custom_certificate_verifier(Arc::new(verifier)).with_no_client_auth())
        }
        Trust::Authority(text) => {
            let verifier = AuthorityCertificates::new(authorities(text)?, provider, refused)?;
            Ok(builder.dangerous().with_custom_certificate_verifier(Arc::new(verifier)).with_no_client_auth())
        }
    }
}

fn authorities(text: &str) -> Result<RootCertStore, TlsSetupError> {
    let mut store = RootCertStore::empty();
    for certificate in CertificateDer::pem_slice_iter(text.as_bytes()) {
        store.add(certificate.map_err(TlsSetupError::Pem)?)?;
    }
    if store.is_empty() { Err(TlsSetupError::NoCertificate) } else { Ok(store) }
}
