//! The API's certificate: self-signed, made once, known by its fingerprint.

use std::fs;
use std::io::Write;
use std::os::unix::fs::OpenOptionsExt;
use std::path::Path;
use std::sync::Arc;

use rustls::ServerConfig;
use rustls::pki_types::pem::PemObject;
use rustls::pki_types::{CertificateDer, PrivateKeyDer};
use sha2::{Digest, Sha256};

use crate::error::Die;
use crate::state::{Layout, locks};

/// Why there is no certificate.
#[derive(Debug, thiserror::Error)]
pub enum TlsError {
    /// It could not be made.
    #[error("unable to make a certificate")]
    Make(#[from] rcgen::Error),
    /// The files in `priv/` do not read.
    #[error("the certificate or key in priv/ does not read: remove both, and the node makes new ones")]
    Read(#[from] rustls::pki_types::pem::Error),
    /// Certificate and key do not fit each other, or the library refuses them.
    #[error("the certificate or key in priv/ cannot be used: remove both, and the node makes new ones")]
    Use(#[from] rustls::Error),
    /// A file is out of reach.
    #[error(transparent)]
    Io(#[from] Die),
}

/// The certificate's SHA-256 in Proxmox's form; the certificate is made when there is none.
pub fn fingerprint(layout: &Layout, node: &str) -> Result<String, TlsError> {
    let certificate = certificate(layout, node)?;
    Ok(Sha256::digest(&certificate).iter().map(|byte| format!("{byte:02X}")).collect::<Vec<_>>().join(":"))
}

fn certificate(layout: &Layout, node: &str) -> Result<CertificateDer<'static>, TlsError> {
    let _lock = locks::acquire(&layout.certificate().with_extension("lock"), locks::PATIENCE, &|_| ())?;
    if !layout.certificate().exists() {
        make(layout, node)?;
    }
    Ok(CertificateDer::from_pem_file(layout.certificate())?)
}

fn make(layout: &Layout, node: &str) -> Result<(), TlsError> {
    let names = [node, "localhost", "127.0.0.1", "::1"].map(str::to_owned).to_vec();
    let made = rcgen::generate_simple_self_signed(names)?;
    write(&layout.private_key(), &made.signing_key.serialize_pem(), 0o600)?;
    // The certificate comes last: where it is, the key is too.
    Ok(write(&layout.certificate(), &made.cert.pem(), 0o644)?)
}

fn write(path: &Path, text: &str, mode: u32) -> Result<(), Die> {
    let file = fs::OpenOptions::new().write(true).create(true).truncate(true).mode(mode).open(path);
    file.and_then(|mut file| file.write_all(text.as_bytes())).map_err(Die::io("write", path))
}

/// What the server speaks TLS with; the provider is passed, never taken from the process.
pub(super) fn server_config(layout: &Layout, node: &str) -> Result<ServerConfig, TlsError> {
    let certificate = certificate(layout, node)?;
    let key = PrivateKeyDer::from_pem_file(layout.private_key())?;
    let provider = Arc::new(rustls::crypto::aws_lc_rs::default_provider());
    let builder = ServerConfig::builder_with_provider(provider).with_safe_default_protocol_versions()?;
    let mut config = builder.with_no_client_auth().with_single_cert(vec![certificate], key)?;
    config.alpn_protocols = vec![b"http/1.1".to_vec()];
    Ok(config)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_certificate_is_made_once_and_its_key_is_private() {
        use std::os::unix::fs::PermissionsExt;
        let dir = tempfile::tempdir().unwrap();
        fs::create_dir(dir.path().join("priv")).unwrap();
        let layout = Layout::new(dir.path().to_owned());
        let first = fingerprint(&layout, "pve").unwrap();
        assert_eq!((first.len(), first.matches(':').count()), (95, 31));
        assert_eq!(fingerprint(&layout, "pve").unwrap(), first);
        assert_eq!(fs::metadata(layout.private_key()).unwrap().permissions().mode() & 0o777, 0o600);
        assert!(server_config(&layout, "pve").is_ok());
    }
}
