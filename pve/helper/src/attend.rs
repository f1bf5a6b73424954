//! A request answered, whatever its verb.

use std::error::Error;

use pve_host::Host;

use crate::deliver::deliver;
use crate::guest::{Mounts, observe};
use crate::protocol::{Answer, RefusalKind, Request};

/// Answers requests about guests. The helper's own is [`attendant`]; a test brings its own.
pub type Attendant = dyn Fn(Request) -> Answer + Send + Sync;

/// Answers for the guests of this node; a failure is an answer with the whole chain of reasons. It blocks.
pub fn attendant(host: Host, mounts: Mounts) -> Box<Attendant> {
    Box::new(move |request| match request {
        Request::Observe { vmid } => match observe(&host, &mounts, vmid) {
            Ok(observed) => Answer::Observed(Box::new(observed)),
            Err(error) => Answer::refused(RefusalKind::Failed, in_one_line(&error)),
        },
        Request::Deliver { vmid, place, files } => match deliver(&host, &mounts, vmid, place, &files) {
            Ok(delivered) => {
                tracing::info!(%vmid, ?place, names = ?delivered.delivered, withdrawn = ?delivered.withdrawn, "delivered");
                Answer::Delivered(delivered)
            }
            Err(error) => {
                tracing::warn!(%vmid, ?place, error = in_one_line(&error), "nothing was delivered");
                Answer::refused(error.kind(), in_one_line(&error))
            }
        },
        Request::Renew { .. } => Answer::refused(RefusalKind::BadRequest, "this helper renews nothing yet"),
    })
}

fn in_one_line(error: &(dyn Error + 'static)) -> String {
    let mut text = error.to_string();
    let mut source = error.source();
    while let Some(cause) = source {
        text = format!("{text}: {cause}");
        source = cause.source();
    }
    text
}
