//! What the service speaks TLS with; the provider is passed, never taken from the process.

use std::path::PathBuf;
use std::sync::Arc;

use rustls::ServerConfig;
use rustls::pki_types::pem::PemObject;
use rustls::pki_types::{CertificateDer, PrivateKeyDer};
use tokio_rustls::TlsAcceptor;

use crate::config::{SecretError, TlsSettings};

/// Why there is no TLS.
#[derive(Debug, thiserror::Error)]
pub enum TlsError {
    /// The certificate cannot be read.
    #[error("the certificate {path} (serve.certificate) cannot be read as PEM")]
    Certificate {
        /// The file.
        path: PathBuf,
        /// Why not.
        source: rustls::pki_types::pem::Error,
    },
    /// The key cannot be had.
    #[error("the key of serve.key cannot be had")]
    Key(#[from] SecretError),
    /// The key is no PEM key.
    #[error("the key of serve.key is no private key in PEM form")]
    NoKey(#[source] rustls::pki_types::pem::Error),
    /// The two do not fit each other, or are not accepted.
    #[error("serve.certificate and serve.key are not accepted")]
    Refused(#[from] rustls::Error),
}

/// TLS 1.3 and nothing older.
pub(super) fn acceptor(settings: &TlsSettings) -> Result<TlsAcceptor, TlsError> {
    let unreadable = |source| TlsError::Certificate { path: settings.certificate.clone(), source };
    let chain = CertificateDer::pem_file_iter(&settings.certificate).and_then(Iterator::collect).map_err(unreadable)?;
    let key = PrivateKeyDer::from_pem_slice(settings.key.read()?.as_bytes()).map_err(TlsError::NoKey)?;
    let provider = Arc::new(rustls::crypto::aws_lc_rs::default_provider());
    let builder = ServerConfig::builder_with_provider(provider).with_protocol_versions(&[&rustls::version::TLS13])?;
    let mut config = builder.with_no_client_auth().with_single_cert(chain, key)?;
    config.alpn_protocols = vec![b"http/1.1".to_vec()];
    Ok(TlsAcceptor::from(Arc::new(config)))
}
