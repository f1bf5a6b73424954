//! What the pretending node has: guests as maps, tasks that end at once, disks. It watches that no guest of ours ever
//! shows the golden's identity.

use std::collections::{BTreeMap, BTreeSet};

use axum::http::Method;
use serde_json::{Value, json};
use tokio::io::BufReader;
use tokio::net::UnixStream;

use crate::cluster::Cluster;
use crate::stopped::Stop;
use crate::trouble::Trouble;

/// The archive's configuration.
pub(crate) const GOLDEN: &str = "features: keyctl=1,nesting=1\nhostname: golden\n\
    net0: name=eth0,bridge=vmbr0,hwaddr=BC:24:11:AA:BB:CC,ip=dhcp,type=veth\n\
    rootfs: local:9000/vm-9000-disk-0.raw,size=8G\nunprivileged: 1\n";
pub(crate) const VOLID: &str = "local:backup/vzdump-lxc-9000-2026_11_20-13_45_00.tar.zst";

const GUEST_PRIVILEGES: [&str; 9] = [
    "VM.Allocate",
    "VM.Audit",
    "VM.Backup",
    "VM.Clone",
    "VM.Config.Disk",
    "VM.Config.Network",
    "VM.Config.Options",
    "VM.PowerMgmt",
    "VM.Snapshot",
];

/// A guest: its configuration and whether it runs.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(crate) struct Guest {
    pub(crate) config: BTreeMap<String, String>,
    pub(crate) running: bool,
}

/// Whether the token is taken.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub(crate) enum Token {
    #[default]
    Good,
    /// Until this request comes: `METHOD /path/end`.
    RevokedAt(&'static str),
    Revoked,
}

/// What the node remembers.
#[derive(Debug, Default)]
#[expect(clippy::struct_excessive_bools, reason = "switches that tests set one at a time")]
pub(crate) struct World {
    pub(crate) guests: BTreeMap<String, Guest>,
    /// UPID, type, exit status.
    pub(crate) tasks: Vec<(String, String, String)>,
    /// Guests out of this token's sight: in no list, met only by their number.
    pub(crate) hidden: BTreeSet<String>,
    pub(crate) restores: usize,
    /// Restores that begin and never end: `lock: create` stays.
    pub(crate) kill_restores: bool,
    /// Requests whose answer is lost after they were carried out: `METHOD /path/end`.
    pub(crate) lose: Option<&'static str>,
    /// A request that is held on its way: `METHOD /path/end`.
    pub(crate) hold: Option<&'static str>,
    /// What it says.
    pub(crate) held: Option<BTreeMap<String, String>>,
    pub(crate) token: Token,
    /// Power tasks that give up at the guest's lock before one gets it.
    pub(crate) busy: usize,
    /// Virtual machines: no container of that number is found, and none can be made.
    pub(crate) machines: BTreeSet<String>,
    /// Machines of another node: number → first interface.
    pub(crate) remote: BTreeMap<String, String>,
    /// Guests of another node.
    pub(crate) elsewhere: BTreeSet<String>,
    /// Disks, by volume id, and whose they are.
    pub(crate) volumes: BTreeMap<String, String>,
    /// A destroy forgets the disks.
    pub(crate) leak_volumes: bool,
    /// The token may list guests' disks.
    pub(crate) sees_volumes: bool,
    /// Restored disks have the archive's size, whatever was asked for.
    pub(crate) small_disks: bool,
    /// The agent that is stopped at one call.
    pub(crate) stop: Option<Stop>,
    /// What one call meets.
    pub(crate) trouble: Option<Trouble>,
    /// A privilege that the token does not have.
    pub(crate) lacks: Option<&'static str>,
    /// Customers' own backups: volume id → configuration and machine-id.
    pub(crate) backups: BTreeMap<String, (String, String)>,
    /// Machine-ids that came out of a backup, by guest.
    pub(crate) machine_ids: BTreeMap<String, String>,
    /// Where running guests are reached; nowhere without.
    pub(crate) address: Option<std::net::IpAddr>,
    /// What first boot says instead of `done`.
    pub(crate) firstboot: Option<&'static str>,
    /// The guests' sshd lets nobody in.
    pub(crate) refuses_login: bool,
    /// The guests' sshd lets in and runs nothing.
    pub(crate) commands_fail: bool,
    /// Logins that the guests' sshd took.
    pub(crate) logins: usize,
    /// What the helper was asked to put into guests, as it came.
    pub(crate) delivered: Vec<String>,
    /// The helper takes secrets and never answers.
    pub(crate) holds_deliveries: bool,
    /// Connections to the helper that are not answered.
    pub(crate) unanswered: Vec<BufReader<UnixStream>>,
    /// The guests' machine-ids cannot be read.
    pub(crate) hides_machine_ids: bool,
    /// Certificates of host keys that lie in guests, and those that their sshd has read.
    pub(crate) certificates: Vec<String>,
    pub(crate) shown_certificates: Vec<String>,
    /// The guests' sshd is reloaded and reads nothing.
    pub(crate) deaf: bool,
    /// The guests' trees have no SSH host key.
    pub(crate) no_host_keys: bool,
    /// What restores forget, of the archive's configuration and of what was asked for.
    pub(crate) forgets: Option<&'static str>,
    /// The nodes, where there are several.
    pub(crate) cluster: Cluster,
    /// Guests are protected from removal.
    pub(crate) protected: bool,
    /// Every request that changes something, as it came: method, path, body.
    pub(crate) changes: Vec<(String, String, BTreeMap<String, String>)>,
    /// What must never be seen, was.
    pub(crate) violations: Vec<String>,
}

