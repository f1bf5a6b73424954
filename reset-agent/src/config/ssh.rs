//! `[ssh]`: how the agent logs in to guests.

use std::path::{Path, PathBuf};
use std::time::Duration;

use serde::Deserialize;
use ssh_key::Fingerprint;

use super::secret::SecretRef;
use super::setting::{BadSetting, accept};
use crate::guest::ssh::agent_key::{AgentKey, AgentSocket};

/// `[ssh]`
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Written {
    /// Who to log in as.
    pub user: Option<String>,
    /// `file:PATH` of the operator's SSH user CA, the private half.
    pub user_ca: Option<String>,
    /// An ssh-agent's socket, or `env` for the one that `SSH_AUTH_SOCK` names.
    pub agent: Option<String>,
    /// `SHA256:…` of the key that the ssh-agent is to use.
    pub agent_key: Option<String>,
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
    /// How it is let in; without that the agent checks host keys and does not log in.
    pub login: Option<LoginSettings>,
    /// The fleet's host CA; without it no host certificates are made.
    pub host_ca: Option<HostCaSettings>,
    /// The known_hosts file that the agent keeps.
    pub known_hosts: PathBuf,
    /// The file of SSHFP records that the agent keeps, where a name server wants them.
    pub sshfp: Option<PathBuf>,
    /// The guests' SSH port.
    pub port: u16,
}

/// How the agent is let in to guests.
#[derive(Debug, Clone)]
pub enum LoginSettings {
    /// By a certificate for a key of each run's own: here lies the operator's user CA.
    UserCa(SecretRef),
    /// By a key that an ssh-agent holds.
    Agent(AgentKey),
}

impl SshSettings {
    /// Whether the agent logs in to guests.
    pub fn logs_in(&self) -> bool {
        self.login.is_some()
    }
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
    let login = login(ssh.user_ca.as_deref(), ssh.agent, ssh.agent_key)?;
    let host_ca = host_ca(ssh.host_ca.as_deref(), ssh.host_certificate_days)?;
    Ok(SshSettings {
        user: ssh.user.unwrap_or_else(|| "root".into()),
        login,
        host_ca,
        known_hosts: ssh.known_hosts,
        sshfp: ssh.sshfp.map(absolute).transpose()?,
        port: ssh.port.unwrap_or(22),
    })
}

fn login(
    user_ca: Option<&str>,
    agent: Option<String>,
    agent_key: Option<String>,
) -> Result<Option<LoginSettings>, BadSetting> {
    let refused = |key, value: String, why: &str| Err(BadSetting { key, value, why: why.to_owned() });
    match (user_ca, agent, agent_key) {
        (Some(_), Some(agent), _) => {
            refused("ssh.agent", agent, "`ssh.user_ca` is set too, and there is one way in: keep one of the two keys")
        }
        (_, None, Some(key)) => refused("ssh.agent_key", key, "it picks a key of an ssh-agent: set `ssh.agent` too"),
        (None, None, None) => Ok(None),
        (Some(reference), None, None) => Ok(Some(LoginSettings::UserCa(accept("ssh.user_ca", reference)?))),
        (None, Some(agent), key) => {
            let socket = match agent.as_str() {
                "env" => AgentSocket::Environment,
                path if Path::new(path).is_absolute() => AgentSocket::At(path.into()),
                _ => return refused("ssh.agent", agent, "write the absolute path of its socket, or \"env\""),
            };
            // Written as OpenSSH prints it, so that it compares with what the ssh-agent tells.
            let key = key.map(|key| accept::<Fingerprint>("ssh.agent_key", &key)).transpose()?;
            Ok(Some(LoginSettings::Agent(AgentKey { socket, key: key.map(|key| key.to_string()) })))
        }
    }
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

#[cfg(test)]
mod tests {
    use super::*;

    fn accepted_of(lines: &str) -> Result<SshSettings, BadSetting> {
        accepted(toml::from_str(&format!("known_hosts = \"/k\"\n{lines}")).unwrap())
    }

    const KEY: &str = "SHA256:he9Xwj0E/siV9lc3SdRBCjYlN6K8B+PVEL2kI3vJ2S4";

    #[test]
    fn s1_03_there_is_one_way_in_and_a_second_is_refused_by_both_names() {
        let both = accepted_of("user_ca = \"file:/ca\"\nagent = \"env\"").unwrap_err().to_string();
        assert!(both.contains("ssh.agent") && both.contains("ssh.user_ca"), "{both}");
        for (lines, key) in [
            ("agent = \"agent.sock\"", "ssh.agent"),
            ("agent = \"\"", "ssh.agent"),
            ("agent = \"env\"\nagent_key = \"MD5:00\"", "ssh.agent_key"),
            ("agent_key = \"SHA256:x\"", "ssh.agent_key"),
            ("host_certificate_days = 30", "ssh.host_certificate_days"),
            ("host_ca = \"file:/ca\"\nhost_certificate_days = 0", "ssh.host_certificate_days"),
            ("host_ca = \"/ca\"", "ssh.host_ca"),
            ("sshfp = \"zone\"", "ssh.sshfp"),
        ] {
            assert_eq!(accepted_of(lines).unwrap_err().key, key, "{lines}");
        }
    }

    #[test]
    fn s1_03_an_ssh_agent_is_accepted_by_path_or_environment() {
        assert!(!accepted_of("").unwrap().logs_in());
        let login = accepted_of(&format!("agent = \"/run/agent.sock\"\nagent_key = \"{KEY}\"")).unwrap().login;
        let Some(LoginSettings::Agent(agent)) = login else { panic!("{login:?}") };
        assert_eq!(agent, AgentKey { socket: AgentSocket::At("/run/agent.sock".into()), key: Some(KEY.into()) });
        let login = accepted_of("agent = \"env\"").unwrap().login;
        assert!(matches!(login, Some(LoginSettings::Agent(agent)) if agent.socket == AgentSocket::Environment));
    }

    #[test]
    fn a_host_certificate_is_good_for_ninety_days_unless_said_otherwise() {
        let valid = |lines: &str| accepted_of(&format!("host_ca = \"file:/ca\"\n{lines}")).unwrap().host_ca.unwrap();
        assert_eq!(valid("").valid_for, Duration::from_hours(24 * 90));
        assert_eq!(valid("host_certificate_days = 1").valid_for, Duration::from_hours(24));
    }
}
