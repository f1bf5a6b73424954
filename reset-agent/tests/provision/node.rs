//! A node that pretends: guests are maps, tasks end at once. It watches that no guest ever shows the golden's identity.

use std::collections::{BTreeMap, BTreeSet};
use std::net::{Ipv4Addr, SocketAddr};
use std::sync::{Arc, Mutex};

use axum::Router;
use axum::body::{Body, to_bytes};
use axum::extract::{Request, State};
use axum::http::{Method, StatusCode};
use axum::response::Response;
use axum_server::tls_rustls::RustlsConfig;
use pve_client::Fingerprint;
use rustls::pki_types::{CertificateDer, PrivateKeyDer};
use serde_json::{Value, json};

/// The archive's configuration.
pub(crate) const GOLDEN: &str = "features: keyctl=1,nesting=1\nhostname: golden\n\
    net0: name=eth0,bridge=vmbr0,hwaddr=BC:24:11:AA:BB:CC,ip=dhcp,type=veth\n\
    rootfs: local:9000/vm-9000-disk-0.raw,size=8G\nunprivileged: 1\n";
pub(crate) const VOLID: &str = "local:backup/vzdump-lxc-9000-2026_11_20-13_45_00.tar.zst";

/// A guest: its configuration and whether it runs.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(crate) struct Guest {
    pub(crate) config: BTreeMap<String, String>,
    pub(crate) running: bool,
}

/// What the node remembers.
#[derive(Debug, Default)]
pub(crate) struct World {
    pub(crate) guests: BTreeMap<String, Guest>,
    tasks: Vec<(String, String, String)>,
    /// Guests out of this token's sight: in no list, met only by their number.
    pub(crate) hidden: BTreeSet<String>,
    pub(crate) restores: usize,
    /// Restores that begin and never end: `lock: create` stays.
    pub(crate) kill_restores: bool,
    /// Requests whose answer is lost after they were carried out: `METHOD /path/end`.
    pub(crate) lose: Option<&'static str>,
    /// What must never be seen, was.
    pub(crate) violations: Vec<String>,
}

type Shared = Arc<Mutex<World>>;

/// The running node.
pub(crate) struct Node {
    pub(crate) address: SocketAddr,
    pub(crate) fingerprint: Fingerprint,
    pub(crate) world: Shared,
    handle: axum_server::Handle<SocketAddr>,
}

impl Drop for Node {
    fn drop(&mut self) {
        self.handle.shutdown();
    }
}

impl Node {
    pub(crate) async fn start() -> Self {
        let key = rcgen::generate_simple_self_signed(vec!["localhost".to_owned()]).unwrap();
        let certificate: CertificateDer<'static> = key.cert.der().clone();
        let fingerprint = Fingerprint::of(&certificate);
        let private = PrivateKeyDer::try_from(key.signing_key.serialize_der()).unwrap();
        let provider = Arc::new(rustls::crypto::aws_lc_rs::default_provider());
        let tls = rustls::ServerConfig::builder_with_provider(provider)
            .with_safe_default_protocol_versions()
            .unwrap()
            .with_no_client_auth()
            .with_single_cert(vec![certificate], private)
            .unwrap();
        let world = Shared::default();
        let app = Router::new().fallback(answer).with_state(Arc::clone(&world));
        let handle = axum_server::Handle::new();
        let config = RustlsConfig::from_config(Arc::new(tls));
        let server = axum_server::bind_rustls(SocketAddr::from((Ipv4Addr::LOCALHOST, 0)), config);
        tokio::spawn(server.handle(handle.clone()).serve(app.into_make_service()));
        let address = handle.listening().await.unwrap();
        Self { address, fingerprint, world, handle }
    }

    pub(crate) fn world(&self) -> std::sync::MutexGuard<'_, World> {
        self.world.lock().unwrap()
    }
}

async fn answer(State(world): State<Shared>, request: Request) -> Response {
    let (parts, body) = request.into_parts();
    let body = to_bytes(body, 1 << 20).await.unwrap();
    let query = parts.uri.query().unwrap_or_default();
    let params: BTreeMap<String, String> = [query.as_bytes(), &body].iter().flat_map(|text| form(text)).collect();
    let path = decoded(parts.uri.path()).replace("/api2/json", "");
    let mut world = world.lock().unwrap();
    let answer = world.call(&parts.method, &path, &params);
    world.watch();
    let lost = world.lose.is_some_and(|lose| format!("{} {path}", parts.method).ends_with(lose));
    if lost {
        world.lose = None;
        return refusal(596, "Connection timed out");
    }
    match answer {
        Ok(data) => Response::new(Body::from(json!({ "data": data }).to_string())),
        Err(text) => refusal(500, &text),
    }
}

