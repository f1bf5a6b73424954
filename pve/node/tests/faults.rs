//! Faults on demand over real HTTP, each met by a client as it would be met on a bad day. Tasks are real processes, so
//! those tests need root; no guest is started and no bridge is made.

#![expect(clippy::panic, reason = "a test that panics has failed")]

mod support;

use std::process::Command;
use std::time::{Duration, Instant};

use pve_node::wait;
use support::Lab;

const CONFIG: &str = "/nodes/pve/lxc/9101/config";
const ARCHIVE: &str = "vzdump-lxc-9101-2026_01_02-03_04_05.tar.zst";

fn guest() -> Lab {
    let lab = Lab::start();
    lab.write_guest(9101, "hostname: acme\n");
    lab
}

fn until<T>(what: &str, look: impl FnMut() -> Option<T>) -> T {
    wait::until(Duration::from_secs(20), Duration::from_millis(20), look).unwrap_or_else(|| panic!("{what} never came"))
}

/// Starts the task that removes an archive, and returns the path of the task.
fn removal(lab: &Lab) -> String {
    lab.write(&format!("storage/local/dump/{ARCHIVE}"), "x");
    let answer =
        lab.request_as_root("DELETE", &format!("/nodes/pve/storage/local/content/local%3Abackup%2F{ARCHIVE}"), None);
    task(&answer.body)
}

fn task(body: &str) -> String {
    let upid = body.split('"').find(|part| part.starts_with("UPID:")).unwrap_or_else(|| panic!("no task in {body}"));
    format!("/nodes/pve/tasks/{}", upid.replace(':', "%3A").replace('!', "%21").replace('@', "%40"))
}

fn ended(lab: &Lab, task: &str) -> String {
    until("the task's end", || {
        let body = lab.request_as_root("GET", &format!("{task}/status"), None).body;
        Some(body.split_once("\"exitstatus\":\"")?.1.split('"').next()?.to_owned())
    })
}

/// An archive that holds a configuration and nothing else.
fn pack(lab: &Lab) {
    lab.write(
        "tree/etc/vzdump/pct.conf",
        "arch: amd64\nostype: debian\nrootfs: local:9101/vm-9101-disk-0.raw,size=1G\n",
    );
    lab.write(&format!("storage/local/dump/{ARCHIVE}"), "");
    let (archive, tree) = (lab.path(&format!("storage/local/dump/{ARCHIVE}")), lab.path("tree"));
    let tar = Command::new("tar").arg("--zstd").arg("-cf").arg(archive).arg("-C").arg(tree).arg("./etc").status();
    assert!(tar.is_ok_and(|status| status.success()));
}

fn archive_is_there(lab: &Lab) -> bool {
    lab.exists(&format!("storage/local/dump/{ARCHIVE}"))
}

