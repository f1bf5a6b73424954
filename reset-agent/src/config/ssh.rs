//! `[ssh]`: how the agent logs in to guests.

use std::path::PathBuf;

use serde::Deserialize;

use super::secret::SecretRef;
use super::setting::{BadSetting, accept};

/// `[ssh]`
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Written {
    /// Who to log in as.
    pub user: Option<String>,
    /// `file:PATH` of the operator's SSH user CA, the private half.
    pub user_ca: Option<String>,
    /// The known_hosts file that the agent keeps.
    pub known_hosts: PathBuf,
    /// The port of the guests' sshd.
    pub port: Option<u16>,
}

/// How to log in to guests.
#[derive(Debug, Clone)]
pub struct SshSettings {
    /// Who to log in as.
    pub user: String,
    /// Where the operator's user CA lies; without it the agent checks host keys and does not log in.
    pub user_ca: Option<SecretRef>,
    /// The known_hosts file that the agent keeps.
    pub known_hosts: PathBuf,
    /// The guests' SSH port.
    pub port: u16,
}

/// Accepts the section.
pub(super) fn accepted(ssh: Written) -> Result<SshSettings, BadSetting> {
    Ok(SshSettings {
        user: ssh.user.unwrap_or_else(|| "root".into()),
        user_ca: ssh.user_ca.as_deref().map(|reference| accept("ssh.user_ca", reference)).transpose()?,
        known_hosts: ssh.known_hosts,
        port: ssh.port.unwrap_or(22),
    })
}
