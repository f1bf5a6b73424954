//! The trace of a call: whose run, what, how it ended, how long it took. Parameters and bodies are never part of it.

use std::time::Instant;

use spec::ids::RunId;

use crate::error::Failure;
use crate::request::Ready;

/// A call under way.
pub(super) struct Trace<'a> {
    call: &'a Ready,
    run: &'a str,
    began: Instant,
}

impl<'a> Trace<'a> {
    pub(super) fn begin(call: &'a Ready, run: Option<&'a RunId>) -> Self {
        Self { call, run: run.map_or("-", RunId::as_str), began: Instant::now() }
    }

    /// `status` is none where no answer came.
    pub(super) fn end(&self, status: Option<u16>, result: &Result<Vec<u8>, Failure>) {
        let (method, path, run) = (self.call.verb.as_str(), self.call.path.as_str(), self.run);
        let took = u64::try_from(self.began.elapsed().as_millis()).unwrap_or(u64::MAX);
        match result {
            Ok(body) => tracing::debug!(run, method, path, status, ms = took, bytes = body.len(), "answered"),
            Err(Failure::Refused(refusal)) => {
                tracing::debug!(run, method, path, status, ms = took, text = refusal.text, "refused");
            }
            Err(failure) => tracing::debug!(run, method, path, status, ms = took, %failure, "failed"),
        }
    }
}
