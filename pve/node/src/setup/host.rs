//! What a guest takes over from its host: the resolver and the time zone.

use std::fs;
use std::net::IpAddr;
use std::path::Path;

/// The host's settings.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(super) struct Host {
    /// Its name servers, three at most.
    pub(super) nameservers: Vec<String>,
    /// Its search domain.
    pub(super) search: Option<String>,
    /// The file of its time zone.
    pub(super) localtime: String,
    /// Its time zone's name.
    pub(super) timezone: String,
}

impl Host {
    /// Reads them. A host that asks itself (a loopback address) cannot be asked from a guest: then the bridge, where the
    /// node forwards DNS, stands in.
    pub(super) fn read(bridge: IpAddr) -> Self {
        let localtime = fs::canonicalize("/etc/localtime").unwrap_or_else(|_| "/usr/share/zoneinfo/UTC".into());
        let timezone = zone_of(&localtime);
        let resolv = fs::read_to_string("/etc/resolv.conf").unwrap_or_default();
        let (nameservers, search) = resolver(&resolv, bridge);
        Self { nameservers, search, localtime: localtime.to_string_lossy().into_owned(), timezone }
    }
}

/// Proxmox asks /etc/timezone first, where there is one.
fn zone_of(localtime: &Path) -> String {
    let written = fs::read_to_string("/etc/timezone").ok();
    let written = written.and_then(|text| text.lines().next().map(str::to_owned)).filter(|zone| !zone.is_empty());
    written.unwrap_or_else(|| {
        let path = localtime.to_string_lossy();
        path.split_once("zoneinfo/").map_or_else(|| "UTC".to_owned(), |(_, zone)| zone.to_owned())
    })
}

fn resolver(text: &str, bridge: IpAddr) -> (Vec<String>, Option<String>) {
    let server = |line: &str| {
        let rest = line.trim_start().strip_prefix("nameserver")?;
        let address: IpAddr = rest.strip_prefix([' ', '\t'])?.split_ascii_whitespace().next()?.parse().ok()?;
        Some(if address.is_loopback() { bridge } else { address }.to_string())
    };
    let domain = |line: &str| {
        let rest = line.strip_prefix("search").or_else(|| line.strip_prefix("domain"))?;
        rest.strip_prefix([' ', '\t'])?.split_ascii_whitespace().next().map(str::to_owned)
    };
    let mut servers: Vec<String> = text.lines().filter_map(server).collect();
    servers.dedup();
    if servers.is_empty() {
        servers.push(bridge.to_string());
    }
    servers.truncate(3);
    (servers, text.lines().filter_map(domain).next_back())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_resolver_is_read_as_proxmox_reads_it() {
        let bridge = IpAddr::from([10, 66, 0, 1]);
        let text = "search a.test b.test\nnameserver 192.0.2.1\n nameserver 192.0.2.2 # x\nnameserver bad\n";
        assert_eq!(resolver(text, bridge), (vec!["192.0.2.1".into(), "192.0.2.2".into()], Some("a.test".into())));
        assert_eq!(resolver("nameserver 127.0.0.53\n", bridge), (vec!["10.66.0.1".into()], None));
        assert_eq!(resolver("domain d.test\n", bridge), (vec!["10.66.0.1".into()], Some("d.test".into())));
    }
}
