//! A request answered, whatever its verb.

use std::error::Error;
use std::io::BufRead;

use pve_host::Host;
use zeroize::Zeroizing;

use crate::deliver::deliver;
use crate::guest::{Mounts, observe};
use crate::protocol::{Answer, REQUEST_CAP, RefusalKind, Request, request_of};
use crate::renew::renew;

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
        Request::Renew { vmid, items } => match renew(&host, &mounts, vmid, &items) {
            Ok(renewed) => {
                tracing::info!(%vmid, ?items, "renewed");
                Answer::Renewed(renewed)
            }
            Err(error) => {
                tracing::warn!(%vmid, ?items, error = in_one_line(&error), "nothing was renewed");
                Answer::refused(error.kind(), in_one_line(&error))
            }
        },
    })
}

/// Answers the one request of a stream: a line, or what there is of it when the stream ends.
pub fn once(ask: &Attendant, stream: impl BufRead) -> Answer {
    let mut line = Zeroizing::new(Vec::new());
    let read = stream.take(REQUEST_CAP + 1).read_until(b'\n', &mut line);
    match read.map_err(|error| error.to_string()).and_then(|_| request_of(&line)) {
        Ok(request) => ask(request),
        Err(why) => Answer::refused(RefusalKind::BadRequest, why),
    }
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

#[cfg(test)]
mod tests {
    use super::*;

    fn said(text: &[u8]) -> Answer {
        once(&|request: Request| Answer::refused(RefusalKind::Failed, request.vmid().to_string()), text)
    }

    #[test]
    fn one_line_is_answered_and_what_is_no_request_is_refused() {
        let failed = |why: &str| Answer::refused(RefusalKind::Failed, why);
        for text in ["{\"verb\":\"observe\",\"vmid\":101}", "{\"verb\":\"observe\",\"vmid\":101}\n{\"verb\":1}\n"] {
            assert_eq!(said(text.as_bytes()), failed("101"));
        }
        let long = vec![b' '; usize::try_from(REQUEST_CAP).unwrap() + 2];
        for bad in [&b""[..], b"\n", b"\xff\n", b"{}\n", &long] {
            assert!(matches!(said(bad), Answer::Refused { error } if error.kind == RefusalKind::BadRequest));
        }
    }
}