fn refusal(status: u16, text: &str) -> Response {
    let mut response = Response::new(Body::from(json!({ "data": null, "message": text }).to_string()));
    *response.status_mut() = StatusCode::from_u16(status).unwrap();
    response
}

fn form(text: &[u8]) -> Vec<(String, String)> {
    let text = std::str::from_utf8(text).unwrap();
    let pairs = text.split('&').filter_map(|pair| pair.split_once('='));
    pairs.map(|(key, value)| (decoded(key), decoded(&value.replace('+', " ")))).collect()
}

fn decoded(text: &str) -> String {
    let mut bytes = Vec::new();
    let mut rest = text.as_bytes();
    while let [first, tail @ ..] = rest {
        let (after, byte) = match (first, tail) {
            (b'%', [high, low, after @ ..]) => {
                let hex = String::from_utf8(vec![*high, *low]).unwrap();
                (after, u8::from_str_radix(&hex, 16).unwrap())
            }
            _ => (tail, *first),
        };
        bytes.push(byte);
        rest = after;
    }
    String::from_utf8(bytes).unwrap()
}

impl World {
    fn call(&mut self, method: &Method, path: &str, params: &BTreeMap<String, String>) -> Result<Value, String> {
        let parts: Vec<&str> = path.split('/').skip(1).collect();
        match (method.as_str(), parts.as_slice()) {
            ("GET", ["cluster", "resources"]) => Ok(json!([])),
            ("GET", ["cluster", "nextid"]) => Ok(json!(params["vmid"])),
            ("GET", ["nodes", _, "storage", _, "content"]) => {
                Ok(json!([{"volid": VOLID, "content": "backup", "size": 3}]))
            }
            ("GET", ["nodes", _, "vzdump", "extractconfig"]) => Ok(json!(GOLDEN)),
            ("GET", ["nodes", _, "tasks"]) => Ok(self.tasks_of(&params["vmid"], &params["typefilter"])),
            ("GET", ["nodes", _, "tasks", upid, "status"]) => self.task_status(upid),
            ("GET", ["nodes", _, "tasks", _, "log"]) => Ok(json!([{"n": 1, "t": "TASK"}])),
            ("GET", ["nodes", _, "lxc"]) => Ok(self.list()),
            ("POST", ["nodes", _, "lxc"]) => self.restore(params),
            ("DELETE", ["nodes", _, "lxc", vmid]) => self.destroy(vmid),
            ("GET", ["nodes", _, "lxc", vmid, "config"]) => self.config(vmid),
            ("PUT", ["nodes", _, "lxc", vmid, "config"]) => self.change(vmid, params),
            ("GET", ["nodes", _, "lxc", vmid, "status", "current"]) => self.status(vmid),
            ("POST", ["nodes", _, "lxc", vmid, "status", power]) => self.power(vmid, power),
            _ => Err(format!("Method '{method} {path}' not implemented")),
        }
    }

    fn guest(&mut self, vmid: &str) -> Result<&mut Guest, String> {
        self.guests
            .get_mut(vmid)
            .ok_or_else(|| format!("Configuration file 'nodes/pve/lxc/{vmid}.conf' does not exist"))
    }

    fn list(&self) -> Value {
        let row = |(vmid, guest): (&String, &Guest)| json!({"vmid": vmid, "status": state(guest), "name": guest.config.get("hostname")});
        self.guests.iter().filter(|(vmid, _)| !self.hidden.contains(*vmid)).map(row).collect()
    }

    fn status(&mut self, vmid: &str) -> Result<Value, String> {
        let state = state(self.guest(vmid)?);
        Ok(json!({"vmid": vmid, "status": state}))
    }

    fn config(&mut self, vmid: &str) -> Result<Value, String> {
        let config = self.guest(vmid)?.config.clone();
        let mut value = json!(config);
        value["digest"] = json!(digest(&config));
        Ok(value)
    }

    fn change(&mut self, vmid: &str, params: &BTreeMap<String, String>) -> Result<Value, String> {
        let guest = self.guest(vmid)?;
        if params["digest"] != digest(&guest.config) {
            return Err("detected modified configuration - file changed by other user? Try again.".to_owned());
        }
        guest.config.extend(params.clone().into_iter().filter(|(key, _)| key != "digest"));
        Ok(Value::Null)
    }

