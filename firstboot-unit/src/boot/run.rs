//! One boot, from the first look to the completion record.

use std::error::Error;
use std::time::{SystemTime, UNIX_EPOCH};

use super::act::{ActError, Done, act};
use super::attest::attest;
use super::facts::look;
use super::plan::{Plan, Reason, decide};
use super::programs::GuestPrograms;
use super::status::{BootState, BootStatus, write_status};
use crate::root::{Root, RootError};

const BOOT_ID: &str = "/proc/sys/kernel/random/boot_id";

/// Looks, decides, acts, and records how it ended. A failure is recorded too; only a record that cannot be written
/// is an error here.
pub fn boot(root: &Root, programs: &dyn GuestPrograms) -> Result<BootStatus, RootError> {
    let boot_id = root.read_text(BOOT_ID, 128)?.map(|text| text.trim().to_owned());
    let at = SystemTime::now().duration_since(UNIX_EPOCH).map_or(0, |since| since.as_secs());
    let status = match carry_out(root, programs) {
        Ok(None) => BootStatus::new(BootState::Disabled, "switched off in this guest".to_owned(), boot_id, at),
        Ok(Some((reason, done))) => {
            let (state, why) = match failures(&done) {
                None => (BootState::Done, reason.in_words().to_owned()),
                Some(failures) => (BootState::Error, failures),
            };
            BootStatus {
                renewed: done.renewed,
                fingerprints: done.fingerprints,
                attestation: Some(attest(root, programs)),
                ..BootStatus::new(state, why, boot_id, at)
            }
        }
        Err(error) => BootStatus::new(BootState::Error, chain(&error), boot_id, at),
    };
    write_status(root, &status)?;
    Ok(status)
}

fn carry_out(root: &Root, programs: &dyn GuestPrograms) -> Result<Option<(Reason, Done)>, ActError> {
    match decide(look(root)?) {
        Plan::Disabled => Ok(None),
        Plan::NoMachineId => Err(ActError::NoMachineId),
        Plan::Work(work) => Ok(Some((work.reason, act(root, &work, programs)?))),
    }
}

/// What could not be made, each with its reason.
fn failures(done: &Done) -> Option<String> {
    let failed = done.failed.iter().map(|(item, why)| format!("{item} could not be made anew: {why}"));
    Some(failed.collect::<Vec<_>>().join("; ")).filter(|text| !text.is_empty())
}

/// The whole chain of reasons in one line: the record is where the chain ends.
pub(super) fn chain(error: &dyn Error) -> String {
    let mut text = error.to_string();
    let mut source = error.source();
    while let Some(cause) = source {
        text = format!("{text}: {cause}");
        source = cause.source();
    }
    text
}
