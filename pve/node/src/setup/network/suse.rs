//! SUSE's network scripts: `ifcfg-NAME`, `ifroute-NAME` (ifcfg(5)).

use super::nic::{Address, Nic};
use super::scripts::routes;
use crate::error::Die;
use crate::setup::guest::Guest;

const DIRECTORY: &str = "/etc/sysconfig/network";

pub(super) fn write(guest: &Guest<'_>) -> Result<(), Die> {
    guest.tree.make_directory(DIRECTORY)?;
    for (_, nic) in &guest.nics {
        let Some(script) = script(nic) else { continue };
        guest.tree.write(&format!("{DIRECTORY}/ifcfg-{}", nic.name), &script)?;
        routes(&guest.tree, &format!("{DIRECTORY}/ifroute-{}", nic.name), &route_lines(nic))?;
    }
    Ok(())
}

/// The script; none where router advertisements alone are to configure the interface.
fn script(nic: &Nic) -> Option<String> {
    let configured = nic.v4.is_configured() || nic.v6.is_configured();
    let addresses: Vec<&str> =
        [&nic.v4, &nic.v6].iter().filter_map(|family| family.fixed()).map(|cidr| cidr.text.as_str()).collect();
    let protocol = match (nic.v4.is_dhcp(), nic.v6.is_dhcp()) {
        (false, false) => "static",
        (true, false) => "dhcp4",
        (false, true) => "dhcp6",
        (true, true) => "dhcp",
    };
    let lines = match addresses.as_slice() {
        [] if configured && protocol == "static" => return None,
        [] => String::new(),
        [one] => format!("IPADDR={one}\n"),
        more => more
            .iter()
            .enumerate()
            .map(|(n, address)| format!("IPADDR_{}={address}\n", n + 1))
            .collect::<Vec<_>>()
            .concat(),
    };
    let mode = if configured { "onboot" } else { "manual" };
    Some(format!("STARTMODE={mode}\nBOOTPROTO={protocol}\n{lines}"))
}

fn route_lines(nic: &Nic) -> String {
    let name = &nic.name;
    let mut lines = String::new();
    if let (Some(Address::Static(_)), Some(gateway)) = (&nic.v4.address, &nic.v4.gateway) {
        if nic.v4.far_gateway {
            lines.extend([gateway, " 0.0.0.0 255.255.255.255 ", name, "\n"]);
        }
        lines.extend(["default ", gateway, " 0.0.0.0 ", name, "\n"]);
    }
    if let (Some(Address::Static(_)), Some(gateway)) = (&nic.v6.address, &nic.v6.gateway) {
        if nic.v6.far_gateway {
            lines.extend([gateway, "/128 - - ", name, "\n"]);
        }
        lines.extend(["default ", gateway, " - ", name, "\n"]);
    }
    lines
}

#[cfg(test)]
mod tests {
    use super::super::nic::tests::of;
    use super::*;

    #[test]
    fn scripts_follow_the_addresses() {
        let written = |net: &str| script(&of(&[net])[0].1);
        assert_eq!(written("name=eth0,ip=dhcp,ip6=dhcp").unwrap(), "STARTMODE=onboot\nBOOTPROTO=dhcp\n");
        assert_eq!(written("name=eth0").unwrap(), "STARTMODE=manual\nBOOTPROTO=static\n");
        assert_eq!(written("name=eth0,ip6=auto"), None);
        assert_eq!(
            written("name=eth0,ip=10.0.0.5/24,ip6=fd00::5/64").unwrap(),
            "STARTMODE=onboot\nBOOTPROTO=static\nIPADDR_1=10.0.0.5/24\nIPADDR_2=fd00::5/64\n"
        );
    }

    #[test]
    fn routes_lead_to_the_gateways() {
        let nic = &of(&["name=eth0,ip=10.0.0.5/32,gw=10.9.0.1,ip6=fd00::5/64,gw6=fe80::1"])[0].1;
        assert_eq!(
            route_lines(nic),
            "10.9.0.1 0.0.0.0 255.255.255.255 eth0\ndefault 10.9.0.1 0.0.0.0 eth0\ndefault fe80::1 - eth0\n"
        );
    }
}
