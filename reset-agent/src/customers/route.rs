//! The way into the guest for one env file: through the helper on the node, or over SSH where there is none.

use std::net::SocketAddr;
use std::time::Duration;

use serde::{Deserialize, Serialize};
use spec::ids::Vmid;

use crate::context::Context;
use crate::guest::ssh::credential::Credential;
use crate::guest::ssh::host_key::{PinnedKey, Trust};
use crate::guest::ssh::session::{HostKeyCheck, SshError};
use crate::guest::visit::enter;
use crate::guest::{Helper, HelperError, Place, PlacedFile};

/// The file's name in the helper's place for secrets.
const NAME: &str = "secrets.env";
const DEADLINE: Duration = Duration::from_mins(1);

/// The same as the helper does, in the guest's own shell. The content comes by stdin: an argument can be read by all.
/// It ends by saying what is there now.
const WRITE: &str = "set -eu; umask 077; mkdir -p /etc/mintmark; f=/etc/mintmark/secrets.env; \
     t=$(mktemp /etc/mintmark/.secrets.XXXXXX); trap 'rm -f \"$t\"' EXIT; cat > \"$t\"; chown 0:0 \"$t\"; \
     chmod 600 \"$t\"; sync \"$t\"; mv -fT \"$t\" \"$f\"; stat -c '%a %u %g' \"$f\"; grep -c '^[A-Z_]' \"$f\"";
const REMOVE: &str = "rm -f /etc/mintmark/secrets.env";

/// How the file went in.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Route {
    /// The helper wrote it from outside, below the guest's root.
    Helper,
    /// The guest's shell wrote it, over a connection to the pinned host key.
    Ssh,
}

/// Why the file did not go in, or not out. Nothing of it is told.
#[derive(Debug, thiserror::Error)]
pub enum RouteError {
    /// The helper did not do it.
    #[error("the helper did not take the secrets")]
    Helper(#[source] Box<HelperError>),
    /// It put other files than were asked for.
    #[error("the helper answered that it wrote {written:?}, not {NAME}")]
    Unproven {
        /// What it says it wrote.
        written: Vec<String>,
    },
    /// No session.
    #[error("the guest cannot be entered")]
    Session(#[source] Box<SshError>),
    /// The guest's shell failed.
    #[error("writing the secrets failed in the guest: {why}")]
    Failed {
        /// Its exit status; what it complained about is kept out.
        why: String,
    },
    /// What is there is not what was written.
    #[error("the guest has {found:?} where a file of mode 600, owner 0:0 and {expected} secrets must be")]
    Other {
        /// Mode, owner, group and count, as the guest says.
        found: String,
        /// How many secrets were written.
        expected: usize,
    },
    /// There is no way in.
    #[error("there is no way into the guest for secrets: set `helper.socket`, or a login (`ssh.user_ca`, `ssh.agent`)")]
    NoWay,
    /// Nobody vouches for the guest's host key.
    #[error(
        "nobody vouches for the guest's host key (first contact was trusted), and secrets do not go there: use the \
         helper, or set `secrets.over_first_contact` and accept who may have answered"
    )]
    FirstContact,
}

/// Where a guest is reached, and by which keys it is known.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Reachable {
    /// The guest.
    pub guest: Vmid,
    /// Address and port of its sshd.
    pub socket: SocketAddr,
    /// The keys that are pinned.
    pub host_keys: Vec<PinnedKey>,
    /// Who vouches for them.
    pub trust: Trust,
}

/// A way that is open.
pub(super) enum Way<'a> {
    /// By the helper.
    Helper(&'a Helper),
    /// By a login.
    Ssh(&'a Reachable, Box<Credential>),
}

impl<'a> Way<'a> {
    /// The way that there is: the helper's first.
    ///
    /// # Errors
    /// There is none, or none that may be taken.
    pub(super) fn choose(
        ctx: &'a Context,
        reachable: Option<&'a Reachable>,
        credential: Option<Credential>,
    ) -> Result<Self, RouteError> {
        if let Some(helper) = &ctx.helper {
            return Ok(Self::Helper(helper));
        }
        let (reachable, credential) = reachable.zip(credential).ok_or(RouteError::NoWay)?;
        let accepted = ctx.settings.secrets.as_ref().is_some_and(|set| set.over_first_contact);
        if reachable.trust == Trust::Tofu && !accepted {
            return Err(RouteError::FirstContact);
        }
        Ok(Self::Ssh(reachable, Box::new(credential)))
    }

    /// Which it is.
    pub(super) fn route(&self) -> Route {
        match self {
            Self::Helper(_) => Route::Helper,
            Self::Ssh(..) => Route::Ssh,
        }
    }

    /// Writes the env file of so many secrets, mode 0600, owned by the guest's root, in place of the one before.
    pub(super) async fn write(&self, user: &str, vmid: Vmid, file: &[u8], count: usize) -> Result<(), RouteError> {
        let refused = |error| RouteError::Helper(Box::new(error));
        match self {
            Self::Helper(helper) => {
                let placed = [PlacedFile { name: NAME, content: file }];
                let done = helper.deliver(vmid, Place::Secrets, &placed).await.map_err(refused)?;
                if done.delivered == [NAME] { Ok(()) } else { Err(RouteError::Unproven { written: done.delivered }) }
            }
            Self::Ssh(reachable, credential) => {
                let said = over_ssh(reachable, credential, user, WRITE, file).await?;
                if said.split_whitespace().eq(["600", "0", "0", count.to_string().as_str()]) {
                    Ok(())
                } else {
                    Err(RouteError::Other { found: said.trim().to_owned(), expected: count })
                }
            }
        }
    }

    /// Takes the env file away; none is no error.
    pub(super) async fn remove(&self, user: &str, vmid: Vmid) -> Result<(), RouteError> {
        let refused = |error| RouteError::Helper(Box::new(error));
        match self {
            Self::Helper(helper) => helper.withdraw(vmid, Place::Secrets).await.map(drop).map_err(refused),
            Self::Ssh(reachable, credential) => over_ssh(reachable, credential, user, REMOVE, &[]).await.map(drop),
        }
    }
}

async fn over_ssh(
    to: &Reachable,
    credential: &Credential,
    user: &str,
    command: &str,
    input: &[u8],
) -> Result<String, RouteError> {
    let session = |error| RouteError::Session(Box::new(error));
    let check = HostKeyCheck::Pinned { guest: to.guest, keys: to.host_keys.clone() };
    let mut guest = enter(to.socket, check, user, Some(credential)).await.map_err(session)?;
    let output = guest.feed(command, input, DEADLINE).await.map_err(session)?;
    guest.close().await;
    if output.success() {
        return Ok(output.stdout);
    }
    let status = output.status.map_or_else(|| "no exit status".to_owned(), |status| format!("exit status {status}"));
    Err(RouteError::Failed { why: status })
}
