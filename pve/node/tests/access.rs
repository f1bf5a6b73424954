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
    let resources = data(&lab.request_as(&token, "GET", "/cluster/resources", None));
    let of = |kind: &str| resources.as_array().unwrap().iter().find(|row| row["type"] == kind).unwrap();
    assert_eq!((&of("lxc")["pool"], &of("pool")["id"]), (&json!("p"), &json!("/pool/p")));
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

/// What somebody without any grant is told, call by call, as Proxmox was recorded.
const REFUSED: &[(&str, &str, &str, &str)] = &[
    ("GET", "/nodes/pve/lxc/100/config", "", "Permission check failed (/vms/100, VM.Audit)"),
    ("GET", "/nodes/pve/lxc/100/status/current", "", "Permission check failed (/vms/100, VM.Audit)"),
    ("GET", "/nodes/pve/lxc/4242/config", "", "Permission check failed (/vms/4242, VM.Audit)"),
    (
        "GET",
        "/nodes/pve/storage/local/content",
        "",
        "Permission check failed (/storage/local, Datastore.Audit|Datastore.AllocateSpace)",
    ),
    ("GET", "/nodes/pve/status", "", "Permission check failed (/nodes/pve, Sys.Audit)"),
    (
        "POST",
        "/nodes/pve/lxc",
        "vmid=160&ostemplate=local%3Avztmpl%2Fx.tar.zst&rootfs=local%3A1",
        "Permission check failed",
    ),
    (
        "POST",
        "/nodes/pve/lxc",
        "vmid=100&ostemplate=local%3Avztmpl%2Fx.tar.zst&rootfs=local%3A1",
        "CT 100 already exists on node 'pve'",
    ),
    (
        "PUT",
        "/nodes/pve/lxc/100/config",
        "memory=512",
        "Permission check failed (/vms/100, VM.Config.Disk|VM.Config.CPU|VM.Config.Memory|VM.Config.Network|VM.Config.Options)",
    ),
    (
        "PUT",
        "/nodes/pve/lxc/100/resize",
        "disk=rootfs&size=%2B1G",
        "Permission check failed (/vms/100, VM.Config.Disk)",
    ),
    ("POST", "/nodes/pve/lxc/100/status/start", "", "Permission check failed (/vms/100, VM.PowerMgmt)"),
    ("DELETE", "/nodes/pve/lxc/100", "", "Permission check failed (/vms/100, VM.Allocate)"),
    (
        "POST",
        "/nodes/pve/vzdump",
        "vmid=100&storage=local",
        "Permission check failed (/storage/local, Datastore.AllocateSpace)",
    ),
    ("GET", "/access/users/root@pam", "", "Permission check failed"),
    ("GET", "/access/users/root@pam/token", "", "Permission check failed"),
    ("POST", "/access/users", "userid=x%40pve", "Permission check failed (/access/realm/pve, Realm.AllocateUser)"),
    ("POST", "/access/roles", "roleid=x", "Permission check failed (/access, Sys.Modify)"),
    ("POST", "/access/groups", "groupid=x", "Permission check failed (/access/groups, Group.Allocate)"),
    ("PUT", "/access/acl", "path=/&roles=PVEAdmin&users=ci%40pve", "Permission check failed (/, Permissions.Modify)"),
    ("POST", "/pools", "poolid=x", "Permission check failed (/pool/x, Pool.Allocate)"),
];

#[test]
fn without_grants_every_refusal_is_the_recorded_one() {
    let (lab, token) = with_user(0);
    lab.write_guest(100, "hostname: ct100\nmemory: 512\n");
    for (verb, path, form, reason) in REFUSED {
        let form = matches!(*verb, "POST" | "PUT").then_some(*form);
        let answer = lab.request_as(&token, verb, path, form);
        assert_eq!(answer.reason, *reason, "{verb} {path}");
    }
    for (path, data_of) in [("/nodes/pve/lxc", json!([])), ("/nodes/pve/storage", json!([])), ("/pools", json!([]))] {
        assert_eq!(data(&lab.request_as(&token, "GET", path, None)), data_of, "{path}");
    }
}

/// A create by one who is granted, one by one, what the refusals name. In which order Proxmox looks at the options is
/// chance; that the guest comes first and the bridge no earlier than its NIC is not.
#[test]
fn a_create_asks_for_one_privilege_after_the_other() {
    let (lab, token) = with_user(0);
    let create = "vmid=160&ostemplate=local%3Avztmpl%2Fdebian-13-standard_13.1-2_amd64.tar.zst&rootfs=local%3A1\
        &net0=name%3Deth0%2Cbridge%3Dvmbr0%2Cip%3Ddhcp&hostname=u160&memory=128&features=nesting%3D1&unprivileged=1";
    let root = |verb: &str, path: &str, form: &str| data(&lab.request_as_root(verb, path, Some(form)));
    let mut asked = Vec::new();
    for _ in 0..10 {
        let answer = lab.request_as(&token, "POST", "/nodes/pve/lxc", Some(create));
        if answer.status != 403 {
            break;
        }
        let missing =
            answer.reason.trim_start_matches("Permission check failed").trim_matches([' ', '(', ')']).to_owned();
        let (path, privilege) = missing.split_once(", ").unwrap_or(("/vms/160", "VM.Allocate"));
        let role = format!("R{}", path.replace('/', ""));
        // The first grant on a path makes the role, later ones add to it.
        let made =
            lab.request_as_root("PUT", &format!("/access/roles/{role}"), Some(&format!("privs={privilege}&append=1")));
        if made.status != 200 {
            root("POST", "/access/roles", &format!("roleid={role}&privs={privilege}"));
        }
        root("PUT", "/access/acl", &format!("path={path}&users=ci%40pve&roles={role}"));
        asked.push(missing);
    }
    let recorded = [
        "",
        "/sdn/zones/localnetwork/vmbr0, SDN.Use",
        "/storage/local, Datastore.AllocateSpace",
        "/vms/160, VM.Config.Disk",
        "/vms/160, VM.Config.Memory",
        "/vms/160, VM.Config.Network",
    ];
    assert_eq!(asked.first().map(String::as_str), Some(""));
    asked.sort();
    assert_eq!(asked, recorded);
}
