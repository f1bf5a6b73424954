//! The node over HTTP, as a client meets it. Needs neither root nor containers: no bridge is made, no guest started.

mod support;

use support::Lab;

#[test]
fn an_unknown_secret_and_none_are_told_apart_and_held_back() {
    let lab = Lab::start();
    let began = std::time::Instant::now();
    let answer = lab.request_as("prov@pve!agent=no-such-secret", "GET", "/version", None);
    assert_eq!((answer.status, answer.reason.as_str(), answer.body.as_str()), (401, "Authentication failed!", ""));
    assert!(began.elapsed() >= std::time::Duration::from_secs(2));
    let answer = lab.request_as("", "GET", "/version", None);
    assert_eq!((answer.status, answer.reason.as_str()), (401, "No ticket"));
}

#[test]
fn authentication_comes_first_then_the_path_then_permissions_then_parameters() {
    let lab = Lab::start();
    assert_eq!(lab.get("/foo").reason, "Method 'GET /foo' not implemented");
    let answer = lab.request("PUT", "/nodes/pve/lxc/160/config", Some("bogus=1"));
    assert_eq!(answer.status, 403, "{answer:?}");
    let answer = lab.request_as_root("PUT", "/nodes/pve/lxc/160/config", Some("bogus=1"));
    assert_eq!((answer.status, answer.reason.as_str()), (400, "Parameter verification failed."));
    assert!(answer.body.contains("property is not defined in schema"), "{answer:?}");
    let answer = lab.request_as_root("GET", "/nodes/pve/lxc/160/config", None);
    assert_eq!(answer.reason, "Configuration file 'nodes/pve/lxc/160.conf' does not exist");
    assert_eq!(
        answer.body,
        "{\"data\":null,\"message\":\"Configuration file 'nodes/pve/lxc/160.conf' does not exist\\n\"}"
    );
    assert_eq!(answer.header("connection"), Some("close"));
}

#[test]
fn a_token_sees_and_changes_what_it_was_granted_and_nothing_else() {
    let lab = Lab::start();
    lab.write_guest(
        9101,
        "hostname: acme\nmemory: 512\nnet0: name=eth0,bridge=vmbr0,hwaddr=BC:24:11:00:00:01,type=veth\n",
    );
    lab.write_guest(160, "hostname: other\nmemory: 512\n");
    assert!(lab.get("/nodes/pve/lxc/9101/config").body.contains("\"hostname\":\"acme\""));
    assert_eq!(lab.get("/nodes/pve/lxc/160/config").reason, "Permission check failed (/vms/160, VM.Audit)");
    let listed = lab.get("/nodes/pve/lxc").body;
    assert!(listed.contains("acme") && !listed.contains("other"), "{listed}");
    let answer = lab.request("PUT", "/nodes/pve/lxc/9101/config", Some("memory=64"));
    assert_eq!(answer.reason, "Permission check failed (/vms/9101, VM.Config.Memory)");
    let answer = lab.request("PUT", "/nodes/pve/lxc/9101/config", Some("net0=name%3Deth0%2Cbridge%3Dvmbr9"));
    assert_eq!(answer.reason, "Permission check failed (/sdn/zones/localnetwork/vmbr9, SDN.Use)");
    let answer = lab.request("PUT", "/nodes/pve/lxc/9101/config", Some("features=keyctl%3D1"));
    assert_eq!(answer.status, 403, "{answer:?}");
    assert!(lab.get("/access/permissions").body.contains("\"VM.Audit\":1"));
}