#[test]
fn a_dropped_answer_took_effect_and_a_dropped_request_did_not() {
    let lab = guest();
    lab.fault(&format!(r#"{{"request":{{"to":"PUT {CONFIG}","when":"before","times":1,"do":"drop"}}}}"#));
    assert!(lab.try_request("PUT", CONFIG, Some("hostname=other")).is_none());
    assert_eq!(lab.read_guest(9101), "hostname: acme\n");
    lab.fault(&format!(r#"{{"request":{{"to":"PUT {CONFIG}","times":1,"do":"drop"}}}}"#));
    assert!(lab.try_request("PUT", CONFIG, Some("hostname=other")).is_none());
    assert_eq!(lab.read_guest(9101), "hostname: other\n");
    assert_eq!(lab.request("PUT", CONFIG, Some("hostname=third")).status, 200, "a fault struck more than once");
}

#[test]
fn an_answer_comes_late_or_in_half_or_from_somebody_else() {
    let lab = guest();
    let late = lab.fault(r#"{"request":{"to":"GET /version","do":{"delay":700}}}"#);
    let began = Instant::now();
    assert_eq!(lab.get("/version").status, 200);
    assert!(began.elapsed() >= Duration::from_millis(700));
    lab.lift(late);
    let cut = lab.fault(&format!(r#"{{"request":{{"to":"PUT {CONFIG}","do":"cut"}}}}"#));
    assert!(lab.try_request("PUT", CONFIG, Some("hostname=other")).is_none(), "the body was whole");
    assert_eq!(lab.read_guest(9101), "hostname: other\n");
    lab.lift(cut);
    lab.fault(r#"{"request":{"to":"GET /version","times":1,"do":"garbage"}}"#);
    let answer = lab.get("/version");
    assert_eq!((answer.status, answer.header("content-type")), (200, Some("text/html")));
    assert!(answer.body.starts_with("<html>"), "{answer:?}");
}

#[test]
fn a_held_request_waits_until_it_is_let_go() {
    let lab = guest();
    let hold = lab.fault(&format!(r#"{{"request":{{"to":"PUT {CONFIG}","when":"before","do":"hold"}}}}"#));
    std::thread::scope(|scope| {
        let asked = scope.spawn(|| lab.request("PUT", CONFIG, Some("hostname=other")).status);
        until("a held request", || lab.faults().contains(&format!("\"held\":[\"PUT {CONFIG}\"]")).then_some(()));
        assert_eq!(lab.read_guest(9101), "hostname: acme\n");
        lab.lift(hold);
        assert_eq!(asked.join().ok(), Some(200));
    });
    assert_eq!(lab.read_guest(9101), "hostname: other\n");
}

/// What a killed agent has asked for may be done after its death.
#[test]
fn a_held_request_is_carried_out_though_the_asker_hung_up() {
    let lab = guest();
    let hold = lab.fault(&format!(r#"{{"request":{{"to":"PUT {CONFIG}","when":"before","do":"hold"}}}}"#));
    let waits = || lab.faults().contains(&format!("\"held\":[\"PUT {CONFIG}\"]"));
    let impatient =
        ["--max-time", "2", "--request", "PUT", "--data", "hostname=other", "--header", &lab.authorization()];
    assert_eq!(lab.curl(&impatient, CONFIG), "", "it was answered");
    assert_eq!(lab.read_guest(9101), "hostname: acme\n");
    assert!(waits(), "it was forgotten with the asker");
    lab.lift(hold);
    assert_eq!(lab.read_guest(9101), "hostname: other\n");
}

#[test]
fn the_proxy_loses_the_daemon_and_the_daemon_dies_with_a_text() {
    let lab = guest();
    lab.fault(&format!(
        r#"{{"request":{{"to":"PUT {CONFIG}","times":1,"do":{{"answer":{{"status":596,"text":"Connection timed out"}}}}}}}}"#
    ));
    let answer = lab.request("PUT", CONFIG, Some("hostname=other"));
    assert_eq!((answer.status, answer.reason.as_str(), answer.body.as_str()), (596, "Connection timed out", ""));
    assert_eq!(lab.read_guest(9101), "hostname: other\n", "596 says nothing about the effect");
    lab.fault(&format!(
        r#"{{"request":{{"to":"* {CONFIG}","when":"before","times":1,"do":{{"answer":{{"status":500,"text":"got timeout"}}}}}}}}"#
    ));
    let answer = lab.request("PUT", CONFIG, Some("hostname=third"));
    assert_eq!((answer.status, answer.reason.as_str()), (500, "got timeout"));
    assert_eq!(answer.body, "{\"data\":null,\"message\":\"got timeout\\n\"}");
    assert_eq!(lab.read_guest(9101), "hostname: other\n");
}

#[test]
fn one_token_expires_and_the_others_go_on() {
    let lab = guest();
    lab.fault(r#"{"request":{"to":"* /**","token":"prov@pve!agent","when":"before","do":"expire"}}"#);
    let began = Instant::now();
    let answer = lab.get(CONFIG);
    assert_eq!((answer.status, answer.reason.as_str(), answer.body.as_str()), (401, "Authentication failed!", ""));
    assert!(began.elapsed() >= Duration::from_secs(2));
    assert_eq!(lab.request_as_root("GET", CONFIG, None).status, 200);
}

#[test]
fn a_list_goes_stale() {
    let lab = guest();
    let listed = || lab.get("/cluster/resources?type=vm").body;
    let freeze = lab.fault(r#"{"request":{"to":"GET /cluster/resources","do":"freeze"}}"#);
    let before = listed();
    assert!(before.contains("lxc/9101"), "{before}");
    // A guest's tags are always as now; its name would lag by itself.
    lab.write_guest(9101, "hostname: acme\ntags: other\n");
    assert_eq!(listed(), before);
    assert!(lab.get(CONFIG).body.contains("other"), "only the list is stale");
    lab.lift(freeze);
    assert!(listed().contains("\"other\""));
}

#[test]
fn a_lost_node_answers_nothing_and_goes_dark() {
    let lab = guest();
    let lost = lab.fault(r#"{"lost":"pve"}"#);
    let answer = lab.get(CONFIG);
    assert_eq!((answer.status, answer.body.as_str()), (595, ""));
    assert_eq!(lab.get("/version").status, 200);
    assert!(lab.request_as_root("GET", "/nodes", None).body.contains("\"status\":\"offline\""));
    assert!(lab.get("/cluster/resources?type=vm").body.contains("\"status\":\"unknown\""));
    lab.lift(lost);
    assert_eq!(lab.get(CONFIG).status, 200);
    assert!(lab.request_as_root("GET", "/nodes", None).body.contains("\"status\":\"online\""));
}

#[test]
fn one_node_of_a_cluster_is_lost_and_the_others_go_on() {
    let lab = guest();
    lab.add_member("pve2");
    lab.write("nodes/pve2/lxc/9200.conf", "hostname: far\n");
    let far = || lab.request_as_root("GET", "/nodes/pve2/lxc/9200/config", None);
    assert!(far().body.contains("far"), "{:?}", far());
    let lost = lab.fault(r#"{"lost":"pve2"}"#);
    assert_eq!((far().status, lab.get(CONFIG).status), (595, 200));
    lab.lift(lost);
    assert_eq!(far().status, 200);
}

#[test]
#[ignore = "needs root: tasks have mounts of their own"]
fn a_task_of_another_node_meets_the_clusters_faults() {
    let lab = Lab::start();
    lab.add_member("pve2");
    lab.fault(r#"{"task":{"type":"imgdel","do":{"fail":"disk on fire"}}}"#);
    lab.write(&format!("nodes/pve2/storage/local/dump/{ARCHIVE}"), "x");
    let path = format!("/nodes/pve2/storage/local/content/local%3Abackup%2F{ARCHIVE}");
    let body = lab.request_as_root("DELETE", &path, None).body;
    assert_eq!(ended(&lab, &task(&body).replace("/nodes/pve/", "/nodes/pve2/")), "disk on fire");
}

#[test]
fn only_an_administrator_sets_faults_and_no_misspelt_one() {
    let lab = guest();
    let answer = lab.fault_as_few(r#"{"lost":"pve"}"#);
    assert_eq!((answer.status, lab.faults().as_str()), (403, "{\"data\":[]}"), "{answer:?}");
    let answer = lab.fault_as_root(r#"{"request":{"to":"GET /version","do":"explode"}}"#);
    assert!(answer.status == 400 && answer.body.contains("unknown variant `explode`"), "{answer:?}");
}

#[test]
fn without_the_switch_there_is_no_such_route() {
    let lab = Lab::start_plain();
    let answer = lab.fault_as_root(r#"{"lost":"pve"}"#);
    assert_eq!(answer.status, 500, "{answer:?}");
    assert_eq!(lab.request_as_root("GET", "/nodes/pve/lxc", None).status, 200);
}

#[test]
#[ignore = "needs root: tasks have mounts of their own"]
fn a_task_is_held_and_goes_on() {
    let lab = Lab::start();
    let hold = lab.fault(r#"{"task":{"type":"imgdel","do":"hold"}}"#);
    let task = removal(&lab);
    until("a held task", || lab.faults().contains("\"held\":[\"UPID:pve:").then_some(()));
    assert!(archive_is_there(&lab));
    assert!(lab.request_as_root("GET", &format!("{task}/status"), None).body.contains("\"status\":\"running\""));
    lab.lift(hold);
    assert_eq!(ended(&lab, &task), "OK");
    assert!(!archive_is_there(&lab));
}

#[test]
#[ignore = "needs root: tasks have mounts of their own"]
fn a_held_task_can_be_stopped() {
    let lab = Lab::start();
    lab.fault(r#"{"task":{"type":"imgdel","do":"hold"}}"#);
    let task = removal(&lab);
    until("a held task", || lab.faults().contains("\"held\":[\"UPID:pve:").then_some(()));
    assert_eq!(lab.request_as_root("DELETE", &task, None).status, 200);
    assert_eq!(ended(&lab, &task), "received interrupt");
    assert!(archive_is_there(&lab));
}

#[test]
#[ignore = "needs root: tasks have mounts of their own"]
fn a_task_fails_at_its_start_with_the_given_text() {
    let lab = Lab::start();
    lab.fault(
        r#"{"task":{"type":"imgdel","id":"9101@local","times":1,"do":{"fail":"storage 'local' is not online"}}}"#,
    );
    assert_eq!(ended(&lab, &removal(&lab)), "storage 'local' is not online");
    assert!(archive_is_there(&lab));
    assert_eq!(ended(&lab, &removal(&lab)), "OK");
}

#[test]
#[ignore = "needs root: tasks have mounts of their own"]
fn a_worker_is_killed_before_and_after_its_work() {
    let lab = Lab::start();
    lab.fault(r#"{"task":{"type":"imgdel","times":1,"do":"kill"}}"#);
    assert_eq!(ended(&lab, &removal(&lab)), "unexpected status");
    assert!(archive_is_there(&lab));
    lab.fault(r#"{"task":{"type":"imgdel","at":"end","times":1,"do":"kill"}}"#);
    assert_eq!(ended(&lab, &removal(&lab)), "unexpected status");
    assert!(!archive_is_there(&lab), "it was killed before its work was done");
}

#[test]
#[ignore = "needs root: tasks have mounts of their own"]
fn a_task_fails_and_dies_midway() {
    let lab = guest();
    let backup = || task(&lab.request_as_root("POST", "/nodes/pve/vzdump", Some("vmid=9101&storage=local")).body);
    let log = |task: &str| lab.request_as_root("GET", &format!("{task}/log?limit=0"), None).body;
    lab.fault(r#"{"task":{"type":"vzdump","at":{"line":"starting new backup job"},"times":1,"do":"kill"}}"#);
    let killed = backup();
    assert_eq!(ended(&lab, &killed), "unexpected status");
    assert!(log(&killed).contains("starting new backup job") && !log(&killed).contains("Starting Backup of VM"));
    lab.fault(r#"{"task":{"type":"vzrestore","at":{"line":"extracting archive"},"do":{"fail":"disk on fire"}}}"#);
    pack(&lab);
    let make = format!("vmid=9105&restore=1&ostemplate=local%3Abackup%2F{ARCHIVE}&rootfs=local%3A1&unprivileged=1");
    let failed = task(&lab.request_as_root("POST", "/nodes/pve/lxc", Some(&make)).body);
    assert_eq!(ended(&lab, &failed), "unable to restore CT 9105 - disk on fire");
    assert!(log(&failed).contains("extracting archive") && !lab.exists("lxc/9105.conf"), "it did not take itself back");
}

#[test]
#[ignore = "needs root: tasks have mounts of their own"]
fn a_full_storage_takes_no_volume_and_no_backup() {
    let lab = Lab::start();
    lab.write("storage/local/template/cache/debian.tar", "not read");
    let full = lab.fault(r#"{"full":"local"}"#);
    let order = "vmid=9105&ostemplate=local%3Avztmpl%2Fdebian.tar&rootfs=local%3A1&unprivileged=1";
    let made = task(&lab.request_as_root("POST", "/nodes/pve/lxc", Some(order)).body);
    assert!(ended(&lab, &made).contains("No space left on device"));
    assert!(!lab.exists("lxc/9105.conf"));
    pack(&lab);
    let order = format!("vmid=9101&restore=1&ostemplate=local%3Abackup%2F{ARCHIVE}&rootfs=local%3A1&unprivileged=1");
    lab.lift(full);
    assert_eq!(ended(&lab, &task(&lab.request_as_root("POST", "/nodes/pve/lxc", Some(&order)).body)), "OK");
    let full = lab.fault(r#"{"full":"local"}"#);
    let backup = task(&lab.request_as_root("POST", "/nodes/pve/vzdump", Some("vmid=9101&storage=local")).body);
    assert_eq!(ended(&lab, &backup), "job errors");
    let log = lab.request_as_root("GET", &format!("{backup}/log?limit=0"), None).body;
    assert!(log.contains("Backup of VM 9101 failed - No space left on device"), "{log}");
    let status = || lab.request_as_root("GET", "/nodes/pve/storage/local/status", None).body;
    assert!(status().contains("\"avail\":0"), "{}", status());
    lab.lift(full);
    assert!(!status().contains("\"avail\":0"), "{}", status());
}
