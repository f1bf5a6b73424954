//! The named formats of Proxmox's schema: does this text look like what it should be?
//!
//! Each check returns the text with which Proxmox refuses the value.

use std::net::{Ipv4Addr, Ipv6Addr};

/// A check of one value; the error is Proxmox's own text.
pub type Check = fn(&str) -> Result<(), String>;

fn verdict(valid: bool, text: &str) -> Result<(), String> {
    if valid { Ok(()) } else { Err(text.to_owned()) }
}

/// `mac-addr`: unicast, colons, either case.
///
/// # Errors
/// Proxmox's text of refusal.
pub fn mac_addr(value: &str) -> Result<(), String> {
    verdict(value.parse::<crate::ids::MacAddr>().is_ok(), "value does not look like a valid unicast MAC address")
}

fn ipv4_address(value: &str) -> bool {
    value.parse::<Ipv4Addr>().is_ok()
}

fn ipv6_address(value: &str) -> bool {
    value.parse::<Ipv6Addr>().is_ok()
}

/// `ipv4`: one address.
///
/// # Errors
/// Proxmox's text of refusal.
pub fn ipv4(value: &str) -> Result<(), String> {
    verdict(ipv4_address(value), "value does not look like a valid IPv4 address")
}

/// `ipv6`: one address.
///
/// # Errors
/// Proxmox's text of refusal.
pub fn ipv6(value: &str) -> Result<(), String> {
    verdict(ipv6_address(value), "value does not look like a valid IPv6 address")
}

fn with_prefix(value: &str, address: fn(&str) -> bool, prefixes: std::ops::RangeInclusive<u8>) -> bool {
    value.split_once('/').is_some_and(|(host, prefix)| {
        let plain = prefix.bytes().all(|b| b.is_ascii_digit()) && !prefix.starts_with('0');
        address(host) && plain && prefix.parse().is_ok_and(|p| prefixes.contains(&p))
    })
}

/// `pve-ipv4-config`: `dhcp`, `manual` or CIDR with a prefix of 8 to 32.
///
/// # Errors
/// Proxmox's text of refusal.
pub fn ipv4_config(value: &str) -> Result<(), String> {
    let valid = matches!(value, "dhcp" | "manual") || with_prefix(value, ipv4_address, 8..=32);
    verdict(valid, "value does not look like a valid ipv4 network configuration")
}

/// `pve-ipv6-config`: `auto`, `dhcp`, `manual` or CIDR with a prefix of 8 to 128.
///
/// # Errors
/// Proxmox's text of refusal.
pub fn ipv6_config(value: &str) -> Result<(), String> {
    let valid = matches!(value, "auto" | "dhcp" | "manual") || with_prefix(value, ipv6_address, 8..=128);
    verdict(valid, "value does not look like a valid ipv6 network configuration")
}

/// `dns-name`: labels of letters, digits and inner hyphens, joined by dots.
///
/// # Errors
/// Proxmox's text of refusal.
pub fn dns_name(value: &str) -> Result<(), String> {
    let label = |l: &str| {
        !l.is_empty()
            && l.bytes().all(|b| b.is_ascii_alphanumeric() || b == b'-')
            && !l.starts_with('-')
            && !l.ends_with('-')
    };
    verdict(value.split('.').all(label), "value does not look like a valid DNS name")
}

/// A list under Proxmox's separators: blanks, commas, semicolons, NUL.
fn list(value: &str) -> impl Iterator<Item = &str> {
    value.split([' ', '\t', ',', ';', '\0']).filter(|item| !item.is_empty())
}

/// `dns-name-list`.
///
/// # Errors
/// Proxmox's text of refusal.
pub fn dns_name_list(value: &str) -> Result<(), String> {
    list(value).try_for_each(dns_name)
}

/// `lxc-ip-with-ll-iface-list`: addresses; a link-local one may name its interface (`fe80::1%eth0`).
///
/// # Errors
/// Proxmox's text of refusal.
pub fn nameserver_list(value: &str) -> Result<(), String> {
    list(value).try_for_each(|item| {
        let link_local = item.split_once('%').is_some_and(|(host, iface)| {
            host.parse::<Ipv6Addr>().is_ok_and(|a| a.is_unicast_link_local()) && !iface.is_empty()
        });
        verdict(ipv4_address(item) || ipv6_address(item) || link_local, "value does not look like a valid IP address")
    })
}