impl World {
    pub(crate) fn call(
        &mut self,
        method: &Method,
        path: &str,
        params: &BTreeMap<String, String>,
    ) -> Result<Value, String> {
        if method != Method::GET {
            self.changes.push((method.to_string(), path.to_owned(), params.clone()));
        }
        let parts: Vec<&str> = path.split('/').skip(1).collect();
        if let Some(answer) = self.by_node(method, &parts, params) {
            return answer;
        }
        match (method.as_str(), parts.as_slice()) {
            ("GET", ["cluster", "resources"]) => Ok(self.machines_elsewhere()),
            ("GET", ["nodes", _, "qemu", vmid, "config"]) => Ok(json!({"net0": self.remote[*vmid], "digest": "d"})),
            ("GET", ["cluster", "nextid"]) => self.next_id(&params["vmid"]),
            ("GET", ["nodes", _, "storage"]) => {
                let row = |name: &str, content: &str| json!({"storage": name, "type": "dir", "content": content});
                Ok(json!([row("local", "rootdir,backup"), row("disks", "rootdir")]))
            }
            ("GET", ["nodes", _, "storage", _, "content"]) => Ok(self.content(params.get("vmid"))),
            ("GET", ["access", "permissions"]) => {
                // A run without it would not begin: it is taken away on the way.
                let guest = |name: &&str| self.sees_volumes || self.restores == 0 || *name != "VM.Config.Disk";
                let guest: Vec<&str> = GUEST_PRIVILEGES.into_iter().filter(guest).collect();
                let all = |names: &[&str]| {
                    let has = names.iter().filter(|name| self.lacks != Some(**name));
                    has.map(|name| ((*name).to_owned(), 1)).collect::<BTreeMap<_, _>>()
                };
                Ok(json!({
                    "/vms": all(&guest),
                    "/storage": all(&["Datastore.AllocateSpace"]),
                    "/sdn": all(&["SDN.Use"]),
                }))
            }
            ("GET", ["nodes", _, "vzdump", "extractconfig"]) => Ok(json!(self.archived(&params["volume"]))),
            ("GET", ["nodes", _, "tasks"]) => Ok(self.tasks_of(&params["vmid"], &params["typefilter"])),
            ("GET", ["nodes", _, "tasks", upid, "status"]) => self.task_status(upid),
            ("GET", ["nodes", _, "tasks", _, "log"]) => Ok(json!([{"n": 1, "t": "TASK"}])),
            ("GET", ["nodes", _, "lxc"]) => Ok(self.list()),
            ("POST", ["nodes", _, "lxc"]) => self.restore(params),
            ("DELETE", ["nodes", _, "lxc", vmid]) => self.destroy(vmid),
            ("GET", ["nodes", _, "lxc", vmid, "config"]) => self.config(vmid),
            ("PUT", ["nodes", _, "lxc", vmid, "config"]) => self.change(vmid, params),
            ("GET", ["nodes", _, "lxc", vmid, "status", "current"]) => self.status(vmid),
            ("PUT", ["nodes", _, "lxc", vmid, "resize"]) => self.resize(vmid, params),
            ("GET", ["nodes", _, "lxc", vmid, "interfaces"]) => self.interfaces(vmid),
            ("POST", ["nodes", _, "lxc", vmid, "template"]) => self.convert(vmid),
            ("POST", ["nodes", _, "lxc", template, "clone"]) => self.clone_guest(template, params),
            // Nothing waits for the next start: a change takes effect at once.
            ("GET", ["nodes", _, "lxc", _, "pending"]) => Ok(json!([])),
            ("POST", ["nodes", _, "lxc", vmid, "status", power]) => self.power(vmid, power),
            _ => Err(format!("Method '{method} {path}' not implemented")),
        }
    }

    fn archived(&self, volid: &str) -> &str {
        self.backups.get(volid).map_or(GOLDEN, |(config, _)| config)
    }

