//! Gentoo's `/etc/conf.d/net` (netifrc).

use super::nic::{Address, Nic};
use crate::error::Die;
use crate::setup::guest::Guest;
use crate::setup::marked::{Fresh, place};

pub(super) fn write(guest: &Guest<'_>) -> Result<(), Die> {
    let lines: String = guest.nics.iter().map(|(_, nic)| variables(nic)).collect();
    let text = format!("modules=\"$modules ifconfig\"\n{lines}");
    place(&guest.tree, "/etc/conf.d/net", &text, Fresh::Instead, 0o644, false)?;
    let up = guest.nics.iter().filter(|(_, nic)| comes_up(nic));
    up.map(|(_, nic)| nic)
        .try_for_each(|nic| guest.tree.link_if_free("net.lo", &format!("/etc/init.d/net.{}", nic.name)))
}

fn variables(nic: &Nic) -> String {
    let config: Vec<&str> = [v4_word(nic), v6_word(nic)].into_iter().flatten().collect();
    let variable = |key: &str, lines: &str| match lines {
        "" => String::new(),
        lines => format!("{key}_{}=\"{lines}\"\n", nic.name),
    };
    variable("config", &config.join("\n")) + &variable("routes", &routes(nic).join("\n"))
}

fn v4_word(nic: &Nic) -> Option<&str> {
    match nic.v4.address.as_ref()? {
        Address::Dhcp => Some("dhcp"),
        Address::Static(cidr) => Some(&cidr.text),
        Address::Auto | Address::Manual => None,
    }
}

/// There is no DHCP client for IPv6 in Gentoo's templates.
fn v6_word(nic: &Nic) -> Option<&str> {
    match nic.v6.address.as_ref()? {
        Address::Auto => Some("auto"),
        Address::Static(cidr) => Some(&cidr.text),
        Address::Dhcp | Address::Manual => None,
    }
}

fn routes(nic: &Nic) -> Vec<String> {
    let mut routes = Vec::new();
    if let Some(gateway) = &nic.v4.gateway {
        if nic.v4.far_gateway {
            routes.push(format!("-host {gateway} dev {}", nic.name));
        }
        routes.push(format!("default gw {gateway}"));
    }
    if let Some(gateway) = &nic.v6.gateway {
        // Proxmox always finds an IPv6 gateway to be far here.
        if v6_word(nic).is_some() {
            routes.push(format!("-6 -host {gateway} dev {}", nic.name));
        }
        routes.push(format!("-6 default gw {gateway}"));
    }
    routes
}

fn comes_up(nic: &Nic) -> bool {
    let gateway = nic.v4.gateway.is_some() || nic.v6.gateway.is_some();
    gateway || v4_word(nic).is_some() || v6_word(nic).is_some()
}

#[cfg(test)]
mod tests {
    use super::super::nic::tests::of;
    use super::*;

    #[test]
    fn variables_hold_addresses_and_routes() {
        let nic = &of(&["name=eth0,ip=10.0.0.5/24,gw=10.0.0.1,ip6=fd00::5/64,gw6=fd00::1"])[0].1;
        assert_eq!(
            variables(nic),
            "config_eth0=\"10.0.0.5/24\nfd00::5/64\"\nroutes_eth0=\"default gw 10.0.0.1\n-6 -host fd00::1 dev eth0\n-6 default gw fd00::1\"\n"
        );
        let silent = &of(&["name=eth1,ip6=dhcp"])[0].1;
        assert_eq!((variables(silent).as_str(), comes_up(silent)), ("", false));
    }
}
