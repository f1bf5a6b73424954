//! Waiting for a condition, with a deadline. The only place that lets time pass.

use std::time::{Duration, Instant};

/// Asks `look` until it answers or `patience` has passed; between two looks at most `interval` passes.
pub fn until<T>(patience: Duration, interval: Duration, mut look: impl FnMut() -> Option<T>) -> Option<T> {
    let deadline = Instant::now() + patience;
    loop {
        if let Some(found) = look() {
            return Some(found);
        }
        let left = deadline.checked_duration_since(Instant::now())?;
        std::thread::park_timeout(interval.min(left));
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_condition_is_awaited_and_a_deadline_kept() {
        let mut looks = 0;
        let found = until(Duration::from_secs(5), Duration::from_millis(1), || {
            looks += 1;
            (looks == 3).then_some(looks)
        });
        assert_eq!(found, Some(3));
        assert_eq!(until::<()>(Duration::from_millis(5), Duration::from_millis(1), || None), None);
    }
}
