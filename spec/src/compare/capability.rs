//! What an executable may do, out of its attribute `security.capability` (capabilities(7), linux/capability.h).

/// Names by number.
const NAMES: [&str; 41] = [
    "chown",
    "dac_override",
    "dac_read_search",
    "fowner",
    "fsetid",
    "kill",
    "setgid",
    "setuid",
    "setpcap",
    "linux_immutable",
    "net_bind_service",
    "net_broadcast",
    "net_admin",
    "net_raw",
    "ipc_lock",
    "ipc_owner",
    "sys_module",
    "sys_rawio",
    "sys_chroot",
    "sys_ptrace",
    "sys_pacct",
    "sys_admin",
    "sys_boot",
    "sys_nice",
    "sys_resource",
    "sys_time",
    "sys_tty_config",
    "mknod",
    "lease",
    "audit_write",
    "audit_control",
    "setfcap",
    "mac_override",
    "mac_admin",
    "syslog",
    "wake_alarm",
    "block_suspend",
    "audit_read",
    "perfmon",
    "bpf",
    "checkpoint_restore",
];
/// The bit of the first word that says that permitted ones are in effect at once.
const EFFECTIVE: u32 = 1;

/// As getcap(8) prints them: `cap_net_raw=ep`; what does not read is told as its bytes.
pub fn capabilities(value: &[u8]) -> String {
    let word = |at: usize| -> Option<u32> { Some(u32::from_le_bytes(value.get(at..at + 4)?.try_into().ok()?)) };
    let read = || {
        let high = |at: usize| word(at).map_or(0, u64::from) << 32;
        let permitted = u64::from(word(4)?) | high(12);
        let inheritable = u64::from(word(8)?) | high(16);
        Some((word(0)? & EFFECTIVE != 0, permitted, inheritable))
    };
    let Some((effective, permitted, inheritable)) = read() else { return format!("unread {value:02x?}") };
    let mut parts = Vec::new();
    for (set, flags) in [
        (permitted & !inheritable, if effective { "ep" } else { "p" }),
        (permitted & inheritable, if effective { "eip" } else { "ip" }),
        (inheritable & !permitted, "i"),
    ] {
        let names: Vec<String> = (0..64).filter(|bit| set >> bit & 1 == 1).map(name).collect();
        if !names.is_empty() {
            parts.push(format!("{}={flags}", names.join(",")));
        }
    }
    parts.join(" ")
}

fn name(bit: usize) -> String {
    NAMES.get(bit).map_or_else(|| format!("cap_{bit}"), |name| format!("cap_{name}"))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn pings_attribute_reads_as_getcap_prints_it() {
        // getfattr -n security.capability -e hex /usr/bin/ping on Debian 13.
        let ping = [1, 0, 0, 2, 0, 0x20, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0];
        assert_eq!(capabilities(&ping), "cap_net_raw=ep");
        assert_eq!(capabilities(&[1]), "unread [01]");
    }
}
