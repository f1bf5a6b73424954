//! So many requests a second for each caller, and twice as many at once.

use std::collections::HashMap;
use std::sync::{Mutex, PoisonError};
use std::time::{Duration, Instant};

/// The callers' buckets.
#[derive(Debug)]
pub struct RateLimits {
    per_second: f64,
    buckets: Mutex<HashMap<String, Bucket>>,
}

#[derive(Debug)]
struct Bucket {
    left: f64,
    filled: Instant,
}

impl RateLimits {
    /// So many requests a second.
    pub fn new(per_second: u32) -> Self {
        Self { per_second: f64::from(per_second), buckets: Mutex::new(HashMap::new()) }
    }

    /// Takes one request of this caller.
    ///
    /// # Errors
    /// The caller made too many: how long to wait for the next.
    pub fn take(&self, caller: &str, now: Instant) -> Result<(), Duration> {
        let most = self.per_second * 2.0;
        let mut buckets = self.buckets.lock().unwrap_or_else(PoisonError::into_inner);
        let bucket = buckets.entry(caller.to_owned()).or_insert(Bucket { left: most, filled: now });
        let since = now.saturating_duration_since(bucket.filled).as_secs_f64();
        bucket.left = (bucket.left + since * self.per_second).min(most);
        bucket.filled = now;
        if bucket.left < 1.0 {
            return Err(Duration::from_secs_f64((1.0 - bucket.left) / self.per_second));
        }
        bucket.left -= 1.0;
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_burst_is_twice_a_seconds_worth_and_each_caller_has_its_own() {
        let (limits, now) = (RateLimits::new(10), Instant::now());
        for _ in 0..20 {
            assert!(limits.take("a", now).is_ok());
        }
        assert!(limits.take("a", now).unwrap_err() <= Duration::from_millis(100));
        assert!(limits.take("b", now).is_ok());
        assert!(limits.take("a", now + Duration::from_millis(150)).is_ok());
        assert!(limits.take("a", now + Duration::from_millis(150)).is_err());
    }
}
