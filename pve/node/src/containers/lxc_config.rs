//! A guest's configuration in LXC's own language. Pure: Proxmox's keys in, text out.

use std::fmt::Write as _;
use std::path::Path;

use spec::ids::Vmid;
use spec::pct::{Features, Net, PctConf};

use super::idmap;
use crate::error::Die;

/// What the configuration depends on besides the guest's own.
pub(super) struct Surroundings<'a> {
    /// Where the guest's root file system is mounted.
    pub(super) rootfs: &'a Path,
    /// The seccomp profile to use.
    pub(super) seccomp: &'a Path,
    /// The cgroup controllers that are at hand (`memory`, `cpu`, …).
    pub(super) controllers: &'a str,
    /// Whether the kernel has AppArmor.
    pub(super) apparmor: bool,
    /// The name that the host's side of `netN` bears.
    pub(super) host_side: &'a dyn Fn(u8) -> String,
    /// The MTU of the bridge.
    pub(super) mtu: u32,
}

/// The seccomp profile: LXC's deny list, and `keyctl` answered as if the kernel had none, unless it is a feature.
pub(super) fn seccomp(features: &Features) -> String {
    let mut text = "2\ndenylist\nreject_force_umount\n[all]\nkexec_load errno 1\nopen_by_handle_at errno 1\n\
                    init_module errno 1\nfinit_module errno 1\ndelete_module errno 1\n"
        .to_owned();
    if !features.keyctl() {
        text.push_str("keyctl errno 38\n");
    }
    text
}

/// LXC's configuration of a guest.
pub(super) fn render(vmid: Vmid, conf: &PctConf, around: &Surroundings<'_>) -> Result<String, Die> {
    let bad = |error: spec::pct::PropertyError| Die::text(error.pve_text());
    let features = conf.features().map_err(bad)?;
    let mut lines = vec!["lxc.include = /usr/share/lxc/config/common.conf".to_owned()];
    let unprivileged = conf.flag("unprivileged");
    if unprivileged {
        lines.push("lxc.include = /usr/share/lxc/config/userns.conf".to_owned());
        for kind in ['u', 'g'] {
            lines.push(format!("lxc.idmap = {kind} 0 {} {}", idmap::FIRST, idmap::COUNT));
        }
    }
    // LXC's include for user namespaces takes the list back; without it systemd believes that it may load modules and
    // mount debugfs, fails, and every guest is "degraded".
    lines.push("lxc.cap.drop = mac_admin mac_override sys_time sys_module sys_rawio".to_owned());
    lines.push("lxc.mount.auto =".to_owned());
    let sys = if unprivileged && !features.force_rw_sys() { "sys:mixed" } else { "sys:rw" };
    lines.push(format!("lxc.mount.auto = proc:mixed cgroup:mixed {sys}"));
    if features.nesting() {
        lines.push("lxc.mount.entry = proc dev/.lxc/proc proc create=dir,optional 0 0".to_owned());
        lines.push("lxc.mount.entry = sys dev/.lxc/sys sysfs create=dir,optional 0 0".to_owned());
    }
    if features.fuse() {
        lines.push("lxc.mount.entry = /dev/fuse dev/fuse none bind,create=file 0 0".to_owned());
    }
    lines.extend(apparmor(around.apparmor, features.nesting()));
    let name = conf.get("hostname").map_or_else(|| format!("CT{vmid}"), str::to_owned);
    lines.push(format!("lxc.seccomp.profile = {}", around.seccomp.display()));
    lines.push(format!("lxc.uts.name = {name}"));
    lines.push(format!("lxc.tty.max = {}", conf.get("tty").unwrap_or("2")));
    if conf.get("console") == Some("0") {
        lines.push("lxc.console.path = none".to_owned());
    }
    lines.push("lxc.environment = TERM=linux".to_owned());
    lines.extend(
        conf.get("env").into_iter().flat_map(|env| env.split('\0')).map(|var| format!("lxc.environment = {var}")),
    );
    lines.push(format!("lxc.rootfs.path = dir:{}", around.rootfs.display()));
    lines.extend(conf.get("entrypoint").map(|command| format!("lxc.init.cmd = {command}")));
    lines.extend(limits(conf, around.controllers));
    for (index, net) in conf.nets().map_err(bad)? {
        lines.extend(nic(index, &net, around));
    }
    lines.extend(conf.raw_lxc().iter().map(|raw| format!("{} = {}", raw.key, raw.value)));
    let mut text = String::new();
    for line in lines {
        // Writing to a string cannot fail.
        let _ = writeln!(text, "{line}");
    }
    Ok(text)
}

fn apparmor(present: bool, nesting: bool) -> Option<String> {
    match (present, nesting) {
        (false, _) => None,
        (true, true) => Some("lxc.apparmor.profile = unconfined".to_owned()),
        (true, false) => Some("lxc.apparmor.profile = generated".to_owned()),
    }
}

