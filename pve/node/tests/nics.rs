//! What a running guest's NICs and mount points become, seen from inside its namespaces. Needs root. A process with
//! namespaces of its own stands for the guest's init, its parent for LXC's monitor.

#![expect(clippy::unwrap_used, reason = "a stage that cannot be set up ends its test")]

use std::fs;
use std::process::{Child, Command, Stdio};
use std::time::Duration;

use pve_node::containers::hot_mount;
use pve_node::containers::nic::{Running, change, host_side, unplug};
use pve_node::state::{Node, NodeConfig};
use pve_node::wait;
use spec::ids::Vmid;
use spec::pct::{MountPoint, Net};

/// A node, two bridges, and a guest that is no more than a process in its namespaces.
struct Stage {
    _dir: tempfile::TempDir,
    node: Node,
    vmid: Vmid,
    monitor: Child,
    init: u32,
    bridges: [String; 2],
}

impl Stage {
    fn new(mark: &str) -> Self {
        let dir = tempfile::tempdir().unwrap();
        let bridges = ["a", "b"].map(|side| format!("mmt{mark}{side}"));
        for bridge in &bridges {
            ip(&["link", "add", "name", bridge, "type", "bridge"]);
            ip(&["link", "set", bridge, "up"]);
        }
        let config = NodeConfig { bridge: bridges[0].parse().unwrap(), ..NodeConfig::default() };
        let node = Node::init(dir.path(), &config).unwrap();
        let script = "unshare --net --mount --propagation private sleep 600 & wait";
        let words = ["--mount", "--propagation", "private", "sh", "-c", script];
        let monitor = Command::new("unshare").args(words).stdout(Stdio::null()).spawn().unwrap();
        let init = wait::until(Duration::from_secs(10), Duration::from_millis(20), || init_of(monitor.id())).unwrap();
        Self { _dir: dir, node, vmid: "9101".parse().unwrap(), monitor, init, bridges }
    }

    fn running(&self) -> Running<'_> {
        Running { node: &self.node, vmid: self.vmid, init: self.init }
    }

    fn host_side(&self) -> String {
        host_side(&self.node, self.vmid, 0)
    }

    /// What a command says inside the guest's network and mounts.
    fn inside(&self, words: &[&str]) -> String {
        let pid = self.init.to_string();
        let output = Command::new("nsenter").args(["-t", &pid, "-n", "-m"]).args(words).output().unwrap();
        String::from_utf8(output.stdout).unwrap()
    }

    fn master(&self) -> Option<String> {
        let link = fs::read_link(format!("/sys/class/net/{}/master", self.host_side())).ok()?;
        Some(link.file_name()?.to_string_lossy().into_owned())
    }
}

impl Drop for Stage {
    fn drop(&mut self) {
        let _ = Command::new("kill").arg(self.init.to_string()).status();
        let _ = self.monitor.kill();
        let _ = self.monitor.wait();
        for bridge in &self.bridges {
            let _ = Command::new("ip").args(["link", "delete", bridge]).status();
        }
    }
}

/// The process that sleeps below the monitor, in its own namespaces.
fn init_of(monitor: u32) -> Option<u32> {
    let children = fs::read_to_string(format!("/proc/{monitor}/task/{monitor}/children")).ok()?;
    let child: u32 = children.split_ascii_whitespace().next()?.parse().ok()?;
    let asleep = fs::read_to_string(format!("/proc/{child}/comm")).ok()? == "sleep\n";
    asleep.then_some(child)
}

fn ip(words: &[&str]) {
    assert!(Command::new("ip").args(words).status().unwrap().success(), "ip {words:?}");
}

fn net(text: &str) -> Net {
    text.parse().unwrap()
}

const MAC: &str = "hwaddr=BC:24:11:00:00:01";

