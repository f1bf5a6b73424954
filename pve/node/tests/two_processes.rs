//! One state directory served by two processes, and many who ask both at once: nothing is lost, nothing is made twice.
//!
//! As root the tasks are real and are held at their start; otherwise no worker starts, and a number is taken all the
//! same.

#![expect(clippy::expect_used, reason = "a test that panics has failed")]

mod support;

use std::collections::BTreeMap;
use std::sync::Mutex;
use std::time::{Duration, Instant};

use pve_node::wait;
use support::{Answer, Lab};

/// How many ask at the same time.
const AT_ONCE: usize = 16;

/// A request to one of the two.
#[derive(Debug, Clone)]
struct Ask {
    server: usize,
    verb: &'static str,
    path: String,
    form: Option<String>,
}

fn ask(server: usize, verb: &'static str, path: impl Into<String>, form: Option<String>) -> Ask {
    Ask { server, verb, path: path.into(), form }
}

fn two() -> Lab {
    Lab::start().served_twice()
}

/// Asks all of it, [`AT_ONCE`] at a time. A lock that was busy for ten seconds is asked for again, as every client
/// does: nothing has happened.
fn all(lab: &Lab, asks: &[Ask]) -> Vec<(Ask, Answer)> {
    let left = Mutex::new(asks.iter());
    let answers = Mutex::new(Vec::new());
    let work = || {
        loop {
            let Some(one) = left.lock().ok().and_then(|mut left| left.next()) else { return };
            let send = || lab.request_to(one.server, one.verb, &one.path, one.form.as_deref());
            let mut answer = send();
            while answer.reason.ends_with("got timeout") {
                answer = send();
            }
            answers.lock().expect("no test thread died").push((one.clone(), answer));
        }
    };
    std::thread::scope(|scope| (0..AT_ONCE).for_each(|_| drop(scope.spawn(work))));
    answers.into_inner().expect("no test thread died")
}

/// Deals the piles out in turn, so that all kinds of requests meet.
fn mixed(piles: &[Vec<Ask>]) -> Vec<Ask> {
    let longest = piles.iter().map(Vec::len).max().unwrap_or_default();
    (0..longest).flat_map(|index| piles.iter().filter_map(move |pile| pile.get(index)).cloned()).collect()
}

fn config_of(vmid: u32) -> String {
    format!("/nodes/pve/lxc/{vmid}/config")
}

/// Every interface of two guests, each by a request of its own.
fn interfaces() -> Vec<Ask> {
    let one = |vmid: u32, index: usize| {
        let net = format!("name%3Deth{index}%2Cbridge%3Dlo%2Chwaddr%3DBC%3A24%3A11%3A00%3A00%3A{index:02X}");
        ask(index % 2, "PUT", config_of(vmid), Some(format!("net{index}={net}")))
    };
    (0..32).flat_map(|index| [one(9101, index), one(9102, index)]).collect()
}

/// The same guest changed by many who all read the same.
fn rivals(digest: &str) -> Vec<Ask> {
    let one =
        |index: usize| ask(index % 2, "PUT", config_of(9103), Some(format!("hostname=rival{index}&digest={digest}")));
    (0..30).map(one).collect()
}

/// The same numbers asked for by two each.
fn creations() -> Vec<Ask> {
    let one = |vmid: usize, server: usize| {
        let form = format!("vmid={vmid}&ostemplate=local%3Avztmpl%2Fdebian.tar&rootfs=local%3A1&hostname=from{server}");
        ask(server, "POST", "/nodes/pve/lxc", Some(form))
    };
    (200..220).flat_map(|vmid| [one(vmid, 0), one(vmid, 1)]).collect()
}

fn reads() -> Vec<Ask> {
    let paths =
        [&config_of(9101), "/nodes/pve/lxc", "/cluster/nextid", "/nodes/pve/tasks?source=all", "/cluster/resources"];
    (0..66).map(|index| ask(index % 2, "GET", paths[index % paths.len()], None)).collect()
}

fn is_about(answered: &(Ask, Answer), verb: &str, path: &str) -> bool {
    answered.0.verb == verb && answered.0.path == path
}

