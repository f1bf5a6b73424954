//! What runs were asked to do: their inputs, journaled as they were accepted.

use serde::{Deserialize, Serialize};
use spec::ids::{CustomerId, Hostname, InvalidId, NodeName, RunId, Vmid, Volid};
use spec::pct::DiskSize;

use crate::customers::Reachable;
use crate::golden::GoldenRef;
use crate::ledger::{Guest, GuestId};
use crate::volume::Volumes;

/// A new guest for a customer.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct ProvisionRequest {
    /// Whom it is for; also what makes a second request the same one.
    pub customer: CustomerId,
    /// What it is made from.
    pub golden: GoldenRef,
    /// Its hostname.
    pub hostname: Hostname,
    /// The size of its root disk.
    pub size: DiskSize,
    /// Its further volumes.
    #[serde(default, skip_serializing_if = "Volumes::is_empty")]
    pub volumes: Volumes,
    /// Commands that must succeed inside it.
    #[serde(default)]
    pub checks: Vec<String>,
    /// Whether it is restored from the archive though a template may be there.
    #[serde(default)]
    pub cold: bool,
    /// Where the run rests for a person to look.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub hold_after: Option<HoldAfter>,
}

/// A point at which a run rests until a person resumes or aborts it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, clap::ValueEnum)]
#[serde(rename_all = "lowercase")]
pub enum HoldAfter {
    /// The guest is verified and not yet handed over.
    Verify,
}

/// A customer's id as a hostname, for requests that name none.
///
/// # Errors
/// The id holds characters that no hostname may have.
pub fn hostname_of(customer: &CustomerId) -> Result<Hostname, InvalidId> {
    customer.as_str().to_ascii_lowercase().parse()
}

/// What the requests for a guest have in common: all that steps of several plans read of them.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
pub struct Wanted {
    /// Whom it is for.
    pub customer: CustomerId,
    /// Its hostname.
    pub hostname: Hostname,
    /// The size of its root disk.
    pub size: DiskSize,
    /// Its further volumes.
    #[serde(default)]
    pub volumes: Volumes,
    /// Commands that must succeed inside it.
    #[serde(default)]
    pub checks: Vec<String>,
    /// Whether it is restored from the archive though a template may be there.
    #[serde(default)]
    pub cold: bool,
    /// Where the run rests for a person to look.
    #[serde(default)]
    pub hold_after: Option<HoldAfter>,
}

/// A customer's lost guest, out of the customer's own backup.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct RecoverRequest {
    /// Whose it was.
    pub customer: CustomerId,
    /// The backup.
    pub archive: Volid,
    /// Its hostname.
    pub hostname: Hostname,
    /// The size of its root disk.
    pub size: DiskSize,
    /// Its further volumes.
    #[serde(default, skip_serializing_if = "Volumes::is_empty")]
    pub volumes: Volumes,
    /// What to do about addresses that are somebody else's by now.
    pub on_collision: OnCollision,
    /// Commands that must succeed inside it.
    #[serde(default)]
    pub checks: Vec<String>,
    /// Where the run rests for a person to look.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub hold_after: Option<HoldAfter>,
}

/// What to do where an archived address is somebody else's by now.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, clap::ValueEnum)]
#[serde(rename_all = "lowercase")]
pub enum OnCollision {
    /// Nothing is made.
    Refuse,
    /// The guest gets a fresh address, and the checklist says so.
    Reset,
}

/// A guest that shall be no more.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct DestroyRequest {
    /// Its number in the ledger.
    pub guest: GuestId,
    /// Whom it was for.
    pub customer: CustomerId,
    /// Its number on the cluster.
    pub vmid: Vmid,
    /// Its node.
    pub node: NodeName,
    /// Its hostname.
    pub hostname: Hostname,
    /// The run that made it: only what bears that run's mark is destroyed.
    pub made_by: RunId,
    /// Where that run reached it: the way to its secrets where there is no helper.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub reachable: Option<Reachable>,
}

impl DestroyRequest {
    /// The destruction of a guest of the ledger; where it is reached is not known.
    pub fn of(guest: &Guest) -> Self {
        Self {
            guest: guest.id,
            customer: guest.customer.clone(),
            vmid: guest.vmid,
            node: guest.node.clone(),
            hostname: guest.hostname.clone(),
            made_by: guest.run.clone(),
            reachable: None,
        }
    }
}

/// A guest that an undone run left behind.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct OrphanRequest {
    /// Its number on the cluster.
    pub vmid: Vmid,
    /// The run that made it: only what bears that run's mark is removed.
    pub made_by: RunId,
    /// Whom that run was for.
    pub customer: Option<CustomerId>,
}
