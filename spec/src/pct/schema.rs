//! The keys of a configuration, and what Proxmox's parser asks of their values.
//!
//! The parser is milder than the API: it checks types and formats, not limits and enumerations (`memory: 15` and
//! `ostype: windows` are read without a word).

use super::format::{self, Check};
use super::kind::{self, boolean};
use super::property::{Key, Properties, PropertyFormat};
use super::{Features, MountPoint, Net, PropertyError};

/// What the parser asks of a key's value.
#[derive(Clone, Copy)]
enum Kind {
    Boolean,
    Integer,
    Number,
    Text,
    Format(Check),
    Property(fn(&str) -> Result<(), PropertyError>),
}

static KEYS: &[(&str, Kind)] = &[
    ("arch", Kind::Text),
    ("cmode", Kind::Text),
    ("console", Kind::Boolean),
    ("cores", Kind::Integer),
    ("cpulimit", Kind::Number),
    ("cpuunits", Kind::Integer),
    ("debug", Kind::Boolean),
    ("description", Kind::Text),
    ("entrypoint", Kind::Text),
    ("env", Kind::Text),
    ("features", Kind::Property(|text| text.parse::<Features>().map(drop))),
    ("hookscript", Kind::Format(format::volume_id)),
    ("hostname", Kind::Format(format::dns_name)),
    ("lock", Kind::Text),
    ("memory", Kind::Integer),
    ("nameserver", Kind::Format(format::nameserver_list)),
    ("onboot", Kind::Boolean),
    ("ostype", Kind::Text),
    ("parent", Kind::Text),
    ("protection", Kind::Boolean),
    ("rootfs", Kind::Property(|text| MountPoint::parse_rootfs(text).map(drop))),
    ("searchdomain", Kind::Format(format::dns_name_list)),
    ("snaptime", Kind::Integer),
    ("startup", Kind::Format(format::startup_order)),
    ("swap", Kind::Integer),
    ("tags", Kind::Format(format::tag_list)),
    ("template", Kind::Boolean),
    ("timezone", Kind::Text),
    ("tty", Kind::Integer),
    ("unprivileged", Kind::Boolean),
];

/// Keys that carry a number: prefix, how many there are, what they hold.
static FAMILIES: &[(&str, u16, Kind)] = &[
    ("dev", 256, Kind::Property(check_device)),
    ("mp", 256, Kind::Property(|text| MountPoint::parse_mp(text).map(drop))),
    ("net", 32, Kind::Property(|text| text.parse::<Net>().map(drop))),
    ("unused", 256, Kind::Property(|text| MountPoint::parse_unused(text).map(drop))),
];

/// `devN`: a device of the node, passed into the guest.
static DEVICE: PropertyFormat = PropertyFormat {
    default_key: Some("path"),
    keys: &[
        Key::optional("path", kind::Kind::Format(format::dev_string)),
        Key::optional("deny-write", kind::Kind::Boolean),
        Key::optional("gid", kind::Kind::Integer { min: 0, max: i64::MAX }),
        Key::optional("mode", kind::Kind::Pattern(format::octal_mode)),
        Key::optional("uid", kind::Kind::Integer { min: 0, max: i64::MAX }),
    ],
};

/// The number of a key of the family `prefix`: 3 for `net3`, nothing for `net03` or `net32`.
pub fn family_index(prefix: &str, key: &str) -> Option<u8> {
    let digits = key.strip_prefix(prefix)?;
    let plain = digits.bytes().all(|b| b.is_ascii_digit()) && (digits == "0" || !digits.starts_with('0'));
    let count = FAMILIES.iter().find(|(name, ..)| *name == prefix)?.1;
    let index = digits.parse::<u16>().ok().filter(|index| plain && *index < count)?;
    u8::try_from(index).ok()
}

/// Checks `devN`.
///
/// # Errors
/// [`PropertyError`] names every part that is wrong.
pub fn check_device(text: &str) -> Result<(), PropertyError> {
    Properties::parse(&DEVICE, text).map(drop)
}