#[test]
#[ignore = "needs root"]
fn a_nic_changes_while_its_guest_runs() {
    let stage = Stage::new("n");
    let [a, b] = &stage.bridges;
    let first = net(&format!("name=eth0,bridge={a},{MAC},ip=10.199.0.5/24,gw=10.199.0.1"));
    change(stage.running(), 0, None, &first).unwrap();
    let link = stage.inside(&["ip", "-o", "address", "show", "eth0"]);
    assert!(link.contains("10.199.0.5/24"), "{link}");
    assert!(stage.inside(&["ip", "route"]).contains("default via 10.199.0.1 dev eth0"));
    assert_eq!(stage.master().as_ref(), Some(a));
    let index = || fs::read_to_string(format!("/sys/class/net/{}/ifindex", stage.host_side())).unwrap();
    let before = index();

    let moved = net(&format!("name=eth0,bridge={b},{MAC},ip=10.199.1.5/24"));
    change(stage.running(), 0, Some(&first), &moved).unwrap();
    assert_eq!((stage.master().as_ref(), index()), (Some(b), before.clone()), "the same link on another bridge");
    let link = stage.inside(&["ip", "-o", "address", "show", "eth0"]);
    assert!(link.contains("10.199.1.5/24") && !link.contains("10.199.0.5"), "{link}");
    assert_eq!(stage.inside(&["ip", "route", "show", "default"]), "");

    let down = net(&format!("name=eth0,bridge={b},{MAC},ip=10.199.1.5/24,link_down=1"));
    change(stage.running(), 0, Some(&moved), &down).unwrap();
    assert!(stage.inside(&["ip", "link", "show", "eth0"]).contains("NO-CARRIER"));
    assert_eq!(stage.master(), None);

    let other = net(&format!("name=eth0,bridge={a},hwaddr=BC:24:11:00:00:02,ip=dhcp"));
    change(stage.running(), 0, Some(&down), &other).unwrap();
    assert!(stage.inside(&["ip", "link", "show", "eth0"]).contains("bc:24:11:00:00:02"));
    assert_ne!(index(), before, "another address is another link");

    unplug(&stage.node, stage.vmid, 0);
    assert_eq!(stage.inside(&["ip", "-o", "link", "show", "eth0"]), "");
}

#[test]
#[ignore = "needs root"]
fn a_rate_limits_and_a_tag_on_a_plain_bridge_is_refused() {
    let stage = Stage::new("r");
    let bridge = &stage.bridges[0];
    let plain = net(&format!("name=eth0,bridge={bridge},{MAC}"));
    change(stage.running(), 0, None, &plain).unwrap();
    let limited = net(&format!("name=eth0,bridge={bridge},{MAC},rate=2"));
    change(stage.running(), 0, Some(&plain), &limited).unwrap();
    let class = || {
        let output = Command::new("tc").args(["class", "show", "dev", &stage.host_side()]).output().unwrap();
        String::from_utf8(output.stdout).unwrap()
    };
    assert!(class().contains("rate 16777Kbit"), "{}", class());
    change(stage.running(), 0, Some(&limited), &plain).unwrap();
    assert!(!class().contains("rate"), "{}", class());
    let tagged = net(&format!("name=eth0,bridge={bridge},{MAC},tag=5"));
    let refused = change(stage.running(), 0, Some(&plain), &tagged).unwrap_err();
    assert_eq!(refused.to_string(), format!("no physical interface on bridge '{bridge}'"));
    assert_eq!(stage.master().as_ref(), Some(bridge), "it stays where it was");
}

#[test]
#[ignore = "needs root"]
fn a_mount_point_appears_in_a_running_guest_and_its_monitor_keeps_it() {
    let stage = Stage::new("m");
    let local = stage.node.storages().get("local").unwrap();
    let file = stage.node.storages().next_disk(&local, stage.vmid, 64 << 20).unwrap();
    fs::File::create(&file.path).unwrap().set_len(64 << 20).unwrap();
    assert!(Command::new("mkfs.ext4").arg("-q").arg(&file.path).status().unwrap().success());
    let directory = tempfile::tempdir().unwrap();
    let place = directory.path().join("hot");
    let volume: MountPoint = format!("{},mp={}", file.volid, place.display()).parse().unwrap();
    hot_mount::plug(stage.running(), "mp0", &volume, false).unwrap();
    let seen = stage.inside(&["cat", "/proc/self/mountinfo"]);
    assert!(seen.lines().any(|line| line.contains(&format!(" {} ", place.display()))), "{seen}");
    let here = fs::read_to_string("/proc/self/mountinfo").unwrap();
    assert!(!here.contains(&place.display().to_string()), "the host sees nothing of it");
    assert_eq!(stage.inside(&["umount", place.to_str().unwrap()]), "");
    let backing = fs::read_dir("/sys/block").unwrap().filter_map(Result::ok);
    let held = backing.filter_map(|entry| fs::read_to_string(entry.path().join("loop/backing_file")).ok());
    assert!(held.map(|text| text.trim_end().to_owned()).any(|text| text == file.path.to_string_lossy()));
}
