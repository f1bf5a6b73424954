//! Host certificates that must not be believed any more.

use std::time::SystemTime;

use serde::Serialize;

use crate::agent::Agent;
use crate::guest::ssh::host_ca::HostCa;
use crate::ledger::HostCertificate;
use crate::stop::Stop;

/// The revoked certificates of the configured host CA.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Revoked {
    /// `SHA256:…` of the CA.
    pub ca: String,
    /// Those that have not ended by themselves, oldest first.
    pub revoked: Vec<Serial>,
}

/// One of them.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Serial {
    /// Its number, decimal: as text, since JSON's readers round such numbers.
    pub serial: String,
    /// Its name in logs, `guest-VMID`.
    pub key_id: String,
    /// `SHA256:…` of the key that it certifies.
    pub host_key: String,
    /// When it ends, seconds since 1970.
    pub valid_before: u64,
}

/// Lists them.
///
/// # Errors
/// No host CA is configured, it cannot be read, or the ledger cannot.
pub async fn revoked(agent: &Agent) -> Result<Revoked, Stop> {
    let Some(settings) = &agent.context.settings.ssh.host_ca else {
        return Err(Stop::bad_input("`ssh.host_ca` is not set: name the CA whose revoked certificates are wanted"));
    };
    let text = settings.key.read().map_err(Stop::usage)?;
    let ca = HostCa::read(&text).map_err(Stop::usage)?.fingerprint();
    let now = SystemTime::now().duration_since(SystemTime::UNIX_EPOCH).map_err(Stop::failed)?.as_secs();
    let rows = agent.context.ledger.revoked_host_certificates(&ca, now).await.map_err(Stop::failed)?;
    Ok(Revoked { ca, revoked: rows.into_iter().map(Serial::from).collect() })
}

impl From<HostCertificate> for Serial {
    fn from(row: HostCertificate) -> Self {
        let HostCertificate { serial, key_id, host_key, valid_before, .. } = row;
        Self { serial: serial.to_string(), key_id, host_key, valid_before }
    }
}