    fn restore(&mut self, params: &BTreeMap<String, String>) -> Result<Value, String> {
        let vmid = &params["vmid"];
        if self.guests.contains_key(vmid) {
            return Err(format!("CT {vmid} already exists on node 'pve'"));
        }
        self.restores += 1;
        if self.kill_restores {
            let config = BTreeMap::from([("lock".to_owned(), "create".to_owned())]);
            self.guests.insert(vmid.clone(), Guest { config, running: false });
            return Ok(self.task("vzrestore", vmid, "unexpected status"));
        }
        let mut config: BTreeMap<String, String> =
            GOLDEN.lines().filter_map(|line| line.split_once(": ")).map(|(k, v)| (k.into(), v.into())).collect();
        let not_config = ["vmid", "restore", "ostemplate", "storage"];
        config.extend(params.clone().into_iter().filter(|(key, _)| !not_config.contains(&key.as_str())));
        let gib = params["rootfs"].split_once(':').unwrap().1;
        config.insert("rootfs".to_owned(), format!("local:{vmid}/vm-{vmid}-disk-0.raw,size={gib}G"));
        self.guests.insert(vmid.clone(), Guest { config, running: false });
        Ok(self.task("vzrestore", vmid, "OK"))
    }

    fn destroy(&mut self, vmid: &str) -> Result<Value, String> {
        if self.guest(vmid)?.running {
            return Err(format!("unable to destroy CT {vmid} - container is running"));
        }
        self.guests.remove(vmid);
        Ok(self.task("vzdestroy", vmid, "OK"))
    }

    fn power(&mut self, vmid: &str, power: &str) -> Result<Value, String> {
        let guest = self.guest(vmid)?;
        match (power, guest.running) {
            ("start", true) => return Err(format!("CT {vmid} already running")),
            ("stop", false) => return Err(format!("CT {vmid} not running")),
            (power, _) => guest.running = power == "start",
        }
        Ok(self.task(&format!("vz{power}"), vmid, "OK"))
    }

    fn task(&mut self, kind: &str, vmid: &str, end: &str) -> Value {
        let now = std::time::SystemTime::now().duration_since(std::time::UNIX_EPOCH).unwrap().as_secs();
        let upid = format!("UPID:pve:{:08X}:00000001:{now:08X}:{kind}:{vmid}:mint@pve!agent:", self.tasks.len());
        self.tasks.push((upid.clone(), kind.to_owned(), end.to_owned()));
        json!(upid)
    }

    fn task_status(&self, upid: &str) -> Result<Value, String> {
        let (_, _, end) = self.tasks.iter().find(|(known, ..)| known == upid).ok_or("no such task")?;
        Ok(json!({"upid": upid, "status": "stopped", "exitstatus": end}))
    }

    fn tasks_of(&self, vmid: &str, kind: &str) -> Value {
        let rows = self.tasks.iter().rev().filter(|(upid, of, _)| of == kind && upid.contains(&format!(":{vmid}:")));
        rows.map(|(upid, kind, end)| {
            let started = u64::from_str_radix(upid.split(':').nth(4).unwrap(), 16).unwrap();
            json!({"upid": upid, "type": kind, "user": "mint@pve", "tokenid": "agent", "starttime": started,
                   "endtime": started, "status": end})
        })
        .collect()
    }

    /// No guest of ours, at any instant, with the golden's address or name, or on the wire before its reset.
    fn watch(&mut self) {
        for (vmid, guest) in &self.guests {
            let ours = guest.config.get("description").is_some_and(|text| text.contains("mintmark:run="));
            let shows = |text: &str| guest.config.values().any(|value| value.contains(text));
            if ours && (shows("BC:24:11:AA:BB:CC") || guest.config["hostname"] == "golden") {
                self.violations.push(format!("guest {vmid} shows the golden's identity: {guest:?}"));
            }
        }
    }
}

fn state(guest: &Guest) -> &'static str {
    if guest.running { "running" } else { "stopped" }
}

fn digest(config: &BTreeMap<String, String>) -> String {
    use std::hash::{DefaultHasher, Hash, Hasher};
    let mut hasher = DefaultHasher::new();
    config.hash(&mut hasher);
    format!("{:016x}", hasher.finish())
}