    /// Backs a guest up as the customer's own.
    pub(crate) fn back_up(&mut self, vmid: &str, volid: &str) {
        let config = self.guests[vmid].config.clone();
        // Proxmox writes a description as comments above everything else.
        let (description, rest): (Vec<_>, Vec<_>) = config.iter().partition(|(key, _)| *key == "description");
        let mut lines: Vec<String> = Vec::new();
        for (_, text) in description {
            lines.extend(text.lines().map(|line| format!("#{}", line.replace(' ', "%20"))));
        }
        lines.extend(rest.into_iter().map(|(key, value)| format!("{key}: {value}")));
        self.backups.insert(volid.to_owned(), (lines.join("\n") + "\n", self.machine_id(vmid)));
    }

    /// A guest's own machine-id: drawn at its first boot, or the one that came out of its backup.
    pub(crate) fn machine_id(&self, vmid: &str) -> String {
        use std::hash::{DefaultHasher, Hash, Hasher};
        let mut hasher = DefaultHasher::new();
        self.guests[vmid].config.get("description").hash(&mut hasher);
        self.machine_ids.get(vmid).cloned().unwrap_or_else(|| format!("{:032x}", u128::from(hasher.finish()) + 1))
    }

    fn interfaces(&mut self, vmid: &str) -> Result<Value, String> {
        let Some(address) = self.address else { return Ok(json!([])) };
        let guest = self.guest(vmid)?;
        let net0: spec::pct::Net = guest.config["net0"].parse().unwrap();
        if !guest.running {
            return Ok(Value::Null);
        }
        let key = if address.is_ipv4() { "inet" } else { "inet6" };
        Ok(
            json!([{"name": "eth0", "hwaddr": net0.hwaddr().unwrap().to_string().to_lowercase(), key: format!("{address}/24")}]),
        )
    }

    pub(crate) fn machines_elsewhere(&self) -> Value {
        let row = |vmid| json!({"id": format!("qemu/{vmid}"), "type": "qemu", "node": "pve2", "vmid": vmid});
        self.remote.keys().map(row).collect()
    }

