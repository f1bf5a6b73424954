//! A guest's configuration keys: parameters of create, restore and `PUT config`.

use crate::api::format::Format;
use crate::api::param::{Param, boolean, integer, number, text};

/// The keys that a caller may set.
pub static CONFIG_KEYS: &[Param] = &[
    text("arch").words(&["amd64", "i386", "arm64", "armhf", "riscv32", "riscv64"]).optional(),
    text("cmode").words(&["shell", "console", "tty"]).optional(),
    boolean("console").optional(),
    integer("cores").min(1).max(8192).optional(),
    number("cpulimit").min(0).max(8192).optional(),
    integer("cpuunits").min(0).max(500_000).optional(),
    boolean("debug").optional(),
    text("description").max(8192).optional(),
    text("dev[n]").format(Format::Device).optional(),
    text("entrypoint").pattern(r"[^\x00-\x08\x0a-\x1F\x7F]+").optional(),
    text("env").pattern(r"(?:(?:\w+=[^\x00-\x08\x0a-\x1F\x7F]*)(?:\x00\w+=[^\x00-\x08\x0a-\x1F\x7F]*)*)").optional(),
    text("features").format(Format::Features).optional(),
    text("hookscript").format(Format::VolumeId).optional(),
    text("hostname").format(Format::DnsName).max(255).optional(),
    text("lock")
        .words(&[
            "backup",
            "create",
            "destroyed",
            "disk",
            "fstrim",
            "migrate",
            "mounted",
            "rollback",
            "snapshot",
            "snapshot-delete",
        ])
        .optional(),
    integer("memory").min(16).optional(),
    text("mp[n]").format(Format::Mount).optional(),
    text("nameserver").format(Format::NameserverList).optional(),
    text("net[n]").format(Format::Net).optional(),
    boolean("onboot").optional(),
    text("ostype")
        .words(&[
            "debian",
            "devuan",
            "ubuntu",
            "centos",
            "fedora",
            "opensuse",
            "archlinux",
            "alpine",
            "gentoo",
            "nixos",
            "unmanaged",
        ])
        .optional(),
    boolean("protection").optional(),
    text("rootfs").format(Format::Rootfs).optional(),
    text("searchdomain").format(Format::DnsNameList).optional(),
    text("startup").format(Format::StartupOrder).optional(),
    integer("swap").min(0).optional(),
    text("tags").format(Format::TagList).optional(),
    boolean("template").optional(),
    text("timezone").format(Format::TimeZone).optional(),
    integer("tty").min(0).max(6).optional(),
    boolean("unprivileged").optional(),
    text("unused[n]").format(Format::Unused).optional(),
];

/// Whether a parameter's name is a configuration key.
pub fn is_config_key(key: &str) -> bool {
    CONFIG_KEYS.iter().any(|param| param.bears(key))
}
