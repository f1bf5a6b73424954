//! A call repeated while the law lets it: the node says "not now", the guest's lock file is busy, the cluster
//! has no quorum.

use std::future::Future;
use std::time::{Duration, Instant};

use pve_client::{CallError, Next};
use rand::RngExt;

/// How long in all. A lock's own wait is 10 s on the node.
const PATIENCE: Duration = Duration::from_secs(75);
const SHORTEST: Duration = Duration::from_millis(300);
const LONGEST: Duration = Duration::from_secs(5);

/// Makes a call until it is decided. A change is repeated only where nothing happened; whatever may have happened comes
/// back at once.
///
/// # Errors
/// The last [`CallError`].
pub async fn patiently<T, F, Fut>(mut call: F) -> Result<T, CallError>
where
    F: FnMut() -> Fut + Send,
    Fut: Future<Output = Result<T, CallError>> + Send,
    T: Send,
{
    let began = Instant::now();
    let mut pause = SHORTEST;
    loop {
        match call().await {
            Err(error) if error.next() == Next::Again && began.elapsed() < PATIENCE => {
                tracing::debug!(%error, ?pause, "not now, trying again");
                tokio::time::sleep(jittered(pause)).await;
                pause = (pause * 2).min(LONGEST);
            }
            decided => return decided,
        }
    }
}

/// Half of a pause is drawn at random, so that two agents do not meet again and again.
pub(super) fn jittered(pause: Duration) -> Duration {
    pause.mul_f64(rand::rng().random_range(0.5..1.0))
}
