//! A node in a temporary directory, served by the real program on a free port, and a client that shows everything.

#![allow(dead_code, reason = "every test program uses a part of it")]
#![expect(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    reason = "a stage that cannot be set up ends its test"
)]

mod server;

use std::fs::{self, File};
use std::path::PathBuf;
use std::process::Command;

use pve_node::access::AccountStore;
use pve_node::access::changes::provision::{self, Wanted};
use pve_node::state::{Node, NodeConfig, digest_of, locks};

use server::Server;

/// What the node answered.
#[derive(Debug)]
pub(crate) struct Answer {
    pub(crate) status: u16,
    pub(crate) reason: String,
    headers: Vec<(String, String)>,
    pub(crate) body: String,
}

impl Answer {
    pub(crate) fn header(&self, name: &str) -> Option<&str> {
        self.headers.iter().find(|(key, _)| key == name).map(|(_, value)| value.as_str())
    }
}

/// The node, its server, and two tokens: one with few grants, and one of root's.
pub(crate) struct Lab {
    // Dropped first: servers must not miss their directory.
    servers: Vec<Server>,
    _dir: tempfile::TempDir,
    node: Node,
    few: String,
    root: String,
}

/// What the token with few grants may do.
const GRANTS: &[(&str, &[&str])] = &[
    ("/vms/9101", &["VM.Allocate", "VM.Audit", "VM.Backup", "VM.Config.Network", "VM.Config.Options"]),
    ("/storage/local", &["Datastore.AllocateSpace"]),
    ("/sdn/zones/localnetwork/vmbr0", &["SDN.Use"]),
    ("/sdn/zones/localnetwork/lo", &["SDN.Use"]),
];

impl Lab {
    /// A node whose tests may set faults.
    pub(crate) fn start() -> Self {
        Self::serving(&["--test-faults"])
    }

    /// A node as everybody else starts it.
    pub(crate) fn start_plain() -> Self {
        Self::serving(&[])
    }

    fn serving(switches: &[&str]) -> Self {
        let dir = tempfile::tempdir().unwrap();
        let node = Node::init(dir.path(), &NodeConfig::default()).unwrap();
        let store = AccountStore::new(&node.layout);
        let grants: Wanted = GRANTS
            .iter()
            .map(|(path, list)| ((*path).to_owned(), list.iter().map(|p| (*p).to_owned()).collect()))
            .collect();
        let token = |id: &str, grants| {
            let (user, name) = id.split_once('!').unwrap();
            let add = |config: &mut _, secrets: &mut _| provision::add(config, secrets, user, name, &grants);
            format!("{id}={}", store.change("no token", add).unwrap())
        };
        let (few, root) = (token("prov@pve!agent", grants), token("root@pam!ci", Wanted::new()));
        let servers = vec![Server::start(dir.path(), switches)];
        Self { _dir: dir, node, servers, few, root }
    }

    /// The same node served by a second process.
    pub(crate) fn served_twice(mut self) -> Self {
        self.servers.push(Server::start(self.node.layout.root(), &["--test-faults"]));
        self
    }

    /// A request of root's token to one of the node's processes.
    pub(crate) fn request_to(&self, server: usize, method: &str, path: &str, form: Option<&str>) -> Answer {
        let url = format!("{}/api2/json{path}", self.servers[server].address);
        let token = format!("Authorization: PVEAPIToken={}", self.root);
        self.exchange(&[&token], method, &url, form).expect("the node answers")
    }

    /// Another node of the same cluster, in the same process.
    pub(crate) fn add_member(&self, name: &str) {
        self.node.add_member(&name.parse().unwrap()).unwrap();
    }

    pub(crate) fn path(&self, relative: &str) -> PathBuf {
        self.node.layout.root().join(relative)
    }

    pub(crate) fn write(&self, relative: &str, text: &str) {
        let path = self.path(relative);
        fs::create_dir_all(path.parent().unwrap()).unwrap();
        fs::write(path, text).unwrap();
    }

    pub(crate) fn exists(&self, relative: &str) -> bool {
        self.path(relative).exists()
    }

    pub(crate) fn write_guest(&self, vmid: u32, conf: &str) {
        self.write(&format!("lxc/{vmid}.conf"), conf);
    }

    pub(crate) fn read_guest(&self, vmid: u32) -> String {
        fs::read_to_string(self.path(&format!("lxc/{vmid}.conf"))).unwrap()
    }

    pub(crate) fn digest(&self, vmid: u32) -> String {
        digest_of(&self.read_guest(vmid))
    }

    pub(crate) fn hold_lock(&self, vmid: u32) -> locks::Held {
        let vmid = vmid.try_into().unwrap();
        locks::acquire(&self.node.layout.lock(vmid), locks::PATIENCE, &|_| ()).unwrap()
    }

    pub(crate) fn get(&self, path: &str) -> Answer {
        self.request("GET", path, None)
    }

    pub(crate) fn request(&self, method: &str, path: &str, form: Option<&str>) -> Answer {
        self.request_as(&self.few, method, path, form)
    }

    pub(crate) fn request_as_root(&self, method: &str, path: &str, form: Option<&str>) -> Answer {
        self.request_as(&self.root, method, path, form)
    }

    pub(crate) fn request_as(&self, token: &str, method: &str, path: &str, form: Option<&str>) -> Answer {
        self.send(token, method, path, form).expect("the node answers")
    }

    /// Sets a fault and returns its number.
    pub(crate) fn fault(&self, fault: &str) -> u64 {
        let answer = self.ask(&self.root, "POST", "/test/faults", Some(fault)).expect("the node answers");
        let text = answer.body.strip_prefix("{\"data\":").and_then(|rest| rest.strip_suffix('}'));
        text.and_then(|number| number.parse().ok()).unwrap_or_else(|| panic!("{answer:?}"))
    }

