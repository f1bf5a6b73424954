//! `/etc/network/interfaces` of Debian guests. Pure.

use spec::pct::{Ip4Config, Ip6Config, Net};

/// The file with stanzas for the configured interfaces: theirs are made anew at the place of the first, loopback comes
/// first when it is missing, and everything else stays.
pub fn rewritten(old: &str, nets: &[Net]) -> String {
    let ours = |name: &str| name == "lo" || nets.iter().any(|net| net.name() == name);
    let mut kept: Vec<&str> = Vec::new();
    let mut skipping = false;
    for line in old.lines() {
        let mut words = line.split_ascii_whitespace();
        match (words.next(), words.next()) {
            (Some("auto" | "allow-hotplug"), Some(name)) if ours(name) => skipping = true,
            (Some("iface"), Some(name)) => {
                skipping = ours(name);
                if !skipping {
                    kept.push(line);
                }
            }
            (Some("auto" | "allow-hotplug" | "mapping" | "source" | "source-directory"), _) => {
                skipping = false;
                kept.push(line);
            }
            (None, _) if skipping => (),
            _ if skipping && line.starts_with([' ', '\t']) => (),
            _ => {
                skipping = false;
                kept.push(line);
            }
        }
    }
    let mut out = "auto lo\niface lo inet loopback\niface lo inet6 loopback\n\n".to_owned();
    let rest = kept.join("\n");
    if !rest.trim().is_empty() {
        out.push_str(rest.trim());
        out.push_str("\n\n");
    }
    for net in nets {
        out.push_str(&stanzas(net));
    }
    out
}

fn stanzas(net: &Net) -> String {
    let (name, v4, v6) = (net.name(), ipv4(net), ipv6(net));
    format!("auto {name}\n{v4}{v6}\n")
}

fn ipv4(net: &Net) -> String {
    let name = net.name();
    match net.ip() {
        Some(Ip4Config::Dhcp) => format!("iface {name} inet dhcp\n"),
        Some(Ip4Config::Static(address, prefix)) => {
            let gateway = net.gw().map(|gw| format!("\tgateway {gw}\n")).unwrap_or_default();
            format!("iface {name} inet static\n\taddress {address}/{prefix}\n{gateway}")
        }
        Some(Ip4Config::Manual) | None => format!("iface {name} inet manual\n"),
    }
}

fn ipv6(net: &Net) -> String {
    let name = net.name();
    match net.ip6() {
        Some(Ip6Config::Dhcp) => format!("\niface {name} inet6 dhcp\n"),
        Some(Ip6Config::Auto) => format!("\niface {name} inet6 auto\n"),
        Some(Ip6Config::Static(address, prefix)) => {
            let gateway = net.gw6().map(|gw| format!("\tgateway {gw}\n")).unwrap_or_default();
            format!("\niface {name} inet6 static\n\taddress {address}/{prefix}\n{gateway}")
        }
        Some(Ip6Config::Manual) | None => String::new(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const RECORDED: &str = "auto lo\niface lo inet loopback\niface lo inet6 loopback\n\n\
        # interfaces(5) file used by ifup(8) and ifdown(8)\n# Include files from /etc/network/interfaces.d:\n\
        source /etc/network/interfaces.d/*\n\n\
        auto eth0\niface eth0 inet static\n\taddress 10.213.0.110/24\n\tgateway 10.213.0.1\n\n\
        iface eth0 inet6 static\n\taddress fd00::110/64\n\n\
        auto eth1\niface eth1 inet dhcp\n\n";

    #[test]
    fn the_recorded_file_comes_out_and_again() {
        let nets: Vec<Net> = ["name=eth0,gw=10.213.0.1,ip=10.213.0.110/24,ip6=fd00::110/64", "name=eth1,ip=dhcp"]
            .map(|text| text.parse().unwrap())
            .to_vec();
        let fresh = "# interfaces(5) file used by ifup(8) and ifdown(8)\n# Include files from /etc/network/interfaces.d:\n\
                     source /etc/network/interfaces.d/*\n";
        assert_eq!(rewritten(fresh, &nets), RECORDED);
        assert_eq!(rewritten(RECORDED, &nets), RECORDED);
    }

    #[test]
    fn the_goldens_address_goes_and_strangers_stay() {
        let nets: Vec<Net> = vec!["name=eth0,ip=dhcp".parse().unwrap()];
        let new = rewritten(&format!("{RECORDED}auto wg0\niface wg0 inet manual\n\tpost-up true\n"), &nets);
        assert!(!new.contains("10.213.0.110"), "{new}");
        assert!(
            new.contains("iface eth0 inet dhcp\n") && new.contains("iface wg0 inet manual\n\tpost-up true"),
            "{new}"
        );
    }
}
