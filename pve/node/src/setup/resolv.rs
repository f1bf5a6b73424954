//! `/etc/resolv.conf`. Pure.

use std::net::IpAddr;

use super::hosts::{block, has_block, replace_block};

/// The guest's resolver settings: from its configuration, else the host's. A host that asks itself (a loopback address)
/// cannot be asked from a guest: then the bridge, where the node forwards DNS, stands in.
pub fn text(nameserver: Option<&str>, searchdomain: Option<&str>, host: &str, bridge: IpAddr) -> String {
    let listed = |text: &str| text.split([' ', ',', ';']).filter(|word| !word.is_empty()).map(str::to_owned).collect();
    let servers: Vec<String> = match nameserver {
        Some(text) => listed(text),
        None => reachable(host, bridge),
    };
    let search = searchdomain.map(str::to_owned).or_else(|| host_search(host).filter(|_| nameserver.is_none()));
    let search = search.map(|domains| format!("search {}\n", domains.replace([',', ';'], " "))).unwrap_or_default();
    search + &servers.iter().map(|server| format!("nameserver {server}\n")).collect::<Vec<_>>().concat()
}

fn reachable(host: &str, bridge: IpAddr) -> Vec<String> {
    let server = |line: &str| line.strip_prefix("nameserver")?.trim().parse::<IpAddr>().ok();
    let mut found: Vec<String> = host
        .lines()
        .filter_map(server)
        .map(|address| if address.is_loopback() { bridge } else { address })
        .map(|address| address.to_string())
        .collect();
    found.dedup();
    if found.is_empty() { vec![bridge.to_string()] } else { found }
}

fn host_search(host: &str) -> Option<String> {
    host.lines().find_map(|line| line.strip_prefix("search ")).map(|domains| domains.trim().to_owned())
}

/// The file with the settings in it: the block is replaced where there is one, else the whole file is.
pub fn placed(old: &str, settings: &str) -> String {
    let block = block(settings);
    if has_block(old) { replace_block(old, &block) } else { block }
}

#[cfg(test)]
mod tests {
    use super::*;

    const BRIDGE: IpAddr = IpAddr::V4(std::net::Ipv4Addr::new(10, 66, 0, 1));

    #[test]
    fn the_guests_own_servers_come_first_then_the_hosts_then_the_bridge() {
        assert_eq!(
            text(Some("10.0.0.53 10.0.0.54"), Some("x.test"), "", BRIDGE),
            "search x.test\nnameserver 10.0.0.53\nnameserver 10.0.0.54\n"
        );
        assert_eq!(
            text(None, None, "search h.test\nnameserver 192.0.2.1\n", BRIDGE),
            "search h.test\nnameserver 192.0.2.1\n"
        );
        assert_eq!(text(None, None, "nameserver 127.0.0.53\n", BRIDGE), "nameserver 10.66.0.1\n");
        assert_eq!(text(None, None, "", BRIDGE), "nameserver 10.66.0.1\n");
    }

    #[test]
    fn a_file_without_a_block_is_replaced_whole() {
        let first = placed("nameserver 9.9.9.9\n", "nameserver 1.1.1.1\n");
        assert_eq!(first, "# --- BEGIN PVE ---\nnameserver 1.1.1.1\n# --- END PVE ---\n");
        let kept = format!("# mine\n{first}");
        assert_eq!(placed(&kept, "nameserver 2.2.2.2\n"), kept.replace("1.1.1.1", "2.2.2.2"));
    }
}
