//! At every start: hostname, hosts, resolver, interfaces, time zone.

use std::fs;
use std::net::IpAddr;
use std::path::Path;

use spec::pct::PctConf;

use super::rooted::Root;
use super::{hosts, interfaces, resolv};
use crate::containers::idmap::root_of;
use crate::error::Die;
use crate::state::Node;

/// Writes into the tree at `root` what its configuration says. `say` gets what a person should read.
pub fn at_start(root: &Path, conf: &PctConf, node: &Node, say: &dyn Fn(&str)) -> Result<(), Die> {
    if conf.get("ostype") == Some("unmanaged") {
        return Ok(());
    }
    let tree = Root::open(root, root_of(conf.flag("unprivileged")))?;
    warn_about_nesting(&tree, conf, say)?;
    network(&tree, conf, node)?;
    zone(&tree, conf)?;
    tree.write("/fastboot", "")
}

/// What depends on the guest's name and its NICs.
pub(super) fn network(tree: &Root, conf: &PctConf, node: &Node) -> Result<(), Die> {
    let nets = conf.nets().map_err(|error| Die::text(error.pve_text()))?;
    let first = nets.iter().find(|(index, _)| *index == 0).map(|(_, net)| net);
    let search = conf.get("searchdomain");
    if let Some(hostname) = conf.get("hostname").filter(|_| tree.is_directory("/etc")) {
        let short = hostname.split('.').next().unwrap_or(hostname);
        tree.write("/etc/hostname", &format!("{short}\n"))?;
        let old = tree.read("/etc/hosts")?.unwrap_or_default();
        tree.write("/etc/hosts", &hosts::with_block(&old, hostname, search, first))?;
    }
    if tree.is_directory("/etc") {
        let host = fs::read_to_string("/etc/resolv.conf").unwrap_or_default();
        let bridge = IpAddr::V4(node.config.subnet.address);
        let settings = resolv::text(conf.get("nameserver"), search, &host, bridge);
        let old = tree.read("/etc/resolv.conf")?.unwrap_or_default();
        tree.write("/etc/resolv.conf", &resolv::placed(&old, &settings))?;
    }
    if tree.is_directory("/etc/network") {
        let old = tree.read("/etc/network/interfaces")?.unwrap_or_default();
        let nets: Vec<_> = nets.into_iter().map(|(_, net)| net).collect();
        tree.write("/etc/network/interfaces", &interfaces::rewritten(&old, &nets))?;
    }
    Ok(())
}

/// The time zone, copied from the guest's own database; `host` means the host's.
fn zone(tree: &Root, conf: &PctConf) -> Result<(), Die> {
    let host_zone = || {
        let target = fs::read_link("/etc/localtime").ok()?;
        Some(target.to_str()?.rsplit_once("zoneinfo/")?.1.to_owned())
    };
    let zone = match conf.get("timezone") {
        None => None,
        Some("host") => host_zone(),
        Some(zone) => Some(zone.to_owned()),
    };
    match zone {
        Some(zone) if tree.exists(&format!("/usr/share/zoneinfo/{zone}")) => {
            tree.link(&format!("/usr/share/zoneinfo/{zone}"), "/etc/localtime")
        }
        _ => Ok(()),
    }
}

/// systemd beyond 241 wants to make namespaces of its own.
fn warn_about_nesting(tree: &Root, conf: &PctConf, say: &dyn Fn(&str)) -> Result<(), Die> {
    let nesting = conf.features().map_err(|error| Die::text(error.pve_text()))?.nesting();
    if !nesting && let Some(version) = systemd_version(tree).filter(|version| *version > 241) {
        say(&format!("Systemd {version} detected. You may need to enable nesting."));
    }
    Ok(())
}

/// The version in the name of systemd's shared library.
fn systemd_version(tree: &Root) -> Option<u32> {
    let directories = ["/usr/lib/systemd", "/usr/lib/x86_64-linux-gnu/systemd", "/lib/systemd"];
    directories.iter().filter_map(|directory| fs::read_dir(tree.resolve(directory).ok()?).ok()).find_map(|entries| {
        let version = |entry: fs::DirEntry| {
            let name = entry.file_name();
            let digits = name.to_str()?.strip_prefix("libsystemd-shared-")?.strip_suffix(".so")?;
            digits.split(['.', '-', '~']).next()?.parse().ok()
        };
        entries.filter_map(Result::ok).find_map(version)
    })
}
