//! `[ssh]`: how the agent logs in to guests.

use std::path::PathBuf;
use std::time::Duration;

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
    /// `file:PATH` of the fleet's SSH host CA, the private half.
    pub host_ca: Option<String>,
    /// Days for which a host certificate is good.
    pub host_certificate_days: Option<u32>,
    /// The known_hosts file that the agent keeps.
    pub known_hosts: PathBuf,
    /// The file of SSHFP records that the agent keeps.
    pub sshfp: Option<PathBuf>,
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
    /// The fleet's host CA; without it no host certificates are made.
    pub host_ca: Option<HostCaSettings>,
    /// The known_hosts file that the agent keeps.
    pub known_hosts: PathBuf,
    /// The file of SSHFP records that the agent keeps, where a name server wants them.
    pub sshfp: Option<PathBuf>,
    /// The guests' SSH port.
    pub port: u16,
}

/// The fleet's host CA.
#[derive(Debug, Clone)]
pub struct HostCaSettings {
    /// Where its private half lies.
    pub key: SecretRef,
    /// How long a certificate is good.
    pub valid_for: Duration,
}

/// A quarter of a year: longer than most guests go without a boot, short enough for a lost list of revoked ones.
const DAYS: u32 = 90;
/// Ten years; what is longer is a mistake.
const MOST_DAYS: u32 = 3660;

/// Accepts the section.
pub(super) fn accepted(ssh: Written) -> Result<SshSettings, BadSetting> {
    let host_ca = host_ca(ssh.host_ca.as_deref(), ssh.host_certificate_days)?;
    Ok(SshSettings {
        user: ssh.user.unwrap_or_else(|| "root".into()),
        user_ca: ssh.user_ca.as_deref().map(|reference| accept("ssh.user_ca", reference)).transpose()?,
        host_ca,
        known_hosts: ssh.known_hosts,
        sshfp: ssh.sshfp.map(absolute).transpose()?,
        port: ssh.port.unwrap_or(22),
    })
}

fn host_ca(key: Option<&str>, days: Option<u32>) -> Result<Option<HostCaSettings>, BadSetting> {
    let refused = |value: u32, why: &str| {
        Err(BadSetting { key: "ssh.host_certificate_days", value: value.to_string(), why: why.to_owned() })
    };
    match (key, days) {
        (None, None) => Ok(None),
        (None, Some(days)) => refused(days, "there are no host certificates without `ssh.host_ca`"),
        (Some(_), Some(days)) if !(1..=MOST_DAYS).contains(&days) => refused(days, "write 1 to 3660"),
        (Some(key), days) => Ok(Some(HostCaSettings {
            key: accept("ssh.host_ca", key)?,
            valid_for: Duration::from_hours(24 * u64::from(days.unwrap_or(DAYS))),
        })),
    }
}

fn absolute(path: PathBuf) -> Result<PathBuf, BadSetting> {
    if path.is_absolute() {
        return Ok(path);
    }
    let (value, why) = (path.display().to_string(), "write an absolute path".to_owned());
    Err(BadSetting { key: "ssh.sshfp", value, why })
}
