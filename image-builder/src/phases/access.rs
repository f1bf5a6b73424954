//! Access: who may log in to guests of this golden. Passwords open nothing, for nobody.

use pve_host::process::CommandError;

use crate::guest::Inside;
use crate::login::Login;
use crate::workshop::Workshop;

/// The CA's public half in a guest.
const USER_CA: &str = "/etc/ssh/mintmark_user_ca.pub";
/// sshd's configuration for it; Debian's `sshd_config` includes the folder before anything else, so it wins.
const SSHD_DROP_IN: &str = "/etc/ssh/sshd_config.d/10-mintmark.conf";
/// Root's keys in a guest.
const AUTHORIZED_KEYS: &str = "/root/.ssh/authorized_keys";
/// No password opens a guest, for root or anybody.
const NO_PASSWORDS: &str =
    "PermitRootLogin prohibit-password\nPasswordAuthentication no\nKbdInteractiveAuthentication no\n";

/// Why the access could not be set up.
#[derive(Debug, thiserror::Error)]
pub enum AccessError {
    /// The guest refused.
    #[error("cannot write the access into the build guest")]
    Node(#[from] CommandError),
    /// sshd does not take its configuration.
    #[error("sshd in the build guest refuses its configuration; is openssh-server installed?")]
    Sshd(#[source] CommandError),
}

/// Writes keys and sshd's configuration, and has sshd check it.
pub(super) fn set_up(workshop: &Workshop<'_>, inside: &Inside<'_>) -> Result<(), AccessError> {
    match workshop.login {
        Login::None => return Ok(()),
        Login::UserCa(key) => {
            inside.write(USER_CA, &format!("{key}\n"), 0o644)?;
            inside.write(SSHD_DROP_IN, &format!("TrustedUserCAKeys {USER_CA}\n{NO_PASSWORDS}"), 0o644)?;
        }
        Login::AdminKeys(keys) => {
            let lines: Vec<String> = keys.iter().map(|key| format!("{key}\n")).collect();
            inside.write(AUTHORIZED_KEYS, &lines.concat(), 0o600)?;
            inside.write(SSHD_DROP_IN, NO_PASSWORDS, 0o644)?;
        }
    }
    // `-t` wants the directory that the service's RuntimeDirectory= makes.
    inside.run(&["mkdir", "-p", "/run/sshd"])?.ok()?;
    inside.run(&["sshd", "-t"])?.ok().map(drop).map_err(AccessError::Sshd)
}
