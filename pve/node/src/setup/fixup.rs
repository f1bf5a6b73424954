//! What a template of each distribution needs before it can be a guest.

use super::detect::{Ostype, System, Version};
use super::guest::Guest;
use super::init::{securetty, upstart};
use super::rooted::Root;
use crate::error::Die;

/// Mends the template.
pub(super) fn template(guest: &Guest<'_>) -> Result<(), Die> {
    let System { ostype, version } = guest.system;
    let tree = &guest.tree;
    match ostype {
        Ostype::Ubuntu => ubuntu(guest),
        Ostype::Alpine => {
            ALPINE_SERVICES.iter().try_for_each(|(service, level)| {
                tree.link_if_free(&format!("/etc/init.d/{service}"), &format!("/etc/runlevels/{level}/{service}"))
            })?;
            securetty::write(guest)?;
            real_hosts(tree)
        }
        Ostype::ArchLinux | Ostype::Gentoo => {
            securetty::write(guest)?;
            real_hosts(tree)
        }
        Ostype::CentOs => {
            if version < Version(7, 0) {
                upstart::centos(tree)?;
            }
            answer_firstboot(tree)?;
            securetty::write(guest)?;
            real_hosts(tree)?;
            mask_static_units(tree, &[])
        }
        Ostype::Fedora => {
            securetty::write(guest)?;
            tree.remove("/etc/systemd/system/getty@.service")?;
            real_hosts(tree)
        }
        Ostype::OpenEuler => {
            real_hosts(tree)?;
            mask_static_units(tree, &["dev-mqueue.mount"])
        }
        Ostype::OpenSuse => {
            securetty::write(guest)?;
            answer_firstboot(tree)?;
            if !tree.is_file("/etc/localtime") {
                tree.link_if_free("/usr/share/zoneinfo/UTC", "/etc/localtime")?;
            }
            real_hosts(tree)
        }
        Ostype::Debian | Ostype::Devuan | Ostype::NixOs | Ostype::Unmanaged => Ok(()),
    }
}

/// Services of Alpine's templates, and the run level each belongs to.
const ALPINE_SERVICES: &[(&str, &str)] = &[
    ("networking", "boot"),
    ("bootmisc", "boot"),
    ("hostname", "boot"),
    ("killprocs", "shutdown"),
    ("savecache", "shutdown"),
];

fn ubuntu(guest: &Guest<'_>) -> Result<(), Die> {
    let (tree, version) = (&guest.tree, guest.system.version);
    if (Version(17, 10)..Version(23, 4)).contains(&version) {
        for (unit, wants) in [("systemd-networkd.service", "multi-user"), ("systemd-networkd.socket", "socket")] {
            let directory = format!("/etc/systemd/system/{wants}.target.wants");
            if tree.is_directory("/etc/systemd/system") {
                tree.make_directory(&directory)?;
            }
            tree.link_if_free(&format!("/lib/systemd/system/{unit}"), &format!("{directory}/{unit}"))?;
        }
    }
    if version >= Version(17, 10) {
        tree.remove("/etc/netplan/10-lxc.yaml")?;
    }
    if matches!(version, Version(15, 4 | 10) | Version(16, 4)) {
        securetty::add(guest, &["pts/0".to_owned()])?;
    }
    if version == Version(12, 4) {
        let udev = tree.need("/etc/udev/udev.conf")?;
        tree.write("/etc/udev/udev.conf", &udev.replacen("=\"err\"", "=0", 1))?;
    }
    Ok(())
}

/// systemd-firstboot would ask for it for ever, on a terminal that nobody sees.
fn answer_firstboot(tree: &Root) -> Result<(), Die> {
    if tree.is_file("/etc/locale.conf") { Ok(()) } else { tree.write("/etc/locale.conf", "LANG=C.utf8") }
}

/// Units without an `[Install]` know no presets.
fn mask_static_units(tree: &Root, more: &[&str]) -> Result<(), Die> {
    let units = ["sys-kernel-config.mount", "sys-kernel-debug.mount"];
    units.iter().chain(more).try_for_each(|unit| {
        let path = format!("/etc/systemd/system/{unit}");
        if tree.is_file(&path) { Ok(()) } else { tree.link_if_free("/dev/null", &path) }
    })
}

/// Templates of linuxcontainers.org come with a host that is nobody.
fn real_hosts(tree: &Root) -> Result<(), Die> {
    let Some(old) = tree.read("/etc/hosts")? else { return Ok(()) };
    tree.write("/etc/hosts", &without_lxc_name(&old))
}

fn without_lxc_name(hosts: &str) -> String {
    let is_bogus = |line: &str| {
        let rest = line.strip_prefix("127.0.1.1").filter(|rest| rest.starts_with(char::is_whitespace));
        rest.is_some_and(|rest| rest.trim_start() == "LXC_NAME")
    };
    let lines = hosts.trim_end_matches('\n').split('\n').filter(|line| !is_bogus(line));
    lines.collect::<Vec<_>>().join("\n") + "\n"
}

#[cfg(test)]
mod tests {
    use super::without_lxc_name;

    #[test]
    fn the_bogus_host_goes() {
        let hosts = "127.0.0.1 localhost\n127.0.1.1\tLXC_NAME\n::1 localhost\n\n";
        assert_eq!(without_lxc_name(hosts), "127.0.0.1 localhost\n::1 localhost\n");
    }
}