#[test]
fn a_put_is_read_back_and_a_stale_digest_is_refused() {
    let lab = Lab::start();
    // The loopback stands for a bridge: it is there on every machine.
    lab.write_guest(
        9101,
        "hostname: golden\nmemory: 512\nnet0: name=eth0,bridge=lo,hwaddr=BC:24:11:00:00:01,type=veth\n",
    );
    let digest = lab.digest(9101);
    let body = format!(
        "digest={digest}&hostname=acme&net0=name%3Deth0%2Cbridge%3Dlo%2Chwaddr%3DBC%3A24%3A11%3A0A%3A0B%3A0C%2Cip%3Ddhcp"
    );
    assert_eq!(lab.request("PUT", "/nodes/pve/lxc/9101/config", Some(&body)).body, "{\"data\":null}");
    let conf = lab.read_guest(9101);
    assert_eq!(
        conf,
        "hostname: acme\nmemory: 512\nnet0: name=eth0,bridge=lo,hwaddr=BC:24:11:0A:0B:0C,ip=dhcp,type=veth\n"
    );
    let answer = lab.request("PUT", "/nodes/pve/lxc/9101/config", Some(&body));
    assert_eq!(
        (answer.status, answer.reason.as_str()),
        (500, "detected modified configuration - file changed by other user? Try again.")
    );
    let answer = lab.request("PUT", "/nodes/pve/lxc/9101/config", Some("delete=hostname&hostname=x"));
    assert!(answer.body.contains("you can't use '-hostname' and -delete hostname' at the same time"), "{answer:?}");
    assert_eq!(lab.request("PUT", "/nodes/pve/lxc/9101/config", Some("")).reason, "no options specified");
}

#[test]
fn a_locked_guest_refuses_and_a_held_lock_times_out() {
    let lab = Lab::start();
    lab.write_guest(9101, "hostname: acme\nlock: backup\n");
    assert_eq!(lab.request("PUT", "/nodes/pve/lxc/9101/config", Some("hostname=x")).reason, "CT is locked (backup)");
    assert_eq!(lab.request("DELETE", "/nodes/pve/lxc/9101", None).reason, "CT is locked (backup)");
    lab.write_guest(9101, "hostname: acme\n");
    let _held = lab.hold_lock(9101);
    let answer = lab.request("PUT", "/nodes/pve/lxc/9101/config", Some("hostname=x"));
    assert!(answer.reason.ends_with("pve-config-9101.lock' - got timeout"), "{answer:?}");
}

#[test]
fn state_calls_answer_for_a_stopped_guest() {
    let lab = Lab::start();
    lab.write_guest(9101, "hostname: acme\nmemory: 512\n");
    assert!(lab.get("/nodes/pve/lxc/9101/status/current").body.contains("\"status\":\"stopped\""));
    assert_eq!(lab.get("/nodes/pve/lxc/9101/interfaces").body, "{\"data\":null}");
    assert_eq!(lab.request_as_root("POST", "/nodes/pve/lxc/9101/status/stop", Some("")).reason, "CT 9101 not running");
    assert_eq!(
        lab.request_as_root("POST", "/nodes/pve/lxc/9101/status/reboot", Some("")).reason,
        "VM 9101 not running"
    );
    let answer = lab.request_as_root("POST", "/nodes/pve/lxc/9101/status/stop", Some("skiplock=1"));
    assert!(answer.body.contains("Only root may use this option."), "{answer:?}");
    assert_eq!(lab.get("/cluster/nextid").body, "{\"data\":\"100\"}");
    assert!(lab.get("/cluster/nextid?vmid=9101").body.contains("VM 9101 already exists"));
    assert!(lab.get("/cluster/resources?type=vm").body.contains("\"id\":\"lxc/9101\""));
}

#[test]
fn restore_refuses_at_once_what_proxmox_refuses_at_once() {
    let lab = Lab::start();
    lab.write_guest(9101, "hostname: acme\n");
    let archive = "restore=1&ostemplate=local%3Abackup%2Fvzdump-lxc-9000-x.tar.zst&unprivileged=1";
    let post = |more: &str| lab.request_as_root("POST", "/nodes/pve/lxc", Some(&format!("{archive}&{more}")));
    assert_eq!(post("vmid=9101").reason, "CT 9101 already exists on node 'pve'");
    assert_eq!(
        post("vmid=9102&mp0=local%3A1%2Cmp%3D%2Fx").reason,
        "mount points configured, but 'rootfs' not set - aborting"
    );
    assert_eq!(post("vmid=9102&rootfs=nosuch%3A1").reason, "storage 'nosuch' does not exist");
    let features = post("vmid=9102&features=nesting%3D1%2Ckeyctl%3D1").reason;
    assert_eq!(
        features,
        "Permission check failed (changing feature flags (except nesting) is only allowed for root@pam)"
    );
    let template = lab.request_as_root(
        "POST",
        "/nodes/pve/lxc",
        Some("vmid=9102&restore=1&ostemplate=local%3Avztmpl%2Fx.tar.zst"),
    );
    assert_eq!(template.reason, "unable to use volume local:vztmpl/x.tar.zst - content type needs to be 'backup'");
    let mine = lab.request("POST", "/nodes/pve/lxc", Some(&format!("{archive}&vmid=160")));
    assert_eq!(mine.body, "{\"data\":null,\"message\":\"Permission check failed\\n\"}");
    assert!(!lab.exists("lxc/9102.conf"));
}

