//! One look at a guest at a time, many guests at once.

use std::collections::HashMap;
use std::sync::{Arc, Mutex, PoisonError};

use spec::ids::Vmid;
use tokio::sync::{Mutex as Lane, OwnedMutexGuard};

/// The lanes of all guests that somebody looks at now.
#[derive(Debug, Default)]
pub struct Lanes {
    open: Mutex<HashMap<Vmid, Arc<Lane<()>>>>,
}

impl Lanes {
    /// Waits for the guest's lane. It is free again when the guard goes.
    pub async fn enter(&self, vmid: Vmid) -> OwnedMutexGuard<()> {
        let lane = {
            let mut open = self.open.lock().unwrap_or_else(PoisonError::into_inner);
            // A lane that only this map holds is empty: whoever waits or drives holds it as well.
            open.retain(|_, lane| Arc::strong_count(lane) > 1);
            Arc::clone(open.entry(vmid).or_default())
        };
        lane.lock_owned().await
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::time::Duration;

    fn vmid(text: &str) -> Vmid {
        text.parse().unwrap()
    }

    #[tokio::test]
    async fn one_guest_waits_and_another_does_not() {
        let lanes = Lanes::default();
        let first = lanes.enter(vmid("101")).await;
        let other = lanes.enter(vmid("102")).await;
        let second = tokio::time::timeout(Duration::from_millis(20), lanes.enter(vmid("101"))).await;
        assert!(second.is_err(), "the lane is taken");
        drop((first, other));
        drop(lanes.enter(vmid("101")).await);
        drop(lanes.enter(vmid("103")).await);
        assert_eq!(lanes.open.lock().unwrap().len(), 1, "empty lanes are forgotten");
    }
}
