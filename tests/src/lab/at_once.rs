//! Things done at the same time.

use std::thread;

use anyhow::{Result, anyhow};

/// Does `act` with each of `items`, all at the same time; what came of each, in their order, or the first that failed.
/// All of them have ended then.
pub fn at_once<I: Send, T: Send>(
    items: impl IntoIterator<Item = I>,
    act: impl Fn(I) -> Result<T> + Sync,
) -> Result<Vec<T>> {
    let act = &act;
    thread::scope(|scope| {
        let begun: Vec<_> = items.into_iter().map(|item| scope.spawn(move || act(item))).collect();
        let ended: Vec<_> =
            begun.into_iter().map(|thread| thread.join().map_err(|_| anyhow!("a thread panicked"))).collect();
        ended.into_iter().map(|came| came?).collect()
    })
}

#[cfg(test)]
mod tests {
    use std::sync::Barrier;

    use anyhow::ensure;

    use super::*;

    #[test]
    fn all_run_together_and_one_failure_is_told() {
        let met = Barrier::new(3);
        let come = |n: u32| -> Result<u32> {
            met.wait();
            ensure!(n < 9, "{n} is too much");
            Ok(n * 2)
        };
        assert_eq!(at_once([1, 2, 3], come).unwrap(), [2, 4, 6]);
        assert_eq!(at_once([1, 9, 3], come).unwrap_err().to_string(), "9 is too much");
    }
}
