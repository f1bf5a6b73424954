//! A guest's configuration keys as parameters of create, restore and `PUT config`. Pure.

use super::schema::{Kind, Param};

const OSTYPES: &[&str] = &[
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
];
const ARCHS: &[&str] = &["amd64", "i386", "arm64", "armhf", "riscv32", "riscv64"];
const LOCKS: &[&str] = &[
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
];

/// The keys that a caller may set.
pub const CONFIG_KEYS: &[Param] = &[
    Param::optional("arch", Kind::OneOf(ARCHS)),
    Param::optional("cmode", Kind::OneOf(&["shell", "console", "tty"])),
    Param::optional("console", Kind::Boolean),
    Param::optional("cores", Kind::Integer(1, 8192)),
    Param::optional("cpulimit", Kind::Number(0, 8192)),
    Param::optional("cpuunits", Kind::Integer(0, 500_000)),
    Param::optional("debug", Kind::Boolean),
    Param::optional("description", Kind::Text(0, 8192)),
    Param::optional("dev[n]", Kind::Text(1, 4096)),
    Param::optional("entrypoint", Kind::Text(1, 4096)),
    Param::optional("env", Kind::Text(0, 65536)),
    Param::optional("features", Kind::Features),
    Param::optional("hookscript", Kind::Text(1, 4096)),
    Param::optional("hostname", Kind::DnsName),
    Param::optional("lock", Kind::OneOf(LOCKS)),
    Param::optional("memory", Kind::Integer(16, i64::MAX)),
    Param::optional("mp[n]", Kind::Mount),
    Param::optional("nameserver", Kind::AddressList),
    Param::optional("net[n]", Kind::Net),
    Param::optional("onboot", Kind::Boolean),
    Param::optional("ostype", Kind::OneOf(OSTYPES)),
    Param::optional("protection", Kind::Boolean),
    Param::optional("rootfs", Kind::Rootfs),
    Param::optional("searchdomain", Kind::Text(1, 4096)),
    Param::optional("startup", Kind::Text(1, 4096)),
    Param::optional("swap", Kind::Integer(0, i64::MAX)),
    Param::optional("tags", Kind::Tags),
    Param::optional("template", Kind::Boolean),
    Param::optional("timezone", Kind::TimeZone),
    Param::optional("tty", Kind::Integer(0, 6)),
    Param::optional("unprivileged", Kind::Boolean),
    Param::optional("unused[n]", Kind::Unused),
];

/// Whether a parameter's name is a configuration key.
pub fn is_config_key(key: &str) -> bool {
    CONFIG_KEYS.iter().any(|param| param.is(key))
}
