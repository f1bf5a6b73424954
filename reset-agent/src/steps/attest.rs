//! A new guest is asked to sign what it is: the request goes in before its first start, the answer is judged with
//! everything else that must be its own.

use saga::{Recorder, StepError};
use serde::{Deserialize, Serialize};
use spec::attestation::{Attested, REQUEST, Request};
use spec::identity::{Finding, IdentityKind, Observation, Verdict};
use spec::ids::{MacAddr, RunId};

use super::await_guest::Reached;
use super::proof::ProvenReset;
use super::resolve::Golden;
use crate::context::Context;
use crate::guest::attestation::{Known, check};
use crate::guest::{GuestTree, HelperError, Place, PlacedFile, RefusalKind};

/// The note that the request was delivered.
const ASKED: &str = "attestation";

/// What a start leaves behind.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize)]
pub(super) struct Started {
    /// Whether the guest was asked to sign; never without a helper.
    #[serde(default)]
    pub(super) asked: bool,
}

impl Started {
    /// As this step's notes have it: whoever takes the run up finds the guest running and must know.
    pub(super) fn noted(rec: &Recorder<'_>) -> Result<Self, StepError> {
        Ok(Self { asked: rec.last_note::<bool>(ASKED)?.unwrap_or_default() })
    }
}

/// Puts the request into the stopped guest.
pub(super) async fn ask(
    ctx: &Context,
    rec: &mut Recorder<'_>,
    proven: &ProvenReset,
    run: &RunId,
) -> Result<(), StepError> {
    let Some(helper) = ctx.helper_of(proven.vmid()) else { return Ok(()) };
    let golden: Golden = rec.output("resolve")?;
    let text =
        serde_json::to_vec(&Request::of_run(run, &golden.title)).map_err(|error| StepError::from_error(&error))?;
    let name = REQUEST.rsplit('/').next().unwrap_or(REQUEST);
    match helper.deliver(proven.vmid(), Place::Attestation, &[PlacedFile { name, content: &text }]).await {
        Ok(_) => rec.note(ASKED, &true).await,
        Err(HelperError::Refused { kind: RefusalKind::BadRequest, why, .. }) => {
            tracing::warn!(why, "the helper is older than signatures of guests: none is asked for");
            Ok(())
        }
        Err(error) => Err(StepError::from_error(&error)),
    }
}

/// What the guest's answer is worth. None where nobody asked, or where the golden's first-boot program is older than
/// signatures; that is said in the log.
pub(super) fn judge(
    run: &RunId,
    golden: &Golden,
    proven: &ProvenReset,
    reached: &Reached,
    tree: Option<&GuestTree>,
) -> Option<Finding> {
    let tree = tree?;
    let finding = |verdict, why: String| {
        Some(Finding { item: "attestation".to_owned(), place: "guest".to_owned(), verdict, why })
    };
    match (tree.attested(), &tree.attestation) {
        (None, _) => {
            tracing::warn!(
                golden = golden.title,
                "its first-boot program is older than signatures: the guest gave none"
            );
            None
        }
        (Some(Attested::Failed { why }), _) => finding(Verdict::Unverified, format!("the guest could not sign: {why}")),
        (Some(Attested::NotAsked), _) => {
            finding(Verdict::Fail, "the request was delivered and is not there".to_owned())
        }
        (Some(Attested::Signed), None) => finding(Verdict::Fail, "its signature is not there".to_owned()),
        (Some(Attested::Signed), Some(attestation)) => {
            let request = Request::of_run(run, &golden.title);
            let macs: Vec<MacAddr> = proven.macs().values().copied().collect();
            let machine_id = machine_id(&tree.observations);
            let known = Known { request: &request, machine_id, macs: &macs, pins: &reached.host_keys };
            match check(attestation, &known) {
                Ok(()) => finding(Verdict::Pass, "signed by its host key under this run's nonce".to_owned()),
                Err(refusal) => finding(Verdict::Fail, refusal.to_string()),
            }
        }
    }
}

fn machine_id(observations: &[Observation]) -> Option<&str> {
    let identities = observations.iter().filter_map(|observation| observation.seen.identity());
    let mut ids = identities.filter(|identity| identity.kind == IdentityKind::MachineId);
    ids.next().map(|identity| identity.value.as_str())
}
