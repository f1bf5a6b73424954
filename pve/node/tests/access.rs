//! Users, tokens, tickets, grants and pools over HTTP, as Proxmox's recorded answers have them.

#![expect(clippy::unwrap_used, reason = "a test says what it found by failing")]

mod support;

use serde_json::{Value, json};
use support::{Answer, Lab};

fn data(answer: &Answer) -> Value {
    assert_eq!(answer.status, 200, "{answer:?}");
    let body: Value = serde_json::from_str(&answer.body).unwrap();
    body["data"].clone()
}

/// A lab with `ci@pve`, which may do nothing yet, and a token of it.
fn with_user(privsep: u8) -> (Lab, String) {
    let lab = Lab::start();
    let post = |path: &str, form: &str| data(&lab.request_as_root("POST", path, Some(form)));
    assert_eq!(post("/access/users", "userid=ci%40pve&comment=test&password=pw12345678"), Value::Null);
    let made = post("/access/users/ci@pve/token/t1", &format!("privsep={privsep}"));
    assert_eq!(made["full-tokenid"], "ci@pve!t1");
    assert_eq!(made["info"], json!({"privsep": privsep.to_string()}));
    let token = format!("ci@pve!t1={}", made["value"].as_str().unwrap());
    (lab, token)
}

#[test]
fn a_user_without_grants_sees_nothing_and_with_grants_what_they_say() {
    let (lab, token) = with_user(0);
    let get = |path: &str| lab.request_as(&token, "GET", path, None);
    let root = |verb: &str, path: &str, form: &str| data(&lab.request_as_root(verb, path, Some(form)));
    assert_eq!(data(&get("/access/permissions")), json!({}));
    assert_eq!(data(&get("/nodes/pve/lxc")), json!([]));
    assert_eq!(get("/nodes/pve/lxc/4242/config").reason, "Permission check failed (/vms/4242, VM.Audit)");
    root("POST", "/access/roles", "roleid=Rvms160&privs=VM.Allocate,VM.Audit");
    root("PUT", "/access/acl", "path=/vms/160&users=ci%40pve&roles=Rvms160");
    let mine = json!({"/vms/160": {"VM.Allocate": 1, "VM.Audit": 1}});
    assert_eq!(data(&get("/access/permissions")), mine);
    assert_eq!(data(&get("/access/permissions?path=/vms")), json!({"/vms": {}}));
    let other = get("/access/permissions?userid=root%40pam");
    assert_eq!(other.reason, "Permission check failed (/access, Sys.Audit)");
    let of_user = lab.request_as_root("GET", "/access/permissions?userid=ci%40pve", None);
    assert_eq!(data(&of_user), mine);
    let acl = json!([{"path": "/vms/160", "propagate": 1, "roleid": "Rvms160", "type": "user", "ugid": "ci@pve"}]);
    assert_eq!(data(&get("/access/acl")), acl);
    // Whoever may allocate there may hand out what they have there, and no more.
    let grant = |roles: &str| {
        lab.request_as(&token, "PUT", "/access/acl", Some(&format!("path=/vms/160&users=root%40pam&roles={roles}")))
    };
    assert_eq!(data(&grant("Rvms160")), Value::Null);
    let beyond = grant("PVEVMAdmin");
    assert_eq!((beyond.status, beyond.reason.as_str()), (500, "ACL update failed: 400 Parameter verification failed."));
    assert!(beyond.body.contains("Cannot add role 'PVEVMAdmin' - requires"), "{beyond:?}");
    let text = lab.read("priv/user.cfg");
    assert!(text.starts_with("user:ci@pve:1:0::::test::\ntoken:ci@pve!t1:0:0::\n"), "{text}");
    assert!(text.contains("\nrole:Rvms160:VM.Allocate,VM.Audit:\n"), "{text}");
    assert!(text.contains("\nacl:1:/vms/160:ci@pve:Rvms160:\n"), "{text}");
}

#[test]
fn a_separated_token_has_what_both_have() {
    let (lab, token) = with_user(1);
    let grant = |who: &str| {
        let form = format!("path=/vms&{who}&roles=PVEVMUser");
        data(&lab.request_as_root("PUT", "/access/acl", Some(&form)))
    };
    let config = || lab.request_as(&token, "GET", "/nodes/pve/lxc/9101/status/current", None).status;
    lab.write_guest(9101, "hostname: acme\n");
    grant("users=ci%40pve");
    assert_eq!(config(), 403);
    grant("tokens=ci%40pve%21t1");
    assert_eq!(config(), 200);
    let changed = lab.request_as_root("PUT", "/access/users/ci@pve/token/t1", Some("expire=1000000000"));
    assert_eq!(data(&changed), json!({"expire": "1000000000", "privsep": 1}));
    assert_eq!(config(), 401);
}

