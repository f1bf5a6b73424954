//! HTTP as Proxmox limits it.

mod support;

use std::io::{Read, Write};
use std::net::TcpStream;
use std::time::{Duration, Instant};

use support::Lab;

#[test]
fn plain_http_is_sent_to_https() {
    let lab = Lab::start();
    for (verb, status) in [("GET", "301 Moved Permanently"), ("PUT", "308 Permanent Redirect")] {
        let mut stream = TcpStream::connect(lab.host()).unwrap();
        write!(stream, "{verb} /api2/json/version?x=1 HTTP/1.1\r\nHost: node:8006\r\n\r\n").unwrap();
        let mut text = String::new();
        stream.read_to_string(&mut text).unwrap();
        assert!(text.starts_with(&format!("HTTP/1.1 {status}\r\n")), "{text}");
        assert!(text.contains("\r\nLocation: https://node:8006/api2/json/version?x=1\r\n"), "{text}");
    }
}

#[test]
fn who_says_nothing_is_hung_up_on_after_five_seconds() {
    let lab = Lab::start();
    let began = Instant::now();
    let mut stream = TcpStream::connect(lab.host()).unwrap();
    assert_eq!(stream.read(&mut [0]).unwrap(), 0);
    assert!((4..8).contains(&began.elapsed().as_secs()), "{:?}", began.elapsed());
}

#[test]
fn a_connection_carries_a_hundred_requests() {
    let lab = Lab::start();
    let used = lab.curl(&["--write-out", "%{num_connects}\n", "--output", "/dev/null"], "/access/domains?_dc=[1-201]");
    let fresh: Vec<usize> =
        used.lines().enumerate().filter(|(_, connects)| *connects != "0").map(|(index, _)| index).collect();
    assert_eq!(fresh, [0, 100, 200]);
}

#[test]
fn answers_keep_connections_and_refusals_do_not() {
    let lab = Lab::start();
    assert_eq!(lab.get("/version").header("connection"), Some("Keep-Alive"));
    assert_eq!(lab.get("/nosuch").header("connection"), Some("close"));
    assert_eq!(lab.get("/nosuch").body, "{\"data\":null,\"message\":\"Method 'GET /nosuch' not implemented\"}");
    assert_eq!(lab.get("/version").header("server"), Some("pve-api-daemon/3.0"));
}

#[test]
fn what_is_no_call_is_refused_in_plain_text() {
    let lab = Lab::start();
    let post = |headers: &[&str], body: &str| lab.with_token(headers, "POST", "/nodes/pve/lxc", Some(body));
    let told = |headers: &[&str], body: &str| {
        let answer = post(headers, body);
        (answer.status, answer.reason.clone(), answer.header("content-type").map(str::to_owned))
    };
    let text = |status: u16, text: &str| (status, text.to_owned(), None);
    let kind = "upload 'Content-Type 'text/plain' not implemented";
    assert_eq!(told(&["Content-Type: text/plain"], "x"), text(506, kind));
    assert_eq!(post(&["Content-Type: text/plain"], "x").body, kind);
    let json = "'\"' expected, at character offset 1 (before \"bad json\") at /usr/share/perl5/PVE/APIServer/AnyEvent.pm line 934.";
    assert_eq!(told(&["Content-Type: application/json"], "{bad json"), text(500, json));
    assert_eq!(told(&["Transfer-Encoding: chunked"], "a=b"), text(501, "chunked transfer encoding not supported"));
    assert_eq!(told(&[], &"a".repeat(512 * 1024 + 1)), text(501, "for data too large"));
    let delete = lab.with_token(&[], "DELETE", "/nodes/pve/lxc/9101", Some("purge=1"));
    assert_eq!((delete.status, delete.reason.as_str()), (501, "Unexpected content for method 'DELETE'"));
    let patch = lab.with_token(&[], "PATCH", "/version", None);
    assert_eq!((patch.status, patch.reason.as_str(), patch.body.as_str()), (501, "method 'PATCH' not available", ""));
    let long = Instant::now();
    let name = |index: usize| format!("X-{index}: 1");
    let many: Vec<String> = (0..62).map(name).collect();
    let many: Vec<&str> = many.iter().map(String::as_str).collect();
    assert!(lab.try_with_token(&many, "GET", "/version", None).is_none());
    assert!(long.elapsed() > Duration::from_secs(4));
}
