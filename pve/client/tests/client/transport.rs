//! Whom the client trusts, what it reads, what it never repeats.

use std::process::Command;

use pve_client::{Class, Client, Endpoint, Failure, Fingerprint, Meaning, Trust};

use crate::server::{Reply, Server, TOKEN};

const VERSION: &str = r#"{"data":{"version":"9.2.11","release":"9.2","repoid":"x"}}"#;

#[tokio::test]
async fn a_pinned_certificate_is_believed() {
    let server = Server::saying(Reply::ok(VERSION)).await;
    assert_eq!(server.pinned().version().await.unwrap().version, "9.2.11");
}

#[tokio::test]
async fn a_certificate_of_the_authority_is_believed_and_another_is_not() {
    let (server, other) = (Server::saying(Reply::ok(VERSION)).await, Server::saying(Reply::ok(VERSION)).await);
    assert_eq!(server.client(Trust::Authority(server.pem.clone())).version().await.unwrap().version, "9.2.11");
    let error = server.client(Trust::Authority(other.pem.clone())).version().await.unwrap_err();
    assert!(matches!(error.failure, Failure::Untrusted { presented } if presented == server.fingerprint), "{error:?}");
    assert_eq!((error.class(), server.asked().len()), (Class::Authority, 1), "the token was sent to a stranger");
}

#[tokio::test]
async fn another_certificate_is_not_and_the_error_shows_it() {
    let server = Server::saying(Reply::ok(r#"{"data":{}}"#)).await;
    let error = server.client(Trust::Pins(vec![Fingerprint::of(b"other")])).version().await.unwrap_err();
    assert!(matches!(error.failure, Failure::Untrusted { presented } if presented == server.fingerprint), "{error:?}");
    assert_eq!(error.class(), Class::Authority);
    assert!(server.asked().is_empty(), "the token was sent to a stranger");
}

#[tokio::test]
async fn the_reason_phrase_is_read_where_there_is_no_body() {
    let server = Server::saying(Reply::refused(500, "CT is locked (backup)", "")).await;
    let error = server.pinned().config("100".parse().unwrap()).await.unwrap_err();
    assert_eq!(error.refusal().unwrap().meaning(), Meaning::Locked("backup".into()));
}

#[tokio::test]
async fn reads_are_tried_three_times_and_changes_once() {
    for reply in [Reply::refused(596, "Connection timed out", ""), Reply::broken()] {
        let server = Server::saying(reply).await;
        let client = server.pinned();
        assert_eq!(client.version().await.unwrap_err().class(), Class::Ambiguous);
        assert_eq!(server.take().len(), 3);
        assert_eq!(client.start("100".parse().unwrap()).await.unwrap_err().class(), Class::Ambiguous);
        assert_eq!(server.asked().len(), 1);
    }
}

#[tokio::test]
async fn a_decided_answer_is_not_asked_for_again() {
    let server = Server::saying(Reply::refused(403, "Permission check failed (/vms/100, VM.Audit)", "")).await;
    assert_eq!(server.pinned().version().await.unwrap_err().class(), Class::Authority);
    assert_eq!(server.asked().len(), 1);
}

#[tokio::test]
async fn what_is_not_understood_is_ambiguous() {
    for body in ["", "<html>", r#"{"data":null}"#, r#"{"data":"UPID:cut"}"#, r#"{"data":"UPID:pv"#] {
        let server = Server::saying(Reply::ok(body)).await;
        let error = server.pinned().start("100".parse().unwrap()).await.unwrap_err();
        assert!(matches!(error.failure, Failure::Unreadable { .. }), "{body}: {error:?}");
        assert_eq!(error.class(), Class::Ambiguous);
    }
}

#[tokio::test]
async fn an_endless_answer_is_not_read_to_its_end() {
    let body = format!("{{\"data\":\"{}\"}}", "x".repeat(5 << 20));
    let server = Server::saying(Reply::ok(body)).await;
    let error = server.pinned().archived_config(&"local:backup/x.tar".parse().unwrap()).await.unwrap_err();
    assert!(matches!(&error.failure, Failure::Unreadable { why } if why.contains("longer than 4 MiB")), "{error:?}");
}

#[tokio::test]
async fn a_redirect_is_not_followed() {
    let target = Server::saying(Reply::ok(VERSION)).await;
    let mut reply = Reply::refused(301, "Moved Permanently", "");
    reply.headers.push(("location", format!("{}/api2/json/version", target.url())));
    let server = Server::saying(reply).await;
    let error = server.pinned().version().await.unwrap_err();
    assert_eq!(error.refusal().unwrap().meaning(), Meaning::NotTheNode);
    assert!(target.asked().is_empty() && server.asked().len() == 1);
}

#[tokio::test]
async fn wrong_parameters_are_never_sent() {
    let server = Server::saying(Reply::ok(r#"{"data":null}"#)).await;
    let client = server.pinned();
    let vmid = "100".parse().unwrap();
    let error = client.snapshot(vmid, "1bad", "").await.unwrap_err();
    assert!(matches!(&error.failure, Failure::Invalid { errors } if errors.contains_key("snapname")), "{error:?}");
    assert_eq!((error.class(), error.path.as_str()), (Class::Permanent, "/nodes/pve/lxc/100/snapshot"));
    let error = client.set_notes(&"local:backup/x.tar".parse().unwrap(), &"x".repeat(70_000)).await.unwrap_err();
    assert!(matches!(error.failure, Failure::TooLong { most: 65_536, .. }), "{error:?}");
    assert!(server.asked().is_empty());
}

#[tokio::test]
async fn nobody_there_means_never_sent() {
    let url = "https://127.0.0.1:1";
    let trust = Trust::Pins(vec![Fingerprint::of(b"any")]);
    let endpoint = Endpoint::new(url, "pve".parse().unwrap(), trust, TOKEN).unwrap();
    let error = Client::new(endpoint).unwrap().start("100".parse().unwrap()).await.unwrap_err();
    assert!(matches!(error.failure, Failure::NeverSent(_)), "{error:?}");
    assert_eq!(error.class(), Class::Transient);
}

/// The environment belongs to the whole process: the test is played in one of its own, where every proxy is a dead end.
#[test]
fn proxies_of_the_environment_are_ignored() {
    let dead = "http://127.0.0.1:1";
    let names = ["HTTP_PROXY", "HTTPS_PROXY", "ALL_PROXY", "http_proxy", "https_proxy", "all_proxy"];
    let mut again = Command::new(std::env::current_exe().unwrap());
    again
        .args(["--exact", "transport::a_pinned_certificate_is_believed"])
        .env_remove("NO_PROXY")
        .env_remove("no_proxy");
    let done = again.envs(names.map(|name| (name, dead))).output().unwrap();
    let said = String::from_utf8_lossy(&done.stdout);
    assert!(done.status.success() && said.contains("1 passed"), "{said}");
}
