//! A guest's state and its interfaces.

use serde::{Deserialize, Serialize};

use crate::lenient;

/// Whether a guest runs.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum GuestState {
    /// Its LXC monitor answers.
    Running,
    /// It does not.
    Stopped,
    /// Nobody has looked yet (cluster lists of new guests).
    #[serde(other)]
    Unknown,
}

/// The answer to `GET …/status/current`, and a row of `GET /nodes/{node}/lxc`.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct GuestStatus {
    /// The guest's number.
    #[serde(deserialize_with = "lenient::count")]
    pub vmid: u64,
    /// Whether it runs.
    pub status: GuestState,
    /// Its hostname, or `CT<vmid>`.
    #[serde(default, deserialize_with = "lenient::optional_text", skip_serializing_if = "Option::is_none")]
    pub name: Option<String>,
    /// `lxc`.
    #[serde(rename = "type", default, skip_serializing_if = "Option::is_none")]
    pub kind: Option<String>,
    /// The configuration's lock.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub lock: Option<String>,
    /// Tags, joined by `;`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub tags: Option<String>,
    /// Whether it is a template.
    #[serde(
        default,
        deserialize_with = "lenient::flag",
        serialize_with = "lenient::as_bit",
        skip_serializing_if = "lenient::unset"
    )]
    pub template: bool,
    /// The host's process id of the guest's init, while it runs.
    #[serde(default, deserialize_with = "lenient::optional_count", skip_serializing_if = "Option::is_none")]
    pub pid: Option<u64>,
    /// Seconds since its start; 0 when stopped.
    #[serde(default, deserialize_with = "lenient::count")]
    pub uptime: u64,
    /// CPUs that it may use.
    #[serde(default, deserialize_with = "lenient::fraction", serialize_with = "lenient::as_number")]
    pub cpus: f64,
    /// The part of them that it uses.
    #[serde(default, deserialize_with = "lenient::fraction", serialize_with = "lenient::as_number")]
    pub cpu: f64,
    /// Memory in use, bytes.
    #[serde(default, deserialize_with = "lenient::count")]
    pub mem: u64,
    /// Memory that it may use, bytes.
    #[serde(default, deserialize_with = "lenient::count")]
    pub maxmem: u64,
    /// Swap in use, bytes.
    #[serde(default, deserialize_with = "lenient::count")]
    pub swap: u64,
    /// Swap that it may use, bytes.
    #[serde(default, deserialize_with = "lenient::count")]
    pub maxswap: u64,
    /// Root file system in use, bytes; 0 when stopped.
    #[serde(default, deserialize_with = "lenient::count")]
    pub disk: u64,
    /// The root file system's size, bytes.
    #[serde(default, deserialize_with = "lenient::count")]
    pub maxdisk: u64,
    /// Bytes that it read from disks since its start.
    #[serde(default, deserialize_with = "lenient::count")]
    pub diskread: u64,
    /// Bytes that it wrote.
    #[serde(default, deserialize_with = "lenient::count")]
    pub diskwrite: u64,
    /// Bytes that it received since its start.
    #[serde(default, deserialize_with = "lenient::count")]
    pub netin: u64,
    /// Bytes that it sent.
    #[serde(default, deserialize_with = "lenient::count")]
    pub netout: u64,
    /// How long its processes waited, while it runs.
    #[serde(flatten, default, skip_deserializing)]
    pub pressure: Option<Pressure>,
}

/// The parts of the last ten seconds in which some or all of a guest's processes waited, as the kernel prints them.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
pub struct Pressure {
    /// Some, for a CPU.
    #[serde(rename = "pressurecpusome")]
    pub cpu_some: Option<String>,
    /// All, for a CPU.
    #[serde(rename = "pressurecpufull")]
    pub cpu_full: Option<String>,
    /// Some, for disks.
    #[serde(rename = "pressureiosome")]
    pub io_some: Option<String>,
    /// All, for disks.
    #[serde(rename = "pressureiofull")]
    pub io_full: Option<String>,
    /// Some, for memory.
    #[serde(rename = "pressurememorysome")]
    pub memory_some: Option<String>,
    /// All, for memory.
    #[serde(rename = "pressurememoryfull")]
    pub memory_full: Option<String>,
}

/// A row of `GET …/interfaces`.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Interface {
    /// Its name in the guest.
    pub name: String,
    /// Its hardware address, lower case.
    #[serde(default)]
    pub hwaddr: String,
    /// The same, under its newer key.
    #[serde(rename = "hardware-address", default, skip_serializing_if = "String::is_empty")]
    pub hardware_address: String,
    /// The last IPv4 address with its prefix.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub inet: Option<String>,
    /// The last IPv6 address with its prefix.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub inet6: Option<String>,
    /// All addresses (since Proxmox VE 8.4).
    #[serde(rename = "ip-addresses", default)]
    pub ip_addresses: Vec<IpAddress>,
}

/// One address of an interface.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct IpAddress {
    /// The address.
    #[serde(rename = "ip-address")]
    pub address: String,
    /// `inet` or `inet6`.
    #[serde(rename = "ip-address-type", default)]
    pub family: String,
    /// The prefix's length.
    #[serde(default, deserialize_with = "lenient::count", serialize_with = "lenient::as_text")]
    pub prefix: u64,
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_status_reads_with_its_vmid_as_text() {
        let text = r#"{"vmid":"9101","status":"running","name":"acme","uptime":12.9,"cpus":2,"pid":77,"template":""}"#;
        let status: GuestStatus = serde_json::from_str(text).unwrap();
        assert_eq!((status.vmid, status.status, status.uptime), (9101, GuestState::Running, 12));
        assert_eq!((status.pid, status.template), (Some(77), false));
    }

    #[test]
    fn an_interface_reads_in_old_and_new_form() {
        let old = r#"{"name":"eth0","hwaddr":"bc:24:11:5a:0c:77","inet":"10.0.0.5/24"}"#;
        let old: Interface = serde_json::from_str(old).unwrap();
        assert_eq!((old.inet.as_deref(), old.ip_addresses.len()), (Some("10.0.0.5/24"), 0));
        let new = r#"{"name":"lo","hwaddr":"00:00:00:00:00:00","hardware-address":"00:00:00:00:00:00",
            "ip-addresses":[{"ip-address":"127.0.0.1","ip-address-type":"inet","prefix":"8"}]}"#;
        let new: Interface = serde_json::from_str(new).unwrap();
        assert_eq!(new.ip_addresses[0].prefix, 8);
    }
}
