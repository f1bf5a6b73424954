//! Changes of one guest come one after another, over the wire too; reads and other guests' changes do not wait.

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};
use std::time::{Duration, Instant};

use spec::ids::Vmid;

use crate::server::{Reply, Server};

const UPID: &str = r#"{"data":"UPID:pve:0000260A:0005CBE2:6B0039B3:vzstart:100:mint@pve!agent:"}"#;
const STATUS: &str = r#"{"data":{"vmid":100,"status":"stopped"}}"#;

/// A server that keeps changes until it is told to let them go, and how many it had at once at most.
struct Keeping {
    server: Server,
    open: Arc<AtomicBool>,
    most: Arc<AtomicUsize>,
    now: Arc<AtomicUsize>,
}

impl Keeping {
    async fn new() -> Self {
        let (open, most, now) = <(Arc<AtomicBool>, Arc<AtomicUsize>, Arc<AtomicUsize>)>::default();
        let (gate, peak, count) = (Arc::clone(&open), Arc::clone(&most), Arc::clone(&now));
        let server = Server::answering(move |asked| {
            if asked.verb == "GET" {
                return Reply::ok(STATUS);
            }
            peak.fetch_max(count.fetch_add(1, Ordering::SeqCst) + 1, Ordering::SeqCst);
            let began = Instant::now();
            while !gate.load(Ordering::SeqCst) && began.elapsed() < Duration::from_secs(10) {
                std::thread::park_timeout(Duration::from_millis(5));
            }
            count.fetch_sub(1, Ordering::SeqCst);
            Reply::ok(UPID)
        })
        .await;
        Self { server, open, most, now }
    }

    async fn until_asked(&self, changes: usize) {
        let began = Instant::now();
        while self.now.load(Ordering::SeqCst) < changes {
            assert!(began.elapsed() < Duration::from_secs(10), "{changes} changes never came");
            tokio::time::sleep(Duration::from_millis(5)).await;
        }
    }
}

fn guest(vmid: u32) -> Vmid {
    Vmid::try_from(vmid).unwrap()
}

#[tokio::test(flavor = "multi_thread")]
async fn two_changes_of_one_guest_never_overlap_and_reads_do_not_wait() {
    let keeping = Keeping::new().await;
    let client = keeping.server.pinned();
    let changes: Vec<_> = (0..3)
        .map(|_| {
            let client = client.clone();
            tokio::spawn(async move { client.start(guest(100)).await })
        })
        .collect();
    keeping.until_asked(1).await;
    client.status(guest(100)).await.unwrap();
    keeping.open.store(true, Ordering::SeqCst);
    for change in changes {
        change.await.unwrap().unwrap();
    }
    assert_eq!(keeping.most.load(Ordering::SeqCst), 1);
    assert_eq!(keeping.server.asked().iter().filter(|asked| asked.verb == "POST").count(), 3);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_node_is_asked_for_three_changes_at_once_and_no_more() {
    let keeping = Keeping::new().await;
    let client = keeping.server.pinned();
    let changes: Vec<_> = (100..106)
        .map(|vmid| {
            let client = client.clone();
            tokio::spawn(async move { client.start(guest(vmid)).await })
        })
        .collect();
    keeping.until_asked(3).await;
    keeping.open.store(true, Ordering::SeqCst);
    for change in changes {
        change.await.unwrap().unwrap();
    }
    assert_eq!(keeping.most.load(Ordering::SeqCst), 3);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_held_lane_is_its_holders_alone() {
    let keeping = Keeping::new().await;
    keeping.open.store(true, Ordering::SeqCst);
    let client = keeping.server.pinned();
    let holder = client.in_lane(guest(100)).await;
    holder.start(guest(100)).await.unwrap();
    let stranger = client.start(guest(100));
    assert!(tokio::time::timeout(Duration::from_millis(100), stranger).await.is_err(), "a stranger got in");
    holder.stop(guest(100)).await.unwrap();
    drop(holder);
    client.start(guest(100)).await.unwrap();
}
