//! NetworkManager's keyfiles (nm-settings-keyfile(5)).

use std::net::IpAddr;

use super::nic::{Address, Family, Nic};
use crate::error::Die;
use crate::setup::guest::Guest;
use crate::setup::names::Dns;

const DIRECTORY: &str = "/etc/NetworkManager/system-connections";

pub(super) fn write(guest: &Guest<'_>) -> Result<(), Die> {
    guest.tree.make_directory(DIRECTORY)?;
    let dns = Dns::of(guest);
    guest.nics.iter().try_for_each(|(_, nic)| {
        let path = format!("{DIRECTORY}/{}.nmconnection", nic.name);
        guest.tree.write_with_mode(&path, &text(nic, &dns, &uuid::Uuid::new_v4().to_string()), 0o600)
    })
}

fn text(nic: &Nic, dns: &Dns, id: &str) -> String {
    let name = &nic.name;
    let head = format!("[connection]\nid={name}\nuuid={id}\ntype=ethernet\ninterface-name={name}\n");
    format!("{head}[ipv4]\n{}[ipv6]\n{}", ipv4(&nic.v4, dns), ipv6(&nic.v6, dns))
}

fn ipv4(family: &Family, dns: &Dns) -> String {
    let mut text = match &family.address {
        None | Some(Address::Manual) => return "method=disabled\n".to_owned(),
        Some(Address::Static(cidr)) => format!("method=manual\naddresses={}\n", cidr.text),
        Some(Address::Auto | Address::Dhcp) => return "method=auto\n".to_owned() + &resolver(dns, IpAddr::is_ipv4),
    };
    if let Some(gateway) = &family.gateway {
        text.extend(["gateway=", gateway, "\n"]);
        if family.far_gateway {
            text.extend(["routes=", gateway, "\n"]);
        }
    }
    text + &resolver(dns, IpAddr::is_ipv4)
}

fn ipv6(family: &Family, dns: &Dns) -> String {
    let mut text = match &family.address {
        None | Some(Address::Manual) => return "method=disabled\n".to_owned(),
        Some(Address::Static(cidr)) => format!("method=manual\naddress={}\n", cidr.text),
        Some(Address::Auto | Address::Dhcp) => "method=auto\n".to_owned(),
    };
    if let Some(gateway) = family.gateway.as_deref().filter(|_| family.fixed().is_some()) {
        let key = if family.far_gateway { "routes" } else { "gateway" };
        text.extend([key, "=", gateway, "\n"]);
    }
    text + &resolver(dns, IpAddr::is_ipv6)
}

fn resolver(dns: &Dns, ours: impl Fn(&IpAddr) -> bool) -> String {
    let servers: Vec<&str> =
        dns.servers.iter().filter(|server| server.parse().is_ok_and(|ip| ours(&ip))).map(String::as_str).collect();
    if servers.is_empty() {
        return String::new();
    }
    let text = format!("dns={}\n", servers.join(";"));
    if dns.search.is_empty() { text } else { format!("{text}dns-search={}\n", dns.search.join(";")) }
}

#[cfg(test)]
mod tests {
    use super::super::nic::tests::of;
    use super::*;

    fn written(net: &str) -> String {
        let words = |text: &str| text.split(' ').map(str::to_owned).collect();
        let dns = Dns { servers: words("10.0.0.53 fd00::53"), search: words("a.test b.test") };
        let head = "[connection]\nid=eth0\nuuid=ID\ntype=ethernet\ninterface-name=eth0\n[ipv4]\n";
        text(&of(&[net])[0].1, &dns, "ID").strip_prefix(head).unwrap().to_owned()
    }

    #[test]
    fn each_family_has_its_method() {
        assert_eq!(
            written("name=eth0,ip=dhcp"),
            "method=auto\ndns=10.0.0.53\ndns-search=a.test;b.test\n[ipv6]\nmethod=disabled\n"
        );
        assert_eq!(
            written("name=eth0,ip6=auto"),
            "method=disabled\n[ipv6]\nmethod=auto\ndns=fd00::53\ndns-search=a.test;b.test\n"
        );
        assert_eq!(
            written("name=eth0,ip=10.0.0.5/24,gw=10.9.0.1,ip6=fd00::5/64,gw6=fd01::1"),
            "method=manual\naddresses=10.0.0.5/24\ngateway=10.9.0.1\nroutes=10.9.0.1\ndns=10.0.0.53\n\
             dns-search=a.test;b.test\n[ipv6]\nmethod=manual\naddress=fd00::5/64\nroutes=fd01::1\ndns=fd00::53\n\
             dns-search=a.test;b.test\n"
        );
    }
}