#[test]
fn tasks_are_read_from_their_logs() {
    let lab = Lab::start();
    let upid = "UPID:pve:7FFFFFF0:00000001:6B0038D2:vzrestore:9101:prov@pve!agent:";
    lab.write("tasks/2/UPID:pve:7FFFFFF0:00000001:6B0038D2:vzrestore:9101:prov@pve!agent:", "working\n");
    let path = format!("/nodes/pve/tasks/{}", upid.replace(':', "%3A").replace('!', "%21"));
    assert!(lab.get(&format!("{path}/status")).body.contains("\"exitstatus\":\"unexpected status\""));
    lab.write(&format!("tasks/2/{upid}"), "working\nTASK WARNINGS: 1\n");
    assert!(lab.get(&format!("{path}/status")).body.contains("\"exitstatus\":\"WARNINGS: 1\""));
    assert_eq!(
        lab.get(&format!("{path}/log?limit=0")).body,
        "{\"data\":[{\"n\":1,\"t\":\"working\"},{\"n\":2,\"t\":\"TASK WARNINGS: 1\"}],\"total\":2}"
    );
    let file = lab.get(&format!("{path}/log?download=1"));
    assert_eq!((file.body.as_str(), file.header("content-type")), ("working\nTASK WARNINGS: 1\n", Some("text/plain")));
    let both = lab.get(&format!("{path}/log?download=1&limit=1")).reason;
    assert_eq!(both, "'download' cannot be used together with 'start' or 'limit' parameters");
    assert_eq!(lab.get("/nodes/pve/tasks").body, "{\"data\":[]}", "the list is made from the archive");
    lab.write("tasks/index", &format!("{upid} 6B0038D4 WARNINGS: 1\n"));
    let listed = lab.get("/nodes/pve/tasks").body;
    assert!(listed.contains(upid) && listed.contains("\"tokenid\":\"agent\"") && listed.ends_with("\"total\":1}"));
    let index = "{\"data\":[{\"name\":\"log\"},{\"name\":\"status\"}]}";
    assert_eq!(lab.get(&path).body, index);
    assert!(lab.get("/nodes/pve/tasks/garbage/status").body.contains("unable to parse worker upid"));
    let unknown = "/nodes/pve/tasks/UPID:pve:00000001:00000001:60000000:vzstart:140:prov@pve!agent:";
    assert!(lab.get(&format!("{unknown}/status")).body.contains("no such task"));
    assert!(lab.get(&format!("{unknown}/log")).body.contains("unable to open file - No such file or directory"));
}

#[test]
fn storage_shows_archives_and_keeps_protected_ones() {
    let lab = Lab::start();
    lab.write("storage/local/dump/vzdump-lxc-9101-2026_01_02-03_04_05.tar.zst", "x");
    lab.write("storage/local/dump/vzdump-lxc-160-2026_01_02-03_04_05.tar.zst", "x");
    let listed = lab.get("/nodes/pve/storage/local/content?content=backup").body;
    assert!(listed.contains("vzdump-lxc-9101") && !listed.contains("vzdump-lxc-160"), "{listed}");
    let volume = "/nodes/pve/storage/local/content/local%3Abackup%2Fvzdump-lxc-9101-2026_01_02-03_04_05.tar.zst";
    assert_eq!(lab.request("PUT", volume, Some("notes=one%0Atwo&protected=1")).body, "{\"data\":null}");
    assert!(lab.get(volume).body.contains("\"notes\":\"one\\ntwo\""));
    // The task fails; who waits for it is told why.
    let refused = lab.request("DELETE", &format!("{volume}?delay=30"), None);
    assert!(refused.reason.starts_with("cannot remove protected volume 'backup/"), "{}", refused.reason);
    assert_eq!(lab.request_as_root("GET", "/nodes/pve/storage/nosuch/status", None).status, 400);
}
