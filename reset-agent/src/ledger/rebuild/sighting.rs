//! Both sides of the comparison.

use std::collections::BTreeSet;

use spec::identity::{Identity, IdentityKind};
use spec::ids::{Hostname, NodeName, Vmid};

use crate::ledger::error::{LedgerError, storage};
use crate::ledger::guest::{Guest, GuestState};
use crate::ledger::lookup::{Ledger, Scope};
use crate::ledger::rows::Kept;
use crate::mark::Mark;

/// A guest as it was seen on the cluster.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Sighted {
    /// Its number.
    pub vmid: Vmid,
    /// Where it is.
    pub node: NodeName,
    /// What of its configuration was seen; none where it could not be read.
    pub config: Option<Configured>,
    /// What it is known by: its MAC addresses and, where somebody looked into its tree, what was seen there.
    pub identities: BTreeSet<Identity>,
    /// Whether somebody looked into its tree.
    pub looked_into: bool,
}

/// What a configuration says of its guest.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Configured {
    /// The mark in its description, where it bears one.
    pub mark: Option<Mark>,
    /// Its hostname.
    pub hostname: Option<Hostname>,
}

/// A live guest as the ledger knows it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Known {
    /// Its row.
    pub guest: Guest,
    /// What it holds, as the ledger keeps it.
    pub held: BTreeSet<Identity>,
}

impl Known {
    /// Whether everything that it is known by was recorded: that comes with the verification.
    pub(super) fn is_recorded(&self) -> bool {
        self.guest.state == GuestState::Active
    }
}

/// Whether a value of this kind stays as it is while nobody changes it. Addresses move by lease; a random seed and the
/// like are written anew with every boot.
pub fn is_steady(kind: &IdentityKind) -> bool {
    match kind {
        IdentityKind::Mac
        | IdentityKind::MachineId
        | IdentityKind::DbusMachineId
        | IdentityKind::SshHostKey(_)
        | IdentityKind::DockerEngineId
        | IdentityKind::DhcpDuid => true,
        IdentityKind::Ip | IdentityKind::Hostname | IdentityKind::ContentOf(_) => false,
    }
}

impl Ledger {
    /// The live guests, with what they hold.
    ///
    /// # Errors
    /// [`LedgerError::Storage`], [`LedgerError::BadRow`].
    pub async fn known(&self) -> Result<Vec<Known>, LedgerError> {
        let mut known = Vec::new();
        for guest in self.list(Scope::Live).await? {
            let owned = self.identities(guest.id).await?;
            let held = owned.into_iter().filter(|owned| owned.retired_at.is_none()).map(|owned| owned.identity);
            known.push(Known { held: held.collect(), guest });
        }
        Ok(known)
    }

    /// A value as the ledger keeps it: machine-ids by their keyed digest.
    pub fn kept(&self, identity: &Identity) -> Identity {
        Identity { kind: identity.kind.clone(), value: Kept::of(identity, &self.key).value }
    }

    /// The state of a run's guest that the ledger has struck, released or destroyed; none for any other run.
    ///
    /// # Errors
    /// [`LedgerError::Storage`], [`LedgerError::BadRow`].
    pub async fn struck(&self, run: &str) -> Result<Option<GuestState>, LedgerError> {
        let word: Option<String> = sqlx::query_scalar(
            "SELECT state FROM guests WHERE run = $1 AND state IN ('released', 'destroyed') ORDER BY id DESC LIMIT 1",
        )
        .bind(run.to_owned())
        .fetch_optional(&self.pool)
        .await
        .map_err(storage("look for a run's guest"))?;
        Ok(word.as_deref().and_then(GuestState::from_word))
    }
}
