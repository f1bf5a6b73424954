//! What a provision was asked to do: the input of its run, journaled as it was accepted.

use serde::{Deserialize, Serialize};
use spec::ids::{CustomerId, Hostname, InvalidId};
use spec::pct::DiskSize;

use crate::golden::GoldenRef;

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
    /// Commands that must succeed inside it.
    #[serde(default)]
    pub checks: Vec<String>,
}

/// A customer's id as a hostname, for requests that name none.
///
/// # Errors
/// The id holds characters that no hostname may have.
pub fn hostname_of(customer: &CustomerId) -> Result<Hostname, InvalidId> {
    customer.as_str().to_ascii_lowercase().parse()
}
