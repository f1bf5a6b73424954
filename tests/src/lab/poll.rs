//! Waiting for a condition, with a deadline and the last thing seen.

use std::fmt::Debug;
use std::thread;
use std::time::{Duration, Instant};

use anyhow::{Result, bail};

/// Between two looks.
const INTERVAL: Duration = Duration::from_millis(100);

/// Looks until `look` gives a value, or fails after `limit` with what was last seen.
///
/// `look` answers `Ok(value)` when the condition holds and `Err(what was seen)` while it does not.
pub fn until<T, S: Debug>(what: &str, limit: Duration, mut look: impl FnMut() -> Result<T, S>) -> Result<T> {
    let deadline = Instant::now() + limit;
    loop {
        match look() {
            Ok(value) => return Ok(value),
            Err(seen) if Instant::now() >= deadline => {
                bail!("waited {} s for {what}; last seen: {seen:?}", limit.as_secs())
            }
            Err(_) => thread::park_timeout(INTERVAL),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn it_returns_at_once_when_the_condition_holds_and_tells_what_it_saw_when_not() {
        assert_eq!(until("one", Duration::ZERO, || Ok::<_, ()>(1)).unwrap(), 1);
        let error = until("the port", Duration::ZERO, || Err::<(), _>("closed")).unwrap_err();
        assert_eq!(error.to_string(), "waited 0 s for the port; last seen: \"closed\"");
    }
}
