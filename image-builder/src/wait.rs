//! Waiting for a condition, with a deadline.

use std::thread;
use std::time::{Duration, Instant};

/// Between two looks.
const INTERVAL: Duration = Duration::from_millis(250);

/// What a look found.
pub(crate) enum Look<T> {
    /// The condition holds.
    Ready(T),
    /// Not yet; this was seen instead.
    NotYet(String),
}

/// Looks until the condition holds, or gives what was seen last when `limit` is over.
pub(crate) fn until<T, E: From<Overdue>>(
    limit: Duration,
    mut look: impl FnMut() -> Result<Look<T>, E>,
) -> Result<T, E> {
    let deadline = Instant::now() + limit;
    loop {
        match look()? {
            Look::Ready(value) => return Ok(value),
            Look::NotYet(seen) if Instant::now() >= deadline => return Err(Overdue { limit, seen }.into()),
            Look::NotYet(_) => thread::park_timeout(INTERVAL),
        }
    }
}

/// The condition did not hold in time.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("waited {} s; last seen: {seen}", limit.as_secs())]
pub struct Overdue {
    /// How long was waited.
    pub limit: Duration,
    /// What was seen last.
    pub seen: String,
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn it_ends_with_the_condition_or_with_what_was_seen() {
        let mut looks = 0;
        let third = until::<_, Overdue>(Duration::from_secs(10), || {
            looks += 1;
            Ok(if looks == 3 { Look::Ready(looks) } else { Look::NotYet("starting".into()) })
        });
        assert_eq!(third, Ok(3));
        let overdue = until::<(), Overdue>(Duration::ZERO, || Ok(Look::NotYet("starting".into()))).unwrap_err();
        assert_eq!(overdue.to_string(), "waited 0 s; last seen: starting");
    }
}
