//! Several nodes: a guest that has moved is followed, and another door is taken where nothing was sent.

use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};

use pve_client::{Client, Endpoint, Failure, Finder, Trust};
use spec::ids::{NodeName, Vmid};

use crate::server::{Asked, Reply, Server, TOKEN};

const STATUS: &str = r#"{"data":{"vmid":101,"status":"stopped"}}"#;
const UPID: &str = r#"{"data":"UPID:pve2:0000260A:0005CBE2:6B0039B3:vzdestroy:101:mint@pve!agent:"}"#;

fn node(name: &str) -> NodeName {
    name.parse().unwrap()
}

fn guest() -> Vmid {
    "101".parse().unwrap()
}

/// Guest 101 is on the second node.
fn moved(asked: &Asked) -> Reply {
    match (asked.verb.as_str(), asked.path.starts_with("/nodes/pve2/")) {
        (_, false) => Reply::refused(500, "Configuration file 'nodes/pve/lxc/101.conf' does not exist", ""),
        ("GET", true) => Reply::ok(STATUS),
        (_, true) => Reply::ok(UPID),
    }
}

fn finder(node: Option<&'static str>, times: &Arc<AtomicUsize>) -> Finder {
    let times = Arc::clone(times);
    Finder::new(move |_| {
        times.fetch_add(1, Ordering::SeqCst);
        async move { Ok(node.map(|node| node.parse().unwrap())) }
    })
}

#[tokio::test]
async fn a_guest_that_moved_is_asked_for_once_and_met_there_from_then_on() {
    let server = Server::answering(moved).await;
    let times = Arc::default();
    let client = server.pinned().following(finder(Some("pve2"), &times));
    client.status(guest()).await.unwrap();
    assert_eq!(client.node_of(guest()), node("pve2"));
    // A change too, and by a clone.
    client.clone().destroy(guest()).await.unwrap();
    let asked: Vec<String> = server.asked().iter().map(Asked::line).collect();
    assert_eq!(
        asked,
        [
            "GET /nodes/pve/lxc/101/status/current",
            "GET /nodes/pve2/lxc/101/status/current",
            "DELETE /nodes/pve2/lxc/101"
        ]
    );
    assert_eq!(times.load(Ordering::SeqCst), 1);
    assert_eq!(client.at(&node("pve3")).node_of(guest()), node("pve3"), "another node's guests are others");
}

#[tokio::test]
async fn a_guest_that_nobody_finds_is_missing_and_a_change_is_sent_once() {
    let server = Server::answering(moved).await;
    let times = Arc::default();
    let client = server.pinned().following(finder(None, &times));
    assert!(client.destroy(guest()).await.is_err());
    assert!(client.staying().destroy(guest()).await.is_err());
    assert_eq!((server.asked().len(), times.load(Ordering::SeqCst)), (2, 1));
}

/// 595: the door could not connect to the node. Nothing was asked there; but only a read is worth asking elsewhere.
#[tokio::test]
async fn a_node_that_is_not_reached_may_have_lost_its_guest_to_another() {
    let server = Server::answering(|asked| {
        let reached = asked.path.starts_with("/nodes/pve2/");
        if reached { Reply::ok(STATUS) } else { Reply::refused(595, "No route to host", "") }
    })
    .await;
    let times = Arc::default();
    let client = server.pinned().following(finder(Some("pve2"), &times));
    assert!(client.destroy(guest()).await.is_err());
    assert_eq!(times.load(Ordering::SeqCst), 0);
    client.status(guest()).await.unwrap();
    assert_eq!(times.load(Ordering::SeqCst), 1);
}

fn endpoint(server: &Server, name: &str) -> Endpoint {
    Endpoint::new(&server.url(), node(name), Trust::Pins(vec![server.fingerprint]), TOKEN).unwrap()
}

#[tokio::test]
async fn another_door_is_taken_where_nothing_could_be_sent_and_only_then() {
    let (first, second) = (Server::saying(Reply::ok(STATUS)).await, Server::saying(Reply::ok(STATUS)).await);
    let doors =
        |one: &Server| Client::new(endpoint(one, "pve")).unwrap().or_through(endpoint(&second, "pve2")).unwrap();
    let client = doors(&first);
    client.status(guest()).await.unwrap();
    assert_eq!((first.asked().len(), second.asked().len()), (1, 0));
    drop(first);
    client.status(guest()).await.unwrap();
    // The second one answers for the same node.
    assert_eq!(second.take()[0].line(), "GET /nodes/pve/lxc/101/status/current");
    client.status(guest()).await.unwrap();
    assert_eq!(second.take().len(), 1);

    let breaks = Server::saying(Reply::broken()).await;
    let client = doors(&breaks);
    let error = client.destroy(guest()).await.unwrap_err();
    assert!(matches!(error.failure, Failure::Broken(_)), "{error:?}");
    assert_eq!((breaks.asked().len(), second.asked().len()), (1, 0), "it may have been carried out");
}
