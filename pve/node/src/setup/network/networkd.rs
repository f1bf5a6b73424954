//! systemd.network(5).

use super::nic::{Address, Nic};
use crate::error::Die;
use crate::setup::guest::Guest;

pub(super) fn write(guest: &Guest<'_>) -> Result<(), Die> {
    for (_, nic) in &guest.nics {
        guest.tree.make_directory("/etc/systemd/network")?;
        guest.tree.write(&format!("/etc/systemd/network/{}.network", nic.name), &text(nic))?;
    }
    Ok(())
}

fn text(nic: &Nic) -> String {
    let name = &nic.name;
    let mut text =
        format!("[Match]\nName = {name}\n\n[Network]\nDescription = Interface {name} autoconfigured by PVE\n");
    let mut routes = String::new();
    for (family, length) in [(&nic.v4, "/32"), (&nic.v6, "/128")] {
        if let Some(cidr) = family.fixed() {
            text.extend(["Address = ", &cidr.text, "\n"]);
        }
        if let Some(gateway) = &family.gateway {
            text.extend(["Gateway = ", gateway, "\n"]);
            if family.far_gateway {
                routes.extend(["\n[Route]\nDestination = ", gateway, length, "\nScope = link\n"]);
            }
        }
    }
    let dhcp = match (nic.v4.is_dhcp(), nic.v6.is_dhcp()) {
        (false, false) => "no",
        (true, false) => "ipv4",
        (false, true) => "ipv6",
        (true, true) => "yes",
    };
    let asks = matches!(nic.v6.address, Some(Address::Auto | Address::Dhcp)) && nic.v6.gateway.is_none();
    text + &format!("DHCP = {dhcp}\nIPv6AcceptRA = {asks}\n{routes}")
}

#[cfg(test)]
mod tests {
    use super::super::nic::tests::of;
    use super::*;

    fn written(net: &str) -> String {
        let head = "[Match]\nName = eth0\n\n[Network]\nDescription = Interface eth0 autoconfigured by PVE\n";
        text(&of(&[net])[0].1).strip_prefix(head).unwrap().to_owned()
    }

    #[test]
    fn addresses_come_by_dhcp_or_are_fixed() {
        assert_eq!(written("name=eth0,ip=dhcp,ip6=dhcp"), "DHCP = yes\nIPv6AcceptRA = true\n");
        assert_eq!(written("name=eth0,ip=dhcp,ip6=auto"), "DHCP = ipv4\nIPv6AcceptRA = true\n");
        assert_eq!(written("name=eth0"), "DHCP = no\nIPv6AcceptRA = false\n");
        assert_eq!(
            written("name=eth0,ip=10.0.0.5/24,gw=10.0.0.1,ip6=fd00::5/64,gw6=fd00::1"),
            "Address = 10.0.0.5/24\nGateway = 10.0.0.1\nAddress = fd00::5/64\nGateway = fd00::1\nDHCP = no\nIPv6AcceptRA = false\n"
        );
    }

    #[test]
    fn a_far_gateway_gets_a_route() {
        assert_eq!(
            written("name=eth0,ip=10.0.0.5/32,gw=10.9.0.1,ip6=fd00::5/128,gw6=fd01::1"),
            "Address = 10.0.0.5/32\nGateway = 10.9.0.1\nAddress = fd00::5/128\nGateway = fd01::1\nDHCP = no\n\
             IPv6AcceptRA = false\n\n[Route]\nDestination = 10.9.0.1/32\nScope = link\n\n[Route]\nDestination = \
             fd01::1/128\nScope = link\n"
        );
    }
}
