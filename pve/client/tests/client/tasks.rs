//! Tasks followed to their end.

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};
use std::time::{Duration, Instant};

use pve_client::wire::{ExitStatus, Upid};
use pve_client::{Class, OnCancel, WaitError, Watched};

use crate::server::{Asked, Reply, Server};

const UPID: &str = "UPID:pve:0000260A:0005CBE2:6B0039B3:vzrestore:140:mint@pve!agent:";
const LONG: Duration = Duration::from_secs(20);

fn upid() -> Upid {
    UPID.parse().unwrap()
}

fn status(end: Option<&str>) -> Reply {
    let end = end.map_or_else(
        || r#""status":"running""#.to_owned(),
        |end| format!(r#""status":"stopped","exitstatus":"{end}""#),
    );
    Reply::ok(format!(r#"{{"data":{{"upid":"{UPID}","node":"pve","type":"vzrestore",{end}}}}}"#))
}

/// A log of a hundred lines, in pages.
fn log(asked: &Asked) -> Reply {
    let number = |key: &str| asked.get(key).unwrap().parse::<usize>().unwrap();
    let (start, limit) = (number("start"), number("limit"));
    let text = |n: usize| if n == 7 { "WARN: dropped lxc.cap.drop".to_owned() } else { format!("line {n}") };
    let rows: Vec<String> =
        (start + 1..=100).take(limit).map(|n| format!(r#"{{"n":{n},"t":"{}"}}"#, text(n))).collect();
    Reply::ok(format!(r#"{{"data":[{}],"total":100}}"#, rows.join(",")))
}

/// A node whose task ends so after a few looks.
async fn ending(end: &'static str) -> Server {
    let looks = AtomicUsize::new(0);
    Server::answering(move |asked| {
        if asked.path.ends_with("/log") {
            return log(asked);
        }
        status((looks.fetch_add(1, Ordering::SeqCst) >= 3).then_some(end))
    })
    .await
}

#[tokio::test]
async fn the_end_comes_with_the_last_lines() {
    let server = ending("OK").await;
    let result = server.pinned().wait_task(&upid(), LONG).await.unwrap();
    assert_eq!((result.status.clone(), result.log.len()), (ExitStatus::Ok, 12));
    assert_eq!((result.log[0].as_str(), result.log[11].as_str()), ("line 89", "line 100"));
    assert!(server.asked()[0].path.ends_with("%3Amint%40pve%21agent%3A/status"), "{:?}", server.asked()[0]);
    result.succeeded().unwrap();
}

#[tokio::test]
async fn warnings_are_a_success_with_warnings() {
    let result = ending("WARNINGS: 1").await.pinned().wait_task(&upid(), LONG).await.unwrap();
    let result = result.succeeded().unwrap();
    assert_eq!(result.warnings, ["dropped lxc.cap.drop"]);
}

#[tokio::test]
async fn failures_have_their_class_and_their_log() {
    for (end, class) in [
        ("unexpected status", Class::Ambiguous),
        ("CT is locked (backup)", Class::Transient),
        ("403 Permission check failed (/vms/160, VM.Backup)", Class::Authority),
    ] {
        let failed = ending(end).await.pinned().wait_task(&upid(), LONG).await.unwrap().succeeded().unwrap_err();
        assert_eq!(failed.class, class);
        assert!(failed.to_string().contains(end) && failed.to_string().ends_with("line 99 | line 100"), "{failed}");
    }
}

#[tokio::test]
async fn a_deadline_ends_the_wait_and_shows_how_far_it_came() {
    let server = Server::answering(|asked| if asked.path.ends_with("/log") { log(asked) } else { status(None) }).await;
    let began = Instant::now();
    let error = server.pinned().wait_task(&upid(), Duration::from_millis(300)).await.unwrap_err();
    assert!(matches!(&error, WaitError::TimedOut { log, .. } if log.last().unwrap() == "line 100"), "{error:?}");
    assert!(began.elapsed() < Duration::from_secs(5));
}

#[tokio::test]
async fn a_node_that_restarts_is_asked_again() {
    let looks = AtomicUsize::new(0);
    let server = Server::answering(move |asked| match looks.fetch_add(1, Ordering::SeqCst) {
        _ if asked.path.ends_with("/log") => log(asked),
        0..=4 => Reply::refused(595, "Connection refused", ""),
        _ => status(Some("OK")),
    })
    .await;
    assert_eq!(server.pinned().wait_task(&upid(), LONG).await.unwrap().status, ExitStatus::Ok);
}

#[tokio::test]
async fn a_forgotten_task_is_lost_at_once() {
    let body = r#"{"data":null,"errors":{"upid":"no such task"},"message":"Parameter verification failed.\n"}"#;
    let server = Server::saying(Reply::refused(400, "Parameter verification failed.", body)).await;
    let error = server.pinned().wait_task(&upid(), LONG).await.unwrap_err();
    assert!(matches!(error, WaitError::Lost { .. }), "{error:?}");
    assert_eq!(server.asked().len(), 1);
}

/// A node whose task runs until it is stopped.
async fn endless() -> Server {
    let stopped = Arc::new(AtomicBool::new(false));
    Server::answering(move |asked| {
        if asked.verb == "DELETE" {
            stopped.store(true, Ordering::SeqCst);
            return Reply::ok(r#"{"data":null}"#);
        }
        if asked.path.ends_with("/log") {
            log(asked)
        } else {
            status(stopped.load(Ordering::SeqCst).then_some("received interrupt"))
        }
    })
    .await
}

#[tokio::test]
async fn whoever_cancels_decides_what_becomes_of_the_task() {
    let server = endless().await;
    // The wish comes while the task is being watched.
    let later = |wish| {
        let server = &server;
        async move {
            while server.asked().is_empty() {
                tokio::time::sleep(Duration::from_millis(5)).await;
            }
            wish
        }
    };
    let left = server.pinned().wait_task_unless(&upid(), LONG, later(OnCancel::Leave)).await.unwrap();
    assert_eq!(left, Watched::Left);
    assert!(server.take().iter().all(|asked| asked.verb == "GET"), "it was stopped");
    let stopped = server.pinned().wait_task_unless(&upid(), LONG, later(OnCancel::Stop)).await.unwrap();
    let wanted = ExitStatus::Error("received interrupt".into());
    assert!(matches!(&stopped, Watched::Stopped(result) if result.status == wanted), "{stopped:?}");
    assert_eq!(server.asked().iter().filter(|asked| asked.verb == "DELETE").count(), 1);
}
