//! Copying no faster than allowed.

use std::io::{Read, Result, Write};
use std::time::{Duration, Instant};

use crate::tasks;
use crate::wait;

/// Copies at `rate` bytes a second, until the end or until either side fails: who reads says why it stopped reading.
pub(in crate::ops) fn copy(from: &mut impl Read, to: &mut impl Write, rate: u64) -> Result<()> {
    let started = Instant::now();
    // Small enough for ten pieces a second, so that a slow copy flows and ends soon when it must.
    let size = usize::try_from(rate / 10).unwrap_or(usize::MAX).clamp(512, 1 << 16);
    let mut piece = vec![0; size];
    let mut passed = 0;
    loop {
        let length = from.read(&mut piece)?;
        if length == 0 {
            return Ok(());
        }
        to.write_all(piece.get(..length).unwrap_or_default())?;
        passed += length as u64;
        let early = due(passed, rate).saturating_sub(started.elapsed());
        let stopped = wait::until(early, early, || tasks::interrupted().then_some(()));
        if stopped.is_some() {
            return Ok(());
        }
    }
}

/// How long so many bytes have to take.
fn due(bytes: u64, rate: u64) -> Duration {
    let nanoseconds = u128::from(bytes) * 1_000_000_000 / u128::from(rate.max(1));
    Duration::from_nanos(u64::try_from(nanoseconds).unwrap_or(u64::MAX))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_rate_is_kept() {
        assert_eq!(due(3_072_000, 3_072_000), Duration::from_secs(1));
        assert_eq!(due(512, 1024), Duration::from_millis(500));
        let started = Instant::now();
        let mut out = Vec::new();
        copy(&mut vec![7; 20_000].as_slice(), &mut out, 100_000).unwrap();
        assert_eq!(out.len(), 20_000);
        assert!(started.elapsed() >= Duration::from_millis(190));
    }
}