    /// What the faults did so far, as text.
    pub(crate) fn faults(&self) -> String {
        self.ask(&self.root, "GET", "/test/faults", None).expect("the node answers").body
    }

    pub(crate) fn lift(&self, fault: u64) {
        let answer = self.ask(&self.root, "DELETE", &format!("/test/faults/{fault}"), None);
        assert_eq!(answer.expect("the node answers").status, 200);
    }

    /// `/test/faults` as an administrator, for what is refused.
    pub(crate) fn fault_as_root(&self, fault: &str) -> Answer {
        self.ask(&self.root, "POST", "/test/faults", Some(fault)).expect("the node answers")
    }

    /// `/test/faults` as somebody with few grants.
    pub(crate) fn fault_as_few(&self, fault: &str) -> Answer {
        self.ask(&self.few, "POST", "/test/faults", Some(fault)).expect("the node answers")
    }

    pub(crate) fn try_request(&self, method: &str, path: &str, form: Option<&str>) -> Option<Answer> {
        self.send(&self.few, method, path, form)
    }

    fn send(&self, token: &str, method: &str, path: &str, form: Option<&str>) -> Option<Answer> {
        self.ask(token, method, &format!("/api2/json{path}"), form)
    }

    /// A call with these headers and none else.
    pub(crate) fn with_headers(&self, headers: &[&str], method: &str, path: &str, form: Option<&str>) -> Answer {
        self.exchange(headers, method, &self.url(&format!("/api2/json{path}")), form).expect("the node answers")
    }

    /// A call by root's token with more headers.
    pub(crate) fn with_token(&self, headers: &[&str], method: &str, path: &str, form: Option<&str>) -> Answer {
        self.try_with_token(headers, method, path, form).expect("the node answers")
    }

    pub(crate) fn try_with_token(
        &self,
        headers: &[&str],
        method: &str,
        path: &str,
        form: Option<&str>,
    ) -> Option<Answer> {
        let token = format!("Authorization: PVEAPIToken={}", self.root);
        self.exchange(&[headers, &[&token]].concat(), method, &self.url(&format!("/api2/json{path}")), form)
    }

    /// What curl writes for these arguments.
    pub(crate) fn curl(&self, arguments: &[&str], path: &str) -> String {
        let mut curl = Command::new("curl");
        curl.args(["--silent", "--insecure", "--http1.1"]).args(arguments);
        let output = curl.arg(self.url(&format!("/api2/json{path}"))).output().expect("curl is installed");
        String::from_utf8(output.stdout).unwrap()
    }

    /// The header of the token with few grants.
    pub(crate) fn authorization(&self) -> String {
        format!("Authorization: PVEAPIToken={}", self.few)
    }

    /// `ADDRESS:PORT`.
    pub(crate) fn host(&self) -> &str {
        self.servers[0].address.strip_prefix("https://").unwrap()
    }

    /// Runs `pve-node` on the lab's state.
    pub(crate) fn run(&self, words: &[&str]) -> String {
        let mut program = Command::new(env!("CARGO_BIN_EXE_pve-node"));
        let output = program.arg("--state").arg(self.node.layout.root()).args(words).output().unwrap();
        assert!(output.status.success(), "{words:?}: {output:?}");
        String::from_utf8(output.stdout).unwrap()
    }

    pub(crate) fn read(&self, relative: &str) -> String {
        fs::read_to_string(self.path(relative)).unwrap_or_default()
    }

    fn url(&self, path: &str) -> String {
        format!("{}{path}", self.servers[0].address)
    }

    fn ask(&self, token: &str, method: &str, path: &str, form: Option<&str>) -> Option<Answer> {
        let header = format!("Authorization: PVEAPIToken={token}");
        let headers: &[&str] = if token.is_empty() { &[] } else { &[&header] };
        self.exchange(headers, method, &self.url(path), form)
    }

    /// curl shows the reason phrase, which most clients hide. No answer where the status line is missing, or where the
    /// body ends too early.
    fn exchange(&self, with: &[&str], method: &str, url: &str, form: Option<&str>) -> Option<Answer> {
        let headers = self.path(&format!("headers-{:?}", std::thread::current().id()));
        let mut curl = Command::new("curl");
        curl.args(["--silent", "--insecure", "--http1.1", "--max-time", "30", "--request", method, "--dump-header"]);
        curl.arg(&headers).arg(url);
        for header in with {
            curl.args(["--header", header]);
        }
        if let Some(form) = form {
            // By way of a file: a command line has an end.
            let body = headers.with_extension("body");
            fs::write(&body, form).unwrap();
            curl.arg("--data").arg(format!("@{}", body.display()));
        }
        let _ = File::create(&headers).unwrap();
        let output = curl.output().expect("curl is installed");
        if !output.status.success() {
            return None;
        }
        let text = fs::read_to_string(&headers).unwrap();
        let mut lines = text.lines().map(str::trim_end);
        let (_, status) = lines.next()?.split_once(' ')?;
        let (status, reason) = status.split_once(' ').unwrap_or((status, ""));
        let header =
            |line: &str| Some((line.split_once(": ")?.0.to_ascii_lowercase(), line.split_once(": ")?.1.to_owned()));
        Some(Answer {
            status: status.parse().unwrap(),
            reason: reason.to_owned(),
            headers: lines.filter_map(header).collect(),
            body: String::from_utf8_lossy(&output.stdout).into_owned(),
        })
    }
}
