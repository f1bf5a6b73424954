//! The socket as a client meets it.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, reason = "a test fails by panicking")]

use std::io::{BufRead, BufReader, ErrorKind, Write};
use std::os::unix::net::UnixStream;
use std::path::Path;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Arc, Barrier};
use std::time::Duration;

use pve_helper::protocol::{Answer, REQUEST_CAP, RefusalKind, Request};
use pve_helper::serve::{AllowedPeers, Server, bind};
use spec::ids::Vmid;
use tokio::sync::oneshot;
use tokio::task::JoinHandle;

struct Served {
    dir: tempfile::TempDir,
    end: oneshot::Sender<()>,
    server: JoinHandle<std::io::Result<()>>,
}

impl Served {
    fn start(allowed: AllowedPeers, attendant: impl Fn(Vmid) -> Answer + Send + Sync + 'static) -> Self {
        let dir = tempfile::tempdir().unwrap();
        let listener = bind(&dir.path().join("sock"), None).unwrap();
        let (end, ended) = oneshot::channel();
        let server = Server::new(Box::new(move |request: Request| attendant(request.vmid())), allowed);
        let server = tokio::spawn(server.serve(listener, async move { ended.await.unwrap_or(()) }));
        Self { dir, end, server }
    }

    fn client(&self) -> Client {
        Client::connect(&self.dir.path().join("sock"))
    }
}

struct Client(BufReader<UnixStream>);

impl Client {
    fn connect(path: &Path) -> Self {
        let stream = UnixStream::connect(path).unwrap();
        stream.set_read_timeout(Some(Duration::from_secs(20))).unwrap();
        Self(BufReader::new(stream))
    }

    /// Sends a line; `None` when the other side has hung up.
    fn ask(&mut self, line: &str) -> Option<Answer> {
        let _ = self.0.get_mut().write_all(format!("{line}\n").as_bytes());
        let mut answer = String::new();
        match self.0.read_line(&mut answer) {
            Ok(_) => {}
            // The kernel's word for a hang-up that left our question unread (unix(7)).
            Err(error) if error.kind() == ErrorKind::ConnectionReset => return None,
            Err(error) => panic!("{error}"),
        }
        (!answer.is_empty()).then(|| serde_json::from_str(&answer).unwrap())
    }

    async fn ask_async(mut self, line: String) -> (Self, Option<Answer>) {
        tokio::task::spawn_blocking(move || {
            let answer = self.ask(&line);
            (self, answer)
        })
        .await
        .unwrap()
    }
}

fn named(vmid: Vmid) -> Answer {
    Answer::refused(RefusalKind::Failed, format!("looked at {vmid}"))
}

fn observe(vmid: u32) -> String {
    format!(r#"{{"verb":"observe","vmid":{vmid}}}"#)
}

fn kind(answer: Option<Answer>) -> Option<RefusalKind> {
    match answer? {
        Answer::Refused { error } => Some(error.kind),
        _ => None,
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn questions_are_answered_in_order_on_one_connection() {
    let served = Served::start(AllowedPeers::with([]), named);
    let (client, first) = served.client().ask_async(observe(101)).await;
    let (client, second) = client.ask_async(observe(102)).await;
    assert_eq!(first, Some(Answer::refused(RefusalKind::Failed, "looked at 101")));
    assert_eq!(second, Some(Answer::refused(RefusalKind::Failed, "looked at 102")));
    let (client, bad) = client.ask_async(r#"{"verb":"exec","vmid":101}"#.into()).await;
    assert_eq!(kind(bad), Some(RefusalKind::BadRequest));
    assert_eq!(client.ask_async(observe(101)).await.1, None, "a bad request ends the talk");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_line_without_end_is_refused() {
    let served = Served::start(AllowedPeers::with([]), named);
    let (_, answer) = served.client().ask_async("x".repeat(usize::try_from(REQUEST_CAP).unwrap() + 2)).await;
    assert_eq!(kind(answer), Some(RefusalKind::BadRequest));
}

#[tokio::test(flavor = "multi_thread")]
async fn a_user_who_may_not_ask_gets_no_look() {
    let looks = Arc::new(AtomicUsize::new(0));
    let counted = Arc::clone(&looks);
    let served = Served::start(AllowedPeers::only([]), move |vmid| {
        counted.fetch_add(1, Ordering::SeqCst);
        named(vmid)
    });
    assert_eq!(kind(served.client().ask_async(observe(101)).await.1), Some(RefusalKind::Forbidden));
    assert_eq!(looks.load(Ordering::SeqCst), 0);
}

#[tokio::test(flavor = "multi_thread")]
async fn different_guests_are_looked_at_together_and_one_guest_once() {
    // Two looks that wait for each other end only when they run at the same time.
    let both = Arc::new(Barrier::new(2));
    let (inside, most) = (Arc::new(AtomicUsize::new(0)), Arc::new(AtomicUsize::new(0)));
    let (in_look, seen) = (Arc::clone(&inside), Arc::clone(&most));
    let served = Served::start(AllowedPeers::with([]), move |vmid| {
        if vmid.to_string() == "200" {
            seen.fetch_max(in_look.fetch_add(1, Ordering::SeqCst) + 1, Ordering::SeqCst);
            in_look.fetch_sub(1, Ordering::SeqCst);
        } else {
            both.wait();
        }
        named(vmid)
    });
    let (a, b) = (served.client().ask_async(observe(101)), served.client().ask_async(observe(102)));
    let (a, b) = tokio::join!(a, b);
    assert!(a.1.is_some() && b.1.is_some());
    let same: Vec<_> = (0..6).map(|_| tokio::spawn(served.client().ask_async(observe(200)))).collect();
    for look in same {
        assert!(look.await.unwrap().1.is_some());
    }
    assert_eq!(most.load(Ordering::SeqCst), 1);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_look_that_began_is_finished_before_the_end() {
    let (begun, has_begun) = std::sync::mpsc::channel();
    let (go_on, may_go_on) = std::sync::mpsc::channel::<()>();
    let may_go_on = std::sync::Mutex::new(may_go_on);
    let finished = Arc::new(AtomicUsize::new(0));
    let count = Arc::clone(&finished);
    let served = Served::start(AllowedPeers::with([]), move |vmid| {
        begun.send(()).unwrap();
        may_go_on.lock().unwrap().recv().unwrap();
        count.fetch_add(1, Ordering::SeqCst);
        named(vmid)
    });
    let asked = tokio::spawn(served.client().ask_async(observe(101)));
    tokio::task::spawn_blocking(move || has_begun.recv().unwrap()).await.unwrap();
    served.end.send(()).unwrap();
    go_on.send(()).unwrap();
    served.server.await.unwrap().unwrap();
    assert_eq!(finished.load(Ordering::SeqCst), 1);
    drop(asked);
}
