//! Red Hat's network scripts: `ifcfg-NAME`, `route-NAME`, `route6-NAME`.

use super::nic::{Address, Nic};
use super::scripts::routes;
use crate::error::Die;
use crate::setup::guest::Guest;
use crate::setup::names::Dns;

const DIRECTORY: &str = "/etc/sysconfig/network-scripts";

pub(super) fn write(guest: &Guest<'_>) -> Result<(), Die> {
    let tree = &guest.tree;
    tree.make_directory(DIRECTORY)?;
    let dns = Dns::of(guest);
    for (_, nic) in &guest.nics {
        let Some(script) = script(nic, &dns, &uuid::Uuid::new_v4().to_string()) else { continue };
        tree.write(&format!("{DIRECTORY}/ifcfg-{}", nic.name), &script)?;
        let (v4, v6) = (far_route(nic, false), far_route(nic, true));
        routes(tree, &format!("{DIRECTORY}/route-{}", nic.name), &v4)?;
        routes(tree, &format!("{DIRECTORY}/route6-{}", nic.name), &v6)?;
    }
    let Some(mut network) = tree.read("/etc/sysconfig/network")? else { return Ok(()) };
    if guest.nics.iter().any(|(_, nic)| nic.v4.address.is_some()) {
        network = switched_on(&network, "NETWORKING");
    }
    if guest.nics.iter().any(|(_, nic)| nic.v6.address.is_some()) {
        network = switched_on(&network, "NETWORKING_IPV6");
    }
    tree.write("/etc/sysconfig/network", &network)
}

/// The script; none for an interface that nothing is said about.
fn script(nic: &Nic, dns: &Dns, id: &str) -> Option<String> {
    let (v4, v6) = (ipv4(nic), ipv6(nic));
    let protocol = match &nic.v4.address {
        Some(Address::Dhcp) => "dhcp",
        Some(Address::Static(_)) => "none",
        _ if nic.v6.is_configured() => "none",
        _ => "",
    };
    let servers = dns
        .servers
        .iter()
        .enumerate()
        .map(|(n, server)| format!("DNS{}={server}\n", n + 1))
        .collect::<Vec<_>>()
        .concat();
    let domain = if dns.search.is_empty() { String::new() } else { format!("DOMAIN={}\n", dns.search.join(" ")) };
    let data = v4 + &v6 + &servers + &domain;
    let worth = !data.is_empty() || !protocol.is_empty();
    worth.then(|| format!("DEVICE={}\nONBOOT=yes\nUUID={id}\nBOOTPROTO={protocol}\n{data}", nic.name))
}

fn ipv4(nic: &Nic) -> String {
    let Some(cidr) = nic.v4.fixed() else { return String::new() };
    let gateway = nic.v4.gateway.as_ref().map(|gateway| format!("GATEWAY={gateway}\n")).unwrap_or_default();
    format!("IPADDR={}\nNETMASK={}\n{gateway}", cidr.address, cidr.netmask())
}

fn ipv6(nic: &Nic) -> String {
    let how = match &nic.v6.address {
        None | Some(Address::Manual) => return String::new(),
        Some(Address::Auto) => "IPV6_AUTOCONF=yes\n".to_owned(),
        Some(Address::Dhcp) => "DHCPV6C=yes\n".to_owned(),
        Some(Address::Static(cidr)) => {
            let gateway = nic.v6.gateway.as_ref().filter(|_| !nic.v6.far_gateway);
            let gateway = gateway.map(|gateway| format!("IPV6_DEFAULTGW={gateway}\n")).unwrap_or_default();
            format!("IPV6ADDR={}\nIPV6_AUTOCONF=no\n{gateway}", cidr.text)
        }
    };
    format!("IPV6INIT=yes\n{how}")
}

fn far_route(nic: &Nic, v6: bool) -> String {
    let family = if v6 { &nic.v6 } else { &nic.v4 };
    match family.gateway.as_ref().filter(|_| family.far_gateway) {
        Some(gateway) => format!("{gateway} dev {0}\ndefault via {gateway} dev {0}\n", nic.name),
        None => String::new(),
    }
}

/// `KEY=yes` in place of the first `KEY=anything`, else at the end.
fn switched_on(text: &str, key: &str) -> String {
    let mark = format!("{key}=");
    let value = |at: usize| text.get(at + mark.len()..).filter(|rest| rest.starts_with(|c: char| !c.is_whitespace()));
    let Some((at, rest)) = text.match_indices(&mark).find_map(|(at, _)| Some((at, value(at)?))) else {
        return format!("{text}{key}=yes\n");
    };
    let end = rest.find(char::is_whitespace).unwrap_or(rest.len());
    format!("{}{mark}yes{}", text.get(..at).unwrap_or_default(), rest.get(end..).unwrap_or_default())
}

#[cfg(test)]
mod tests {
    use super::super::nic::tests::of;
    use super::*;

    fn written(net: &str) -> Option<String> {
        let dns = Dns { servers: vec!["10.0.0.53".into()], search: vec!["a.test".into()] };
        let head = "DEVICE=eth0\nONBOOT=yes\nUUID=ID\n";
        Some(script(&of(&[net])[0].1, &dns, "ID")?.strip_prefix(head).unwrap().to_owned())
    }

    #[test]
    fn each_address_has_its_lines() {
        let tail = "DNS1=10.0.0.53\nDOMAIN=a.test\n";
        assert_eq!(written("name=eth0,ip=dhcp").unwrap(), format!("BOOTPROTO=dhcp\n{tail}"));
        assert_eq!(written("name=eth0").unwrap(), format!("BOOTPROTO=\n{tail}"));
        assert_eq!(
            written("name=eth0,ip=10.0.0.5/16,gw=10.0.0.1,ip6=auto").unwrap(),
            format!(
                "BOOTPROTO=none\nIPADDR=10.0.0.5\nNETMASK=255.255.0.0\nGATEWAY=10.0.0.1\nIPV6INIT=yes\nIPV6_AUTOCONF=yes\n{tail}"
            )
        );
        let nothing = Dns { servers: Vec::new(), search: Vec::new() };
        assert_eq!(script(&of(&["name=eth0"])[0].1, &nothing, "ID"), None);
    }

    #[test]
    fn far_gateways_have_routes_of_their_own() {
        let nic = &of(&["name=eth0,ip=10.0.0.5/32,gw=10.9.0.1,ip6=fd00::5/64,gw6=fe80::1"])[0].1;
        assert_eq!(far_route(nic, false), "10.9.0.1 dev eth0\ndefault via 10.9.0.1 dev eth0\n");
        assert_eq!(far_route(nic, true), "");
    }

    #[test]
    fn networking_is_switched_on() {
        assert_eq!(switched_on("NETWORKING=no\nX=1\n", "NETWORKING"), "NETWORKING=yes\nX=1\n");
        assert_eq!(switched_on("X=1\n", "NETWORKING_IPV6"), "X=1\nNETWORKING_IPV6=yes\n");
    }
}
