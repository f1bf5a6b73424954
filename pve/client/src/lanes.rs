//! Who may change a guest now. Changes of one guest never overlap; reads ask nobody.

use std::collections::{BTreeSet, HashMap};
use std::sync::{Arc, Mutex, PoisonError, Weak};

use spec::ids::{NodeName, Vmid};
use tokio::sync::{OwnedMutexGuard, OwnedSemaphorePermit, Semaphore};

/// Changes that are under way on one node at once, if nothing else is said: pvedaemon has three workers, and one of
/// them waits up to ten seconds where a guest's lock is busy.
pub(crate) const CHANGES_AT_ONCE: usize = 3;

type Lane = tokio::sync::Mutex<()>;

/// The lanes of a cluster's guests, and every node's budget.
#[derive(Debug, Clone)]
pub(crate) struct Lanes {
    guests: Arc<Mutex<HashMap<Vmid, Weak<Lane>>>>,
    budgets: Arc<Mutex<HashMap<NodeName, Arc<Semaphore>>>>,
    changes_at_once: usize,
}

/// One guest's lane, held.
#[derive(Debug)]
pub(crate) struct HeldLane {
    vmid: Vmid,
    _guard: OwnedMutexGuard<()>,
}

/// The right to send one change.
#[derive(Debug)]
pub(crate) struct Turn {
    _lanes: Vec<HeldLane>,
    _permit: Option<OwnedSemaphorePermit>,
}

impl HeldLane {
    pub(crate) fn vmid(&self) -> Vmid {
        self.vmid
    }
}

impl Lanes {
    pub(crate) fn new(changes_at_once: usize) -> Self {
        Self { guests: Arc::default(), budgets: Arc::default(), changes_at_once }
    }

    /// Waits until a guest's lane is free, and holds it.
    pub(crate) async fn hold(&self, vmid: Vmid) -> HeldLane {
        HeldLane { vmid, _guard: self.lane(vmid).lock_owned().await }
    }

    /// Waits for the lanes of these guests, in the order of their numbers, so that two changes of the same two guests
    /// never wait for each other; then for a place in the node's budget.
    pub(crate) async fn turn(&self, node: &NodeName, guests: &BTreeSet<Vmid>) -> Turn {
        let mut lanes = Vec::new();
        for vmid in guests {
            lanes.push(self.hold(*vmid).await);
        }
        // The semaphore is never closed; if it were, lanes alone would still keep changes apart.
        Turn { _lanes: lanes, _permit: self.budget(node).acquire_owned().await.ok() }
    }

    fn budget(&self, node: &NodeName) -> Arc<Semaphore> {
        let mut budgets = self.budgets.lock().unwrap_or_else(PoisonError::into_inner);
        let budget = budgets.entry(node.clone()).or_insert_with(|| Arc::new(Semaphore::new(self.changes_at_once)));
        Arc::clone(budget)
    }

    fn lane(&self, vmid: Vmid) -> Arc<Lane> {
        let mut lanes = self.guests.lock().unwrap_or_else(PoisonError::into_inner);
        lanes.retain(|_, lane| lane.strong_count() > 0);
        if let Some(lane) = lanes.get(&vmid).and_then(Weak::upgrade) {
            return lane;
        }
        let lane = Arc::new(Lane::default());
        lanes.insert(vmid, Arc::downgrade(&lane));
        lane
    }
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use super::*;

    fn guests(list: &[u32]) -> BTreeSet<Vmid> {
        list.iter().map(|vmid| Vmid::try_from(*vmid).unwrap()).collect()
    }

    fn pve() -> NodeName {
        "pve".parse().unwrap()
    }

    async fn waits<T>(future: impl Future<Output = T>) -> bool {
        tokio::time::timeout(Duration::from_millis(30), future).await.is_err()
    }

    #[tokio::test]
    async fn one_guest_changes_once_at_a_time_and_another_beside_it() {
        let lanes = Lanes::new(9);
        let first = lanes.turn(&pve(), &guests(&[101])).await;
        assert!(waits(lanes.turn(&pve(), &guests(&[101]))).await);
        assert!(waits(lanes.turn(&pve(), &guests(&[100, 101]))).await);
        assert!(!waits(lanes.turn(&pve(), &guests(&[102]))).await);
        drop(first);
        assert!(!waits(lanes.turn(&pve(), &guests(&[100, 101]))).await);
    }

    #[tokio::test]
    async fn a_node_does_only_so_much_at_once() {
        let lanes = Lanes::new(2);
        let (first, _second) = (lanes.turn(&pve(), &guests(&[101])).await, lanes.turn(&pve(), &guests(&[])).await);
        assert!(waits(lanes.turn(&pve(), &guests(&[103]))).await);
        assert!(!waits(lanes.turn(&"pve2".parse().unwrap(), &guests(&[104]))).await, "another node has its own budget");
        drop(first);
        assert!(!waits(lanes.turn(&pve(), &guests(&[103]))).await);
    }

    #[tokio::test]
    async fn lanes_that_nobody_holds_are_forgotten() {
        let lanes = Lanes::new(1);
        for vmid in 100..200 {
            drop(lanes.hold(Vmid::try_from(vmid).unwrap()).await);
        }
        assert!(lanes.guests.lock().unwrap().len() <= 1);
    }
}