#[test]
fn a_password_opens_with_a_ticket_and_changes_take_its_csrf_token() {
    let (lab, token) = with_user(0);
    let login = |form: &str| lab.request_as("", "POST", "/access/ticket", Some(form));
    let wrong = login("username=ci%40pve&password=wrong");
    assert_eq!((wrong.status, wrong.reason.as_str()), (401, "authentication failure"));
    assert_eq!(wrong.body, "{\"data\":null,\"message\":\"authentication failure\\n\"}");
    let right = data(&login("username=ci&realm=pve&password=pw12345678"));
    let empty = json!({"access": {}, "dc": {}, "mapping": {}, "nodes": {}, "sdn": {}, "storage": {}, "vms": {}});
    assert_eq!((&right["username"], &right["cap"]), (&json!("ci@pve"), &empty));
    let (ticket, csrf) = (right["ticket"].as_str().unwrap(), right["CSRFPreventionToken"].as_str().unwrap());
    assert!(ticket.starts_with("PVE:ci@pve:"), "{ticket}");
    let cookie = format!("Cookie: PVEAuthCookie={}", ticket.replace(':', "%3A"));
    let with = |headers: &[&str], verb: &str, path: &str| {
        lab.with_headers(headers, verb, path, (verb == "POST").then_some("vmid=160"))
    };
    assert_eq!(with(&[&cookie], "GET", "/version").status, 200);
    let bare = with(&[&cookie], "POST", "/nodes/pve/lxc");
    assert_eq!(
        (bare.status, bare.reason.as_str(), bare.body.as_str()),
        (401, "Permission denied - invalid csrf token", "")
    );
    let missing = with(&[&cookie, &format!("CSRFPreventionToken: {csrf}")], "POST", "/nodes/pve/lxc");
    assert_eq!((missing.status, missing.reason.as_str()), (400, "Parameter verification failed."));
    // A stray ticket goes before a token, and the same ticket will do in its place.
    let stray = with(&["Cookie: PVEAuthCookie=x", &format!("Authorization: PVEAPIToken={token}")], "GET", "/version");
    assert_eq!(stray.status, 401);
    let instead = with(&[&format!("Authorization: PVEAuthCookie={ticket}")], "GET", "/version");
    assert_eq!(instead.status, 200);
    let by_token = lab.request_as(&token, "POST", "/access/ticket", Some("username=ci%40pve&password=pw12345678"));
    let text = "Permission check failed (URI '/access/ticket' not available with API token, need proper ticket.";
    assert_eq!((by_token.status, by_token.reason.as_str()), (403, text));
}

#[test]
fn a_pool_s_grants_are_its_members() {
    let (lab, token) = with_user(0);
    lab.write_guest(9101, "hostname: acme\n");
    let root = |verb: &str, path: &str, form: Option<&str>| lab.request_as_root(verb, path, form);
    data(&root("POST", "/pools", Some("poolid=p&comment=x")));
    data(&root("PUT", "/access/acl", Some("path=/pool/p&users=ci%40pve&roles=PVEVMUser,PVEPoolUser")));
    assert_eq!(lab.request_as(&token, "GET", "/nodes/pve/lxc/9101/config", None).status, 403);
    data(&root("PUT", "/pools/p", Some("vms=9101&storage=local")));
    assert_eq!(lab.request_as(&token, "GET", "/nodes/pve/lxc/9101/config", None).status, 200);
    assert_eq!(
        root("PUT", "/pools", Some("poolid=p&vms=9101")).reason,
        "update pools failed: VM 9101 is already a pool member"
    );
    let seen = data(&lab.request_as(&token, "GET", "/pools/p?type=lxc", None));
    assert_eq!((&seen["comment"], &seen["members"][0]["id"]), (&json!("x"), &json!("lxc/9101")));
    assert_eq!(data(&lab.request_as(&token, "GET", "/pools", None)), json!([{"comment": "x", "poolid": "p"}]));
    assert_eq!(root("DELETE", "/pools/p", None).reason, "delete pool failed: pool 'p' is not empty (contains VM 9101)");
    data(&root("PUT", "/pools", Some("poolid=p&vms=9101&storage=local&delete=1")));
    data(&root("DELETE", "/pools?poolid=p", None));
    assert!(!lab.read("priv/user.cfg").contains("/pool/p"));
}

