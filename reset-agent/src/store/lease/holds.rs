//! Which runs this process holds, and with which fence: what it does in their names is done under that number.

use std::collections::BTreeMap;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

/// The runs that are held through one store.
#[derive(Debug, Clone, Default)]
pub(crate) struct Holds(Arc<Mutex<BTreeMap<String, u64>>>);

/// One run held; dropped with its claim.
#[derive(Debug)]
pub(in crate::store) struct Held {
    holds: Holds,
    run: String,
    fence: u64,
}

impl Holds {
    /// Notes that the run is held under this fence.
    pub(in crate::store) fn enter(&self, run: &str, fence: u64) -> Held {
        self.lock().insert(run.to_owned(), fence);
        Held { holds: self.clone(), run: run.to_owned(), fence }
    }

    /// The fence under which this process holds, or last thought to hold, the run.
    pub(crate) fn fence_of(&self, run: &str) -> Option<u64> {
        self.lock().get(run).copied()
    }

    // A panic elsewhere cannot leave a half-made entry: each is written in one call.
    fn lock(&self) -> MutexGuard<'_, BTreeMap<String, u64>> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Drop for Held {
    fn drop(&mut self) {
        let mut holds = self.holds.lock();
        // A later claim of the same run through the same store has its own entry by now.
        if holds.get(&self.run) == Some(&self.fence) {
            holds.remove(&self.run);
        }
    }
}