/// `pve-tag-list`.
///
/// # Errors
/// Proxmox's text of refusal.
pub fn tag_list(value: &str) -> Result<(), String> {
    list(value).try_for_each(|tag| {
        let inner = |b: u8| b.is_ascii_alphanumeric() || matches!(b, b'_' | b'-' | b'+' | b'.');
        let first = tag.bytes().next().is_some_and(|b| b.is_ascii_alphanumeric() || b == b'_');
        verdict(first && tag.bytes().all(inner), &format!("invalid characters in tag '{tag}'"))
    })
}

/// `pve-lxc-mp-string`: no `.` or `..` among the path's components after a slash.
///
/// # Errors
/// Proxmox's text of refusal.
pub fn mp_string(value: &str) -> Result<(), String> {
    let stray = value.split('/').skip(1).any(|part| matches!(part, "." | ".."));
    verdict(!stray, &format!("{value} contains illegal character sequences"))
}

/// `pve-volume-id`: `STORAGE:VOLUME`.
///
/// # Errors
/// Proxmox's text of refusal.
pub fn volume_id(value: &str) -> Result<(), String> {
    let valid = value.split_once(':').is_some_and(|(storage, volume)| {
        let inner = |b: u8| b.is_ascii_alphanumeric() || matches!(b, b'-' | b'_' | b'.');
        let alnum = |b: Option<u8>| b.is_some_and(|b| b.is_ascii_alphanumeric());
        storage.len() > 1
            && storage.bytes().all(inner)
            && storage.bytes().next().is_some_and(|b| b.is_ascii_alphabetic())
            && alnum(storage.bytes().next_back())
            && !volume.is_empty()
            && !volume.contains(char::is_whitespace)
    });
    verdict(valid, &format!("unable to parse volume ID '{value}'"))
}

/// Names of interfaces and bridges: letters, digits and `-_.`, of any script as Perl's `\w` has it.
pub fn word(value: &str) -> bool {
    !value.is_empty() && value.chars().all(|c| c.is_alphanumeric() || matches!(c, '-' | '_' | '.'))
}

/// VLAN ids joined by `;`.
pub fn trunk_list(value: &str) -> bool {
    value.split(';').all(|id| !id.is_empty() && id.bytes().all(|b| b.is_ascii_digit()))
}

/// `mountoptions`: names that Proxmox knows, joined by `;`.
pub fn mount_options(value: &str) -> bool {
    value.split(';').all(|o| matches!(o, "discard" | "lazytime" | "noatime" | "nodev" | "noexec" | "nosuid"))
}

/// File system types joined by `;`, for `features: mount=…`.
pub fn fstype_list(value: &str) -> bool {
    !value.is_empty() && value.chars().all(|c| c.is_ascii_alphanumeric() || matches!(c, '_' | ';' | ' '))
}

/// `idmap` of a mount point: `passthrough`, or `u|g:container:disk:range` entries joined by `;`.
pub fn idmap(value: &str) -> bool {
    let number = |part: &&str| !part.is_empty() && part.bytes().all(|b| b.is_ascii_digit());
    let entry = |entry: &str| {
        let parts: Vec<&str> = entry.split(':').collect();
        matches!(parts[..], ["u" | "g", from, to, range] if [from, to, range].iter().all(number) && !range.starts_with('0'))
    };
    value == "passthrough" || value.split(';').all(entry)
}

/// `pve-lxc-dev-string`: a path below `/dev/` without `.` or `..`.
///
/// # Errors
/// Proxmox's text of refusal.
pub fn dev_string(value: &str) -> Result<(), String> {
    mp_string(value)?;
    verdict(value.starts_with("/dev/"), &format!("{value} must start with /dev/"))
}

/// An octal access mode, `0660`.
pub fn octal_mode(value: &str) -> bool {
    value.len() == 4 && value.starts_with('0') && value.bytes().all(|b| (b'0'..=b'7').contains(&b))
}

/// `pve-startup-order`: `order=N`, `up=N`, `down=N`, or a bare number for the order.
///
/// # Errors
/// Proxmox's text of refusal.
pub fn startup_order(value: &str) -> Result<(), String> {
    let number = |n: &str| !n.is_empty() && n.bytes().all(|b| b.is_ascii_digit());
    let part = |part: &str| match part.split_once('=') {
        Some((key, n)) => matches!(key, "order" | "up" | "down") && number(n),
        None => number(part),
    };
    let valid = value.split(',').map(str::trim).filter(|p| !p.is_empty()).all(part);
    verdict(valid, "unable to parse startup options")
}