#[test]
fn what_cannot_be_is_refused_in_proxmox_words() {
    let (lab, token) = with_user(0);
    let root = |verb: &str, path: &str, form: Option<&str>| lab.request_as_root(verb, path, form);
    for (verb, path, form, reason) in [
        ("POST", "/access/users", Some("userid=ci%40pve"), "create user failed: user 'ci@pve' already exists"),
        ("GET", "/access/users/x@pve", None, "no such user ('x@pve')"),
        (
            "POST",
            "/access/roles",
            Some("roleid=Administrator"),
            "create role failed: role 'Administrator' already exists",
        ),
        ("PUT", "/access/roles/PVEAdmin", Some("privs=VM.Audit"), "auto-generated role 'PVEAdmin' cannot be modified"),
        ("PUT", "/access/roles/x", Some("privs=VM.Audit"), "update role failed: role 'x' does not exist"),
        ("GET", "/access/roles/x", None, "role 'x' does not exist"),
        (
            "PUT",
            "/access/acl",
            Some("path=/&users=x%40pve&roles=PVEAdmin"),
            "ACL update failed: user 'x@pve' does not exist",
        ),
        ("DELETE", "/access/users/ci@pve/token/t2", None, "no such token 't2' for user 'ci@pve'"),
        ("GET", "/pools/x", None, "pool 'x' does not exist"),
    ] {
        let answer = root(verb, path, form);
        assert_eq!((answer.status, answer.reason.as_str()), (500, reason), "{verb} {path}");
    }
    for (verb, path, form, name, why) in [
        ("POST", "/access/users/ci@pve/token/t1", "", "tokenid", "Token already exists."),
        (
            "POST",
            "/access/roles",
            "roleid=pvex",
            "roleid",
            "cannot use role ID starting with the (case-insensitive) 'PVE' namespace",
        ),
        (
            "POST",
            "/access/roles",
            "roleid=x&privs=VM.Monitor",
            "privs",
            "invalid format - invalid privilege 'VM.Monitor'\\n",
        ),
        ("PUT", "/access/acl", "path=/vms/1&users=ci%40pve&roles=PVEAdmin", "path", "invalid ACL path '/vms/1'"),
        ("PUT", "/access/acl", "path=/&roles=PVEAdmin", "users", "either 'users', 'groups' or 'tokens' is required."),
    ] {
        let answer = root(verb, path, Some(form));
        assert_eq!((answer.status, answer.reason.as_str()), (400, "Parameter verification failed."), "{verb} {path}");
        assert!(answer.body.contains(&format!("\"{name}\":\"{why}\"")), "{answer:?}");
    }
    let foreign = lab.request_as(&token, "POST", "/access/roles", Some("roleid=x"));
    assert_eq!(foreign.reason, "Permission check failed (/access, Sys.Modify)");
}

#[test]
fn a_disabled_user_is_out_and_a_removed_one_leaves_nothing() {
    let (lab, token) = with_user(0);
    data(&lab.request_as_root("PUT", "/access/users/ci@pve", Some("enable=0")));
    assert_eq!(lab.request_as(&token, "GET", "/version", None).reason, "Authentication failed!");
    let listed = data(&lab.request_as_root("GET", "/access/users?full=1&enabled=0", None));
    let tokens = json!([{"expire": 0, "privsep": 0, "tokenid": "t1"}]);
    let row = json!([{"comment": "test", "email": "", "enable": 0, "expire": 0, "groups": "", "realm-type": "pve",
        "tokens": tokens, "userid": "ci@pve"}]);
    assert_eq!(listed, row);
    data(&lab.request_as_root("DELETE", "/access/users/ci@pve", None));
    let left: String =
        ["user", "token", "shadow-pve"].iter().map(|name| lab.read(&format!("priv/{name}.cfg"))).collect();
    assert!(!left.contains("ci@pve") && !left.contains("\nci:"), "{left}");
}

#[test]
fn two_processes_lose_no_user() {
    let lab = Lab::start();
    std::thread::scope(|scope| {
        for index in 0..8 {
            let lab = &lab;
            scope.spawn(move || lab.run(&["token", "add", &format!("p{index}@pve!t1"), "--privs", "/vms=VM.Audit"]));
            scope.spawn(move || {
                data(&lab.request_as_root("POST", "/access/users", Some(&format!("userid=a{index}%40pve"))))
            });
        }
    });
    let listed = data(&lab.request_as_root("GET", "/access/users", None));
    // Theirs, and root and the lab's own.
    assert_eq!(listed.as_array().unwrap().len(), 16 + 2);
}