    /// Machines are those that nobody knew of when the number was chosen.
    pub(crate) fn next_id(&self, vmid: &str) -> Result<Value, String> {
        if self.elsewhere.contains(vmid) {
            return Err(format!("CT {vmid} already exists on node 'pve2'"));
        }
        Ok(json!(vmid))
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

    fn content(&self, of: Option<&String>) -> Value {
        let archive = |volid: &str| json!({"volid": volid, "content": "backup", "size": 3});
        let archives = self.backups.keys().map(|volid| archive(volid)).chain([archive(VOLID)]).collect::<Vec<_>>();
        let disks = self.volumes.iter().filter(|(_, vmid)| of.is_none_or(|of| of == *vmid));
        let disks = disks.map(|(volid, vmid)| json!({"volid": volid, "content": "rootdir", "vmid": vmid, "size": 3}));
        disks.filter(|_| self.sees_volumes).chain(archives).collect()
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
        if params["digest"] != digest(&self.guest(vmid)?.config) {
            return Err("detected modified configuration - file changed by other user? Try again.".to_owned());
        }
        let (deletes, mut sets): (BTreeMap<_, _>, BTreeMap<_, _>) =
            params.clone().into_iter().filter(|(key, _)| key != "digest").partition(|(key, _)| key == "delete");
        self.make_volumes(vmid, &mut sets);
        let guest = self.guest(vmid)?;
        guest.config.extend(sets);
        guest.config.retain(|key, _| !deletes.values().any(|keys| keys.split(',').any(|gone| gone == key)));
        Ok(Value::Null)
    }

    fn restore(&mut self, params: &BTreeMap<String, String>) -> Result<Value, String> {
        let vmid = &params["vmid"];
        if self.guests.contains_key(vmid) {
            return Err(format!("CT {vmid} already exists on node 'pve'"));
        }
        if self.machines.contains(vmid) {
            return Err(format!("VM {vmid} already exists on node 'pve'"));
        }
        self.restores += 1;
        if self.kill_restores {
            let config = BTreeMap::from([("lock".to_owned(), "create".to_owned())]);
            self.guests.insert(vmid.clone(), Guest { config, running: false });
            return Ok(self.task("vzrestore", vmid, "unexpected status"));
        }
        let archive = &params["ostemplate"];
        if let Some((_, machine_id)) = self.backups.get(archive) {
            self.machine_ids.insert(vmid.clone(), machine_id.clone());
        }
        let archived = self.archived(archive).to_owned();
        // With a root disk given, the archive's own mount points are not read.
        let mut config: BTreeMap<String, String> =
            archived.lines().filter_map(|line| line.split_once(": ")).map(|(k, v)| (k.into(), v.into())).collect();
        config.retain(|key, _| !key.starts_with("mp"));
        let not_config = ["vmid", "restore", "ostemplate", "storage"];
        config.extend(params.clone().into_iter().filter(|(key, _)| !not_config.contains(&key.as_str())));
        config.retain(|key, _| self.forgets != Some(key.as_str()));
        let gib = if self.small_disks { "8" } else { params["rootfs"].split_once(':').unwrap().1 };
        let disk = format!("local:{vmid}/vm-{vmid}-disk-0.raw");
        config.insert("rootfs".to_owned(), format!("{disk},size={gib}G"));
        self.volumes.insert(disk, vmid.clone());
        self.make_volumes(vmid, &mut config);
        self.guests.insert(vmid.clone(), Guest { config, running: false });
        Ok(self.task("vzrestore", vmid, "OK"))
    }

    fn destroy(&mut self, vmid: &str) -> Result<Value, String> {
        if self.guest(vmid)?.running {
            return Err(format!("unable to destroy CT {vmid} - container is running"));
        }
        if self.protected {
            return Err(format!("can't remove CT {vmid} - protection mode enabled"));
        }
        self.guests.remove(vmid);
        self.machine_ids.remove(vmid);
        if !self.leak_volumes {
            self.volumes.retain(|_, owner| owner != vmid);
        }
        Ok(self.task("vzdestroy", vmid, "OK"))
    }

    /// As Proxmox copies: everything as it is, and another address for each interface.
    fn clone_guest(&mut self, template: &str, params: &BTreeMap<String, String>) -> Result<Value, String> {
        let vmid = &params["newid"];
        if self.guests.contains_key(vmid) {
            return Err(format!("CT {vmid} already exists on node 'pve'"));
        }
        let mut config = self.guest(template)?.config.clone();
        config.remove("template");
        let mut net: spec::pct::Net = config["net0"].parse().unwrap();
        net.set_hwaddr(format!("BC:24:11:FE:{:02X}:01", self.tasks.len()).parse().unwrap());
        config.insert("net0".to_owned(), net.to_string());
        let told = ["hostname", "description"].map(|key| (key.to_owned(), params[key].clone()));
        config.extend(told);
        let disk = format!("local:{vmid}/vm-{vmid}-disk-0.raw");
        let size = config["rootfs"].split_once(",size=").unwrap().1;
        config.insert("rootfs".to_owned(), format!("{disk},size={size}"));
        self.volumes.insert(disk, vmid.clone());
        self.guests.insert(vmid.clone(), Guest { config, running: false });
        Ok(self.task("vzclone", template, "OK"))
    }

    fn convert(&mut self, vmid: &str) -> Result<Value, String> {
        self.guest(vmid)?.config.insert("template".to_owned(), "1".to_owned());
        self.task("vztemplate", vmid, "OK");
        // As Proxmox answers: the task is not named.
        Ok(Value::Null)
    }

    fn power(&mut self, vmid: &str, power: &str) -> Result<Value, String> {
        if self.busy > 0 {
            self.busy -= 1;
            let lock = format!("can't lock file '/run/lock/lxc/pve-config-{vmid}.lock' - got timeout");
            return Ok(self.task(&format!("vz{power}"), vmid, &lock));
        }
        let guest = self.guest(vmid)?;
        match (power, guest.running) {
            ("start", true) => return Err(format!("CT {vmid} already running")),
            ("stop", false) => return Err(format!("CT {vmid} not running")),
            (power, _) => guest.running = power == "start",
        }
        // Its init takes what the environment tells it.
        if let Some(id) = guest.config.get("env").and_then(|env| env.strip_prefix("container_uuid=")) {
            let id = id.replace('-', "");
            self.machine_ids.insert(vmid.to_owned(), id);
        }
        Ok(self.task(&format!("vz{power}"), vmid, "OK"))
    }

    /// A task of our token that began now, and ended so.
    pub(crate) fn task(&mut self, kind: &str, vmid: &str, end: &str) -> Value {
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
    pub(crate) fn watch(&mut self) {
        for (vmid, guest) in &self.guests {
            let ours = guest.config.get("description").is_some_and(|text| text.contains("mintmark:run="));
            let shows = |text: &str| guest.config.values().any(|value| value.contains(text));
            if ours && (shows("BC:24:11:AA:BB:CC") || guest.config["hostname"] == "golden") {
                self.violations.push(format!("guest {vmid} shows the golden's identity: {guest:?}"));
            }
        }
    }
}

pub(crate) fn state(guest: &Guest) -> &'static str {
    if guest.running { "running" } else { "stopped" }
}

fn digest(config: &BTreeMap<String, String>) -> String {
    use std::hash::{DefaultHasher, Hash, Hasher};
    let mut hasher = DefaultHasher::new();
    config.hash(&mut hasher);
    format!("{:016x}", hasher.finish())
}
