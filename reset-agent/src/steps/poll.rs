//! Bounded looks, one after the other.

use std::future::Future;
use std::time::{Duration, Instant};

use saga::StepError;

/// Between two looks lies a sixteenth of the time so far, but never less or more than these.
const PART: u32 = 16;
const SHORTEST_PAUSE: Duration = Duration::from_millis(100);
const LONGEST_PAUSE: Duration = Duration::from_millis(500);

/// What a look without an answer means.
pub(super) enum Look {
    /// It may still come.
    NotYet(String),
    /// It will not.
    Never(StepError),
}

/// It will not come, for this reason.
pub(super) fn never(error: &(dyn std::error::Error + 'static)) -> Look {
    Look::Never(StepError::from_error(error))
}

/// Looks until there is an answer or the deadline has passed; the last reason tells why.
pub(super) async fn poll<T, F, Fut>(deadline: Duration, mut look: F) -> Result<T, StepError>
where
    F: FnMut() -> Fut + Send,
    Fut: Future<Output = Result<T, Look>> + Send,
    T: Send,
{
    let began = Instant::now();
    loop {
        match look().await {
            Ok(found) => return Ok(found),
            Err(Look::Never(error)) => return Err(error),
            Err(Look::NotYet(why)) if began.elapsed() > deadline => {
                return Err(StepError::failed(format!("after {} s {why}", deadline.as_secs())));
            }
            Err(Look::NotYet(why)) => tracing::debug!(why, "waiting for the guest"),
        }
        tokio::time::sleep((began.elapsed() / PART).clamp(SHORTEST_PAUSE, LONGEST_PAUSE)).await;
    }
}