fn kind(key: &str) -> Option<Kind> {
    let plain = KEYS.iter().find(|(name, _)| *name == key).map(|(_, kind)| *kind);
    let numbered = || FAMILIES.iter().find(|(prefix, ..)| family_index(prefix, key).is_some()).map(|(.., kind)| *kind);
    plain.or_else(numbered)
}

/// The value as Proxmox holds it (`yes` → `1`), or its text of refusal.
pub(super) fn check(key: &str, value: &str) -> Result<String, String> {
    let type_error = |name: &str| format!("type check ('{name}') failed - got '{value}'");
    match kind(key).ok_or_else(|| format!("unknown setting '{key}'"))? {
        Kind::Boolean => {
            boolean(value).map(|b| if b { "1" } else { "0" }.to_owned()).ok_or_else(|| type_error("boolean"))
        }
        Kind::Integer if value.bytes().all(|b| b.is_ascii_digit()) => Ok(without_leading_zeros(value)),
        Kind::Integer => Err(type_error("integer")),
        Kind::Number if is_decimal(value) => Ok(value.to_owned()),
        Kind::Number => Err(type_error("number")),
        Kind::Text => Ok(value.to_owned()),
        Kind::Format(check) => check(value).map(|()| value.to_owned()),
        Kind::Property(check) => match check(value) {
            Ok(()) => Ok(value.to_owned()),
            Err(error) => Err(error.pve_text().trim_end_matches('\n').to_owned()),
        },
    }
}

fn without_leading_zeros(digits: &str) -> String {
    let significant = digits.trim_start_matches('0');
    if significant.is_empty() { "0".to_owned() } else { significant.to_owned() }
}

fn is_decimal(value: &str) -> bool {
    let digits = |s: &str| !s.is_empty() && s.bytes().all(|b| b.is_ascii_digit());
    match value.split_once('.') {
        Some((whole, fraction)) => digits(whole) && digits(fraction),
        None => digits(value),
    }
}

