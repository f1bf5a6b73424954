//! Guests: asked for, accepted, shown.

use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use super::VERSION;
use crate::guest::ssh::host_key::Trust;
use crate::ledger::{Guest, Owned};
use crate::outcome::Outcome;

/// A new guest for a customer.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(in crate::serve) struct GuestRequest {
    /// Whom it is for: the caller's own name, 1 to 64 letters, digits and `-_.`. Also the guest's id in this API.
    #[schema(examples("acme"))]
    pub customer: String,
    /// What it is made from: `NAME` (its channel `stable`), `NAME/CHANNEL` or `NAME@RELEASE`.
    #[schema(examples("debian13-docker"))]
    pub golden: String,
    /// Its hostname; the customer's name where it is one.
    pub hostname: Option<String>,
    /// The size of its root disk.
    #[schema(examples("8G"))]
    pub size: Option<String>,
    /// Its further volumes.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub volumes: Vec<VolumeRequest>,
    /// Commands that must succeed inside it.
    #[serde(default)]
    pub checks: Vec<String>,
}

/// A volume that the guest gets besides its root disk.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(in crate::serve) struct VolumeRequest {
    /// Where it is mounted: a directory of its own, none of the system's.
    #[schema(examples("/srv"))]
    pub path: String,
    /// How large it is; rounded up to whole GiB.
    #[schema(examples("10G"))]
    pub size: String,
    /// Whether the guest's backups hold it; they do, where nothing is said.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub backup: Option<bool>,
}

/// A request that was accepted: its run is carried out, whatever happens to the service.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, ToSchema)]
pub(in crate::serve) struct AcceptedView {
    /// Version of this form.
    pub version: u32,
    /// The guest: `GET /v1/guests/{guest}`.
    pub guest: String,
    /// The run: `GET /v1/runs/{run}`.
    pub run: String,
    /// Whether another request made, or makes, the guest.
    pub existing: bool,
}

/// A guest and what it is known by.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, ToSchema)]
pub(in crate::serve) struct GuestView {
    /// Version of this form.
    pub version: u32,
    /// Its id in this API: the customer's name.
    pub guest: String,
    /// Its number on the cluster.
    pub vmid: u32,
    /// The node it was made on.
    pub node: String,
    /// Its hostname.
    pub hostname: String,
    /// What it was made from.
    pub golden: String,
    /// Where it is in its life: `reserved`, `provisioned`, `active`, `quarantined`, `failed`, `released`, `destroyed`.
    pub state: String,
    /// The run that made it.
    pub run: String,
    /// The word of that run's exit code: `done`, `failed`, `unverified`, `parked`; none while it is under way.
    pub exit: Option<String>,
    /// Where it was reached.
    pub address: Option<String>,
    /// Who vouches for its host keys: `hypervisor` or `tofu`.
    pub trust: Option<String>,
    /// Its SSH host keys.
    pub host_keys: Vec<HostKeyView>,
    /// What it is, and was, known by.
    pub identities: Vec<IdentityView>,
    /// When it was reserved, RFC 3339.
    pub created_at: String,
    /// When it last changed, RFC 3339.
    pub updated_at: String,
}

/// An SSH host key.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, ToSchema)]
pub(in crate::serve) struct HostKeyView {
    /// Its type, `ssh-ed25519`.
    pub algorithm: String,
    /// `SHA256:…`, as OpenSSH prints it.
    pub fingerprint: String,
}

/// One identity of a guest.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, ToSchema)]
pub(in crate::serve) struct IdentityView {
    /// What kind of identity.
    pub kind: String,
    /// Its value; machine-ids by their keyed digest.
    pub value: String,
    /// When it was first recorded, RFC 3339.
    pub recorded_at: String,
    /// When the guest lost it, RFC 3339.
    pub retired_at: Option<String>,
}

/// A list of guests, oldest first.
#[expect(clippy::struct_field_names, reason = "as it stands in the answer")]
#[derive(Debug, Clone, PartialEq, Eq, Serialize, ToSchema)]
pub(in crate::serve) struct Guests {
    /// Version of this form.
    pub version: u32,
    /// The guests.
    pub guests: Vec<GuestView>,
    /// There are more: send it as `after`.
    pub next: Option<String>,
}

impl GuestView {
    /// A guest as its caller sees it: under the caller's own name.
    pub(in crate::serve) fn of(guest: &Guest, own: &str, identities: &[Owned], outcome: Option<&Outcome>) -> Self {
        let ended = outcome.filter(|outcome| outcome.end != crate::outcome::End::Unfinished);
        let trust = outcome.and_then(|outcome| outcome.trust).map(|trust| match trust {
            Trust::Hypervisor => "hypervisor".to_owned(),
            Trust::Tofu => "tofu".to_owned(),
        });
        let keys = outcome.map(|outcome| outcome.host_keys.as_slice()).unwrap_or_default().iter();
        Self {
            version: VERSION,
            guest: own.to_owned(),
            vmid: guest.vmid.get(),
            node: guest.node.to_string(),
            hostname: guest.hostname.to_string(),
            golden: guest.golden.clone(),
            state: guest.state.to_string(),
            run: guest.run.to_string(),
            exit: ended.map(|outcome| outcome.exit().word().to_owned()),
            address: outcome.and_then(|outcome| outcome.address).map(|address| address.to_string()),
            trust,
            host_keys: keys
                .map(|key| HostKeyView { algorithm: key.algorithm.clone(), fingerprint: key.fingerprint.clone() })
                .collect(),
            identities: identities.iter().map(IdentityView::of).collect(),
            created_at: guest.created_at.clone(),
            updated_at: guest.updated_at.clone(),
        }
    }
}

impl IdentityView {
    fn of(owned: &Owned) -> Self {
        Self {
            kind: owned.identity.kind.to_string(),
            value: owned.identity.shown(),
            recorded_at: owned.recorded_at.clone(),
            retired_at: owned.retired_at.clone(),
        }
    }
}
