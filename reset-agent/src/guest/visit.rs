//! A visit to a guest over SSH: in by the pinned keys, and asked to look at itself where nobody else can look.

use std::net::SocketAddr;
use std::time::Duration;

use spec::identity::Observation;

use super::ssh::command::quote;
use super::ssh::credential::Credential;
use super::ssh::session::{HostKeyCheck, Session, SshError, connect};

/// The baked program's own look; the same code that the helper uses, run by the guest on itself.
const OBSERVE: &[&str] = &["/usr/lib/mintmark/firstboot", "observe"];
const DEADLINE: Duration = Duration::from_mins(1);

/// Connects, proves the host, and logs in where there is a credential.
///
/// # Errors
/// [`SshError`].
pub async fn enter(
    socket: SocketAddr,
    check: HostKeyCheck,
    user: &str,
    credential: Option<&Credential>,
) -> Result<Session, SshError> {
    let mut session = connect(socket, check).await?;
    if let Some(credential) = credential {
        session.login(user, credential).await?;
    }
    Ok(session)
}

/// Has the guest look at itself. None where it has no such program, or answers something else: then nobody looked.
///
/// # Errors
/// The session broke.
pub async fn observe_itself(session: &mut Session) -> Result<Option<Vec<Observation>>, SshError> {
    let output = session.run(&quote(OBSERVE), DEADLINE).await?;
    if !output.success() {
        tracing::debug!(said = output.in_words(), "the guest cannot observe itself");
        return Ok(None);
    }
    Ok(serde_json::from_str(&output.stdout).ok())
}