/// What a raw `lxc.*` line is to Proxmox.
pub(super) enum RawKey {
    /// Taken.
    Known,
    /// Taken, under a name from before LXC 3.
    Renamed(&'static str),
    /// Refused: Proxmox derives it from another key.
    Derived(&'static str),
    /// No key of LXC's.
    Unknown,
}

static RAW_PREFIXES: &[&str] = &["lxc.cgroup.", "lxc.cgroup2.", "lxc.prlimit.", "lxc.net.", "lxc.sysctl."];

static RAW_KEYS: &[&str] = &[
    "lxc.apparmor.allow_incomplete",
    "lxc.apparmor.allow_nesting",
    "lxc.apparmor.profile",
    "lxc.apparmor.raw",
    "lxc.arch",
    "lxc.autodev",
    "lxc.autodev.tmpfs.size",
    "lxc.cap.drop",
    "lxc.cap.keep",
    "lxc.cgroup.dir",
    "lxc.console.buffer.size",
    "lxc.console.logfile",
    "lxc.console.path",
    "lxc.console.rotate",
    "lxc.console.size",
    "lxc.environment",
    "lxc.ephemeral",
    "lxc.execute.cmd",
    "lxc.group",
    "lxc.hook.autodev",
    "lxc.hook.clone",
    "lxc.hook.destroy",
    "lxc.hook.mount",
    "lxc.hook.post-stop",
    "lxc.hook.pre-mount",
    "lxc.hook.pre-start",
    "lxc.hook.start",
    "lxc.hook.start-host",
    "lxc.hook.stop",
    "lxc.hook.version",
    "lxc.idmap",
    "lxc.include",
    "lxc.init.cmd",
    "lxc.init.cwd",
    "lxc.init.gid",
    "lxc.init.groups",
    "lxc.init.uid",
    "lxc.keyring.session",
    "lxc.log.file",
    "lxc.log.level",
    "lxc.log.syslog",
    "lxc.monitor.signal.pdeath",
    "lxc.monitor.unshare",
    "lxc.mount.auto",
    "lxc.mount.entry",
    "lxc.mount.fstab",
    "lxc.namespace.clone",
    "lxc.namespace.keep",
    "lxc.namespace.share.cgroup",
    "lxc.namespace.share.ipc",
    "lxc.namespace.share.mnt",
    "lxc.namespace.share.net",
    "lxc.namespace.share.pid",
    "lxc.namespace.share.user",
    "lxc.namespace.share.uts",
    "lxc.no_new_privs",
    "lxc.proc.oom_score_adj",
    "lxc.pty.max",
    "lxc.rootfs.mount",
    "lxc.seccomp.allow_nesting",
    "lxc.seccomp.notify.cookie",
    "lxc.seccomp.notify.proxy",
    "lxc.seccomp.profile",
    "lxc.selinux.context",
    "lxc.selinux.context.keyring",
    "lxc.signal.halt",
    "lxc.signal.reboot",
    "lxc.signal.stop",
    "lxc.start.auto",
    "lxc.start.delay",
    "lxc.start.order",
    "lxc.tty.dir",
    "lxc.tty.max",
    "lxc.uts.name",
];

/// Names from before LXC 3 and what they became (lxc.container.conf(5), lxc-update-config(1)).
static RAW_RENAMED: &[(&str, &str)] = &[
    ("lxc.aa_allow_incomplete", "lxc.apparmor.allow_incomplete"),
    ("lxc.aa_profile", "lxc.apparmor.profile"),
    ("lxc.console", "lxc.console.path"),
    ("lxc.devttydir", "lxc.tty.dir"),
    ("lxc.haltsignal", "lxc.signal.halt"),
    ("lxc.id_map", "lxc.idmap"),
    ("lxc.init_cmd", "lxc.init.cmd"),
    ("lxc.init_gid", "lxc.init.gid"),
    ("lxc.init_uid", "lxc.init.uid"),
    ("lxc.kmsg", "lxc.kmsg"),
    ("lxc.limit", "lxc.prlimit"),
    ("lxc.logfile", "lxc.log.file"),
    ("lxc.loglevel", "lxc.log.level"),
    ("lxc.mount", "lxc.mount.fstab"),
    ("lxc.network", "lxc.net"),
    ("lxc.pts", "lxc.pty.max"),
    ("lxc.rebootsignal", "lxc.signal.reboot"),
    ("lxc.rootfs", "lxc.rootfs.path"),
    ("lxc.se_context", "lxc.selinux.context"),
    ("lxc.seccomp", "lxc.seccomp.profile"),
    ("lxc.stopsignal", "lxc.signal.stop"),
    ("lxc.syslog", "lxc.log.syslog"),
    ("lxc.tty", "lxc.tty.max"),
    ("lxc.utsname", "lxc.uts.name"),
];

/// Classifies a raw key.
pub(super) fn raw_key(key: &str) -> RawKey {
    match key {
        "lxc.rootfs.path" => return RawKey::Derived("lxc.rootfs.path is auto generated from rootfs"),
        "lxc.rootfs.options" => {
            return RawKey::Derived(
                "lxc.rootfs.options is not supported, please use mount point options in the \"rootfs\" key",
            );
        }
        _ => {}
    }
    if RAW_KEYS.contains(&key) || RAW_PREFIXES.iter().any(|p| key.starts_with(p)) {
        return RawKey::Known;
    }
    match RAW_RENAMED.iter().find(|(old, _)| *old == key) {
        Some((_, new)) => RawKey::Renamed(new),
        None => RawKey::Unknown,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn numbered_keys_have_limits() {
        assert_eq!(family_index("net", "net31"), Some(31));
        assert_eq!((family_index("net", "net32"), family_index("net", "net03")), (None, None));
        assert_eq!(family_index("mp", "mp255"), Some(255));
        assert!(check("mp256", "x").is_err());
    }

    #[test]
    fn values_are_held_as_proxmox_holds_them() {
        assert_eq!(check("onboot", "Yes").as_deref(), Ok("1"));
        assert_eq!(check("cores", "04").as_deref(), Ok("4"));
        assert_eq!(check("memory", "15").as_deref(), Ok("15"));
        assert!(check("cores", "two").is_err());
    }
}