#[test]
fn two_hundred_requests_at_once_lose_nothing_and_make_nothing_twice() {
    let lab = two();
    for vmid in [9101, 9102, 9103] {
        lab.write_guest(vmid, "hostname: acme\nmemory: 512\n");
    }
    lab.write("storage/local/template/cache/debian.tar", "not read");
    let hold = lab.fault(r#"{"task":{"type":"vzcreate","do":"hold"}}"#);
    let asks = mixed(&[interfaces(), rivals(&lab.digest(9103)), creations(), reads()]);
    assert_eq!(asks.len(), 200);
    let answers = all(&lab, &asks);
    no_update_is_lost(&lab, &answers);
    one_rival_wins(&lab, &answers);
    every_number_is_taken_once(&lab, &answers);
    for (ask, answer) in answers.iter().filter(|(ask, _)| ask.verb == "GET") {
        assert!(answer.status == 200 && answer.body.starts_with("{\"data\":"), "{ask:?}: {answer:?}");
    }
    lab.lift(hold);
    await_tasks(&lab, "pve");
}

/// Tasks outlive the servers: without this they would miss their directory.
fn await_tasks(lab: &Lab, node: &str) {
    let running =
        || lab.request_to(0, "GET", &format!("/nodes/{node}/tasks?source=active"), None).body.contains("\"pid\"");
    let ended = wait::until(Duration::from_mins(1), Duration::from_millis(100), || (!running()).then_some(()));
    assert_eq!(ended, Some(()), "tasks of {node} still run");
}

fn no_update_is_lost(lab: &Lab, answers: &[(Ask, Answer)]) {
    for vmid in [9101, 9102] {
        let own = answers.iter().filter(|answered| is_about(answered, "PUT", &config_of(vmid)));
        for (ask, answer) in own {
            assert_eq!(answer.status, 200, "{ask:?}: {answer:?}");
        }
        let conf = lab.read_guest(vmid);
        for index in 0..32 {
            assert!(conf.contains(&format!("net{index}: name=eth{index},")), "net{index} of {vmid} was lost:\n{conf}");
        }
    }
}

fn one_rival_wins(lab: &Lab, answers: &[(Ask, Answer)]) {
    let rivals: Vec<_> = answers.iter().filter(|answered| is_about(answered, "PUT", &config_of(9103))).collect();
    let won: Vec<_> = rivals.iter().filter(|(_, answer)| answer.status == 200).collect();
    assert_eq!((rivals.len(), won.len()), (30, 1));
    let text = "detected modified configuration - file changed by other user? Try again.";
    assert!(rivals.iter().all(|(_, answer)| answer.status == 200 || answer.reason == text));
    let name = won[0].0.form.as_deref().and_then(|form| form.split(['=', '&']).nth(1)).unwrap_or_default();
    assert!(lab.read_guest(9103).contains(&format!("hostname: {name}\n")));
}

fn every_number_is_taken_once(lab: &Lab, answers: &[(Ask, Answer)]) {
    let mut takers: BTreeMap<u32, usize> = (200..220).map(|vmid| (vmid, 0)).collect();
    for (ask, answer) in answers.iter().filter(|answered| is_about(answered, "POST", "/nodes/pve/lxc")) {
        let form = ask.form.as_deref().unwrap_or_default();
        let vmid: u32 = form.split(['=', '&']).nth(1).and_then(|text| text.parse().ok()).unwrap_or_default();
        let took = answer.status == 200 || answer.reason == "got no worker upid - start worker failed";
        let late = answer.reason.ends_with(&format!("CT {vmid} already exists on node 'pve'"));
        assert!(took != late, "{ask:?}: {answer:?}");
        *takers.entry(vmid).or_default() += usize::from(took);
    }
    assert!(takers.len() == 20 && takers.values().all(|count| *count == 1), "{takers:?}");
    assert!((200..220).all(|vmid| lab.read_guest(vmid) == "lock: create\n"));
}

#[test]
fn a_number_is_taken_once_in_a_whole_cluster() {
    let lab = two();
    lab.add_member("pve2");
    for node in ["", "nodes/pve2/"] {
        lab.write(&format!("{node}storage/local/template/cache/debian.tar"), "not read");
    }
    let hold = lab.fault(r#"{"task":{"type":"vzcreate","do":"hold"}}"#);
    let one = |vmid: usize, node: &str, server: usize| {
        let form = format!("vmid={vmid}&ostemplate=local%3Avztmpl%2Fdebian.tar&rootfs=local%3A1");
        ask(server, "POST", format!("/nodes/{node}/lxc"), Some(form))
    };
    let asks: Vec<Ask> =
        (300..320).flat_map(|vmid| [one(vmid, "pve", vmid % 2), one(vmid, "pve2", 1 - vmid % 2)]).collect();
    all(&lab, &asks);
    for vmid in 300..320 {
        let homes = ["", "nodes/pve2/"].iter().filter(|node| lab.exists(&format!("{node}lxc/{vmid}.conf"))).count();
        assert_eq!(homes, 1, "guest {vmid}");
    }
    lab.lift(hold);
    await_tasks(&lab, "pve");
    await_tasks(&lab, "pve2");
}

#[test]
fn locks_that_stay_busy_time_out_in_both() {
    let lab = two();
    lab.write_guest(9101, "hostname: acme\n");
    let (_held, _other) = (lab.hold_lock(9101), lab.hold_lock(9105));
    let change = |server| lab.request_to(server, "PUT", &config_of(9101), Some("hostname=other"));
    let make = |server| {
        let form = "vmid=9105&ostemplate=local%3Avztmpl%2Fdebian.tar&rootfs=local%3A1";
        lab.request_to(server, "POST", "/nodes/pve/lxc", Some(form))
    };
    let timed = |answer: &dyn Fn() -> Answer| {
        let began = Instant::now();
        (answer().reason, began.elapsed())
    };
    let wanted = |vmid: u32| format!("can't lock file '/run/lock/lxc/pve-config-{vmid}.lock' - got timeout");
    std::thread::scope(|scope| {
        let (timed, wanted, change, make) = (&timed, &wanted, &change, &make);
        for server in 0..2 {
            scope.spawn(move || {
                let (reason, took) = timed(&|| change(server));
                assert_eq!(reason, wanted(9101));
                assert!(took >= Duration::from_secs(10), "{took:?}");
            });
            scope.spawn(move || {
                let (reason, took) = timed(&|| make(server));
                assert_eq!(reason, format!("unable to create CT 9105 - {}", wanted(9105)));
                assert!(took >= Duration::from_secs(5) && took < Duration::from_secs(10), "{took:?}");
            });
        }
    });
    assert_eq!(lab.read_guest(9101), "hostname: acme\n");
    assert!(!lab.exists("lxc/9105.conf"));
}
