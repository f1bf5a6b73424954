//! What crosses the API, apart from what the agent itself works with: these forms are promised, those are not.

mod audit;
mod guest;
mod recovery;
mod run;

pub(super) use audit::AuditView;
pub(super) use guest::{AcceptedView, GuestRequest, GuestView, Guests, VolumeRequest};
pub(super) use recovery::RecoveryRequest;
pub(super) use run::{RunEvent, RunView, StepView};

/// Version of these forms.
pub(super) const VERSION: u32 = 1;