fn limits(conf: &PctConf, controllers: &str) -> Vec<String> {
    let has = |controller: &str| controllers.split_ascii_whitespace().any(|name| name == controller);
    let number = |key: &str| conf.get(key).and_then(|text| text.parse::<u64>().ok());
    let mut lines = Vec::new();
    if has("memory") {
        let memory = number("memory").unwrap_or(512) << 20;
        lines.push(format!("lxc.cgroup2.memory.max = {memory}"));
        lines.push(format!("lxc.cgroup2.memory.swap.max = {}", number("swap").unwrap_or(0) << 20));
    }
    if has("cpu") {
        lines.extend(number("cores").map(|cores| format!("lxc.cgroup2.cpu.max = {} 100000", cores * 100_000)));
    }
    lines
}

/// A NIC that is made by LXC. Its host side is put on no bridge here: that happens once it is there, so that
/// `link_down` and bridges made later are treated alike.
fn nic(index: u8, net: &Net, around: &Surroundings<'_>) -> Vec<String> {
    let mut lines = vec![
        format!("lxc.net.{index}.type = veth"),
        format!("lxc.net.{index}.veth.pair = {}", (around.host_side)(index)),
        format!("lxc.net.{index}.name = {}", net.name()),
        format!("lxc.net.{index}.mtu = {}", net.mtu().map_or(around.mtu, u32::from)),
        format!("lxc.net.{index}.flags = up"),
    ];
    lines.extend(net.get("hwaddr").map(|mac| format!("lxc.net.{index}.hwaddr = {mac}")));
    if is_host_managed(net) {
        let fixed = |text: &&str| !matches!(*text, "auto" | "dhcp" | "manual");
        let line = |what: &str, value: &str| format!("lxc.net.{index}.{what} = {value}");
        lines.extend(net.get("ip").filter(fixed).map(|address| line("ipv4.address", address)));
        lines.extend(net.get("gw").map(|gateway| line("ipv4.gateway", gateway)));
        lines.extend(net.get("ip6").filter(fixed).map(|address| line("ipv6.address", address)));
        lines.extend(net.get("gw6").map(|gateway| line("ipv6.gateway", gateway)));
    }
    lines
}

/// Whether the host gives a NIC its addresses, for guests that do not do so themselves.
pub(super) fn is_host_managed(net: &Net) -> bool {
    !net.link_down() && net.get("host-managed") == Some("1")
}

#[cfg(test)]
mod tests {
    use super::*;

    fn rendered(conf: &str) -> String {
        let around = Surroundings {
            rootfs: Path::new("/s/mnt/9101/rootfs"),
            seccomp: Path::new("/s/seccomp"),
            controllers: "cpu memory",
            apparmor: false,
            host_side: &|index| format!("veth9101i{index}"),
            mtu: 1450,
        };
        render("9101".parse().unwrap(), &PctConf::parse(conf), &around).unwrap()
    }

    #[test]
    fn an_unprivileged_guest_gets_its_map_and_its_nic() {
        let text = rendered(
            "unprivileged: 1\nhostname: acme\nfeatures: nesting=1\nmemory: 64\nlxc.environment.runtime: A=1\n\
             net0: name=eth0,bridge=vmbr0,hwaddr=BC:24:11:00:00:01,ip=dhcp\n",
        );
        for line in [
            "lxc.idmap = u 0 100000 65536",
            "lxc.uts.name = acme",
            "lxc.environment = A=1",
            "lxc.net.0.veth.pair = veth9101i0",
            "lxc.net.0.hwaddr = BC:24:11:00:00:01",
            "lxc.net.0.mtu = 1450",
            "lxc.cgroup2.memory.max = 67108864",
            "lxc.mount.entry = proc dev/.lxc/proc proc create=dir,optional 0 0",
        ] {
            assert!(text.lines().any(|l| l == line), "{line} is missing in\n{text}");
        }
    }

    #[test]
    fn the_host_sets_addresses_where_it_is_to() {
        let net = "net0: name=eth0,host-managed=1,ip=10.0.0.5/24,gw=10.0.0.1,ip6=dhcp";
        let text = rendered(&format!("{net}\nnet1: name=eth1,ip=10.0.0.6/24\n"));
        assert!(text.contains("lxc.net.0.ipv4.address = 10.0.0.5/24\nlxc.net.0.ipv4.gateway = 10.0.0.1\n"), "{text}");
        assert!(!text.contains("ipv6") && !text.contains("lxc.net.1.ipv4"), "{text}");
        assert!(!rendered(&format!("{net},link_down=1\n")).contains("ipv4"));
    }

    #[test]
    fn f5_keyctl_is_hidden_unless_it_is_a_feature() {
        assert!(seccomp(&Features::default()).contains("keyctl errno 38"));
        assert!(!seccomp(&"keyctl=1".parse().unwrap()).contains("keyctl"));
    }
}
