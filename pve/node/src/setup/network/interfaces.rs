//! `/etc/network/interfaces` (interfaces(5)) of Debian and its kin.
//!
//! Stanzas of configured interfaces are made anew where they stand, missing ones are added at the end, and everything
//! else stays as it is.

use std::collections::{BTreeMap, BTreeSet};

use super::nic::{Address, Cidr, Family, Nic};
use crate::error::Die;
use crate::setup::detect::{Ostype, System, Version};
use crate::setup::guest::Guest;

const PATH: &str = "/etc/network/interfaces";

pub(super) fn write(guest: &Guest<'_>) -> Result<(), Die> {
    let ours: BTreeMap<&str, Nic> = guest
        .nics
        .iter()
        .filter(|(_, nic)| !(nic.v4.is_empty() && nic.v6.is_empty()))
        .map(|(_, nic)| (nic.name.as_str(), for_system(nic, guest.system.ostype)))
        .collect();
    if ours.is_empty() {
        return Ok(());
    }
    let old = guest.tree.read(PATH)?.unwrap_or_default();
    let text = rewritten(&old, &ours, takes_prefixes(guest.system));
    guest.tree.make_directory("/etc/network")?;
    guest.tree.write(PATH, &text)
}

/// Whether `address` may have a prefix length; else a `netmask` stands beside it.
fn takes_prefixes(system: System) -> bool {
    match system.ostype {
        Ostype::Debian => system.version >= Version(10, 0),
        Ostype::Alpine => system.version >= Version(3, 13),
        _ => false,
    }
}

/// Alpine's busybox has neither a DHCP client for IPv6 nor the word `auto`.
fn for_system(nic: &Nic, ostype: Ostype) -> Nic {
    let mut nic = nic.clone();
    if ostype == Ostype::Alpine && matches!(nic.v6.address, Some(Address::Auto | Address::Dhcp)) {
        nic.v6.address = Some(Address::Manual);
    }
    nic
}

/// The file, made anew.
fn rewritten(old: &str, ours: &BTreeMap<&str, Nic>, prefixes: bool) -> String {
    let mut file =
        File { ours, prefixes, out: String::new(), stanza: None, auto: BTreeSet::new(), done: BTreeSet::new() };
    for line in old.lines() {
        file.line(line);
    }
    file.close();
    file.add_missing();
    if file.auto.contains("lo") {
        file.out
    } else {
        format!("auto lo\niface lo inet loopback\niface lo inet6 loopback\n\n{}", file.out)
    }
}

/// The file while it is read and written.
struct File<'a> {
    ours: &'a BTreeMap<&'a str, Nic>,
    prefixes: bool,
    out: String,
    /// The stanza of one of our interfaces that is being read.
    stanza: Option<Stanza>,
    /// Interfaces in an `auto` line.
    auto: BTreeSet<String>,
    /// Stanzas that are written.
    done: BTreeSet<(String, bool)>,
}

struct Stanza {
    name: String,
    v6: bool,
    /// Its lines that are not the node's to set.
    kept: Vec<String>,
}

impl File<'_> {
    fn line(&mut self, line: &str) {
        let word = line.split_ascii_whitespace().next().unwrap_or_default();
        if line.starts_with("# --- BEGIN PVE ---") || line.starts_with("# --- END PVE ---") {
            if let Some(stanza) = &mut self.stanza {
                stanza.kept.push(line.to_owned());
            }
        } else if line.starts_with('#') {
            self.put(line);
        } else if word.is_empty() {
            if self.stanza.is_some() { self.close() } else { self.put(line) }
        } else if let Some((name, v6)) = header(line) {
            self.close();
            if self.ours.contains_key(name) {
                self.stanza = Some(Stanza { name: name.to_owned(), v6, kept: Vec::new() });
            } else {
                self.put(line);
            }
        } else if let Some(names) = line.trim_start().strip_prefix("auto") {
            self.auto.extend(names.split_ascii_whitespace().map(str::to_owned));
            self.close();
            self.put(line);
        } else if word.starts_with("allow-") || matches!(word, "mapping" | "source" | "source-directory") {
            self.close();
            self.put(line);
        } else {
            self.option(line, word);
        }
    }

    /// A line inside a stanza, or one that nobody knows.
    fn option(&mut self, line: &str, word: &str) {
        match &mut self.stanza {
            Some(stanza) if line.trim_start() != word => {
                if !matches!(word, "address" | "netmask" | "gateway" | "broadcast") {
                    stanza.kept.push(line.trim_start().to_owned());
                }
            }
            _ => self.put(line),
        }
    }

    fn put(&mut self, line: &str) {
        self.out.push_str(line);
        self.out.push('\n');
    }

    /// Writes the stanza that was read, as the configuration wants it.
    fn close(&mut self) {
        let Some(Stanza { name, v6, mut kept }) = self.stanza.take() else { return };
        let Some(nic) = self.ours.get(name.as_str()) else { return };
        if self.auto.insert(name.clone()) {
            self.put(&format!("auto {name}"));
        }
        let family = if v6 { &nic.v6 } else { &nic.v4 };
        let inet = if v6 { "inet6" } else { "inet" };
        match &family.address {
            None => (),
            Some(Address::Auto) => self.put(&format!("iface {name} {inet} auto\n")),
            Some(Address::Dhcp) => self.put(&format!("iface {name} {inet} dhcp\n")),
            Some(Address::Manual) => self.put(&format!("iface {name} {inet} manual\n")),
            Some(Address::Static(cidr)) => {
                drop_routes(&mut kept);
                let own = fixed(&name, family, cidr, self.prefixes, v6);
                let kept = kept.iter().map(|line| format!("\t{line}\n")).collect::<Vec<_>>().concat();
                self.put(&format!("iface {name} {inet} static\n{own}{kept}"));
            }
        }
        self.done.insert((name, v6));
    }

    fn add_missing(&mut self) {
        let mut separate = !self.out.is_empty() && !self.out.ends_with("\n\n");
        for (name, nic) in self.ours {
            for (v6, family) in [(false, &nic.v4), (true, &nic.v6)] {
                if family.address.is_none() || self.done.contains(&((*name).to_owned(), v6)) {
                    continue;
                }
                if std::mem::take(&mut separate) {
                    self.out.push('\n');
                }
                self.stanza = Some(Stanza { name: (*name).to_owned(), v6, kept: Vec::new() });
                self.close();
            }
        }
    }
}

/// `iface NAME inet …` or `iface NAME inet6 …`.
fn header(line: &str) -> Option<(&str, bool)> {
    match line.split_ascii_whitespace().collect::<Vec<_>>().as_slice() {
        ["iface", name, "inet", _] => Some((name, false)),
        ["iface", name, "inet6", _] => Some((name, true)),
        _ => None,
    }
}

fn fixed(name: &str, family: &Family, cidr: &Cidr, prefixes: bool, v6: bool) -> String {
    let address = match (prefixes, v6) {
        (true, _) => format!("\taddress {}\n", cidr.text),
        (false, true) => format!("\taddress {}\n\tnetmask {}\n", cidr.address, cidr.prefix),
        (false, false) => format!("\taddress {}\n\tnetmask {}\n", cidr.address, cidr.netmask()),
    };
    match &family.gateway {
        None => address,
        Some(gateway) if family.far_gateway => address + &far_route(name, gateway),
        Some(gateway) => format!("{address}\tgateway {gateway}\n"),
    }
}

/// A gateway outside the interface's network needs a route to itself first.
fn far_route(name: &str, gateway: &str) -> String {
    format!(
        "# --- BEGIN PVE ---\n\tpost-up ip route add {gateway} dev {name}\n\
         \tpost-up ip route add default via {gateway} dev {name}\n\
         \tpre-down ip route del default via {gateway} dev {name}\n\
         \tpre-down ip route del {gateway} dev {name}\n# --- END PVE ---\n"
    )
}

/// Takes earlier routes of the node out of a stanza: between its marks, or, from before there were marks, the four
/// lines in their order.
fn drop_routes(kept: &mut Vec<String>) {
    let is_mark = |line: &String| line == "# --- BEGIN PVE ---" || line == "# --- END PVE ---";
    if kept.iter().any(is_mark) {
        let mut inside = false;
        kept.retain(|line| {
            if is_mark(line) {
                inside = line.contains("BEGIN");
                return false;
            }
            !inside
        });
        return;
    }
    let mut at = 0;
    while let Some(four) = kept.get(at..at + 4) {
        if is_old_route(four) {
            kept.drain(at..at + 4);
        } else {
            at += 1;
        }
    }
}

fn is_old_route(four: &[String]) -> bool {
    let words: Vec<Vec<&str>> = four.iter().map(|line| line.split_ascii_whitespace().collect()).collect();
    let [first, ..] = words.as_slice() else { return false };
    let ["post-up", "ip", "route", "add", gateway, "dev", name] = *first.as_slice() else { return false };
    let expected = [
        vec!["post-up", "ip", "route", "add", "default", "via", gateway, "dev", name],
        vec!["pre-down", "ip", "route", "del", "default", "via", gateway, "dev", name],
        vec!["pre-down", "ip", "route", "del", gateway, "dev", name],
    ];
    words.iter().skip(1).eq(expected.iter())
}

#[cfg(test)]
mod tests {
    use super::super::nic::tests::of;
    use super::*;

    const RECORDED: &str = "auto lo\niface lo inet loopback\niface lo inet6 loopback\n\n\
        # interfaces(5) file used by ifup(8) and ifdown(8)\n# Include files from /etc/network/interfaces.d:\n\
        source /etc/network/interfaces.d/*\n\n\
        auto eth0\niface eth0 inet static\n\taddress 10.213.0.110/24\n\tgateway 10.213.0.1\n\n\
        iface eth0 inet6 static\n\taddress fd00::110/64\n\n\
        auto eth1\niface eth1 inet dhcp\n\n";

    fn written(old: &str, nets: &[&str], prefixes: bool) -> String {
        let nics = of(nets);
        let ours = nics.iter().map(|(_, nic)| (nic.name.as_str(), nic.clone())).collect();
        rewritten(old, &ours, prefixes)
    }

    #[test]
    fn the_recorded_file_comes_out_and_again() {
        let nets = ["name=eth0,gw=10.213.0.1,ip=10.213.0.110/24,ip6=fd00::110/64", "name=eth1,ip=dhcp"];
        let fresh = "# interfaces(5) file used by ifup(8) and ifdown(8)\n# Include files from /etc/network/interfaces.d:\n\
                     source /etc/network/interfaces.d/*\n";
        assert_eq!(written(fresh, &nets, true), RECORDED);
        assert_eq!(written(RECORDED, &nets, true), RECORDED);
    }

    #[test]
    fn the_goldens_address_goes_and_strangers_stay() {
        let new = written(
            &format!("{RECORDED}auto wg0\niface wg0 inet manual\n\tpost-up true\n"),
            &["name=eth0,ip=dhcp"],
            true,
        );
        assert!(!new.contains("10.213.0.110"), "{new}");
        assert!(
            new.contains("iface eth0 inet dhcp\n") && new.contains("iface wg0 inet manual\n\tpost-up true"),
            "{new}"
        );
        assert!(new.contains("iface eth1 inet dhcp\n"), "{new}");
    }

    #[test]
    fn options_of_a_fixed_address_stay() {
        let old = "auto lo\nauto eth0\niface eth0 inet static\n\taddress 10.0.0.1\n\tnetmask 255.0.0.0\n\tbroadcast 10.0.0.255\n\tpost-up true\n";
        assert_eq!(
            written(old, &["name=eth0,ip=10.0.0.5/24"], false),
            "auto lo\nauto eth0\niface eth0 inet static\n\taddress 10.0.0.5\n\tnetmask 255.255.255.0\n\tpost-up true\n\n"
        );
    }

    #[test]
    fn a_far_gateway_has_marked_routes_that_are_replaced() {
        let far = "name=eth0,ip=10.0.0.5/32,gw=10.9.0.1";
        let once = written("auto lo\n", &[far], true);
        assert!(once.contains("\n# --- BEGIN PVE ---\n\tpost-up ip route add 10.9.0.1 dev eth0\n"), "{once}");
        assert_eq!(written(&once, &[far], true), once);
        assert_eq!(
            written(&once, &["name=eth0,ip=10.0.0.5/24,gw=10.0.0.1"], true),
            "auto lo\n\nauto eth0\niface eth0 inet static\n\taddress 10.0.0.5/24\n\tgateway 10.0.0.1\n\n"
        );
        let unmarked = once
            .lines()
            .filter(|line| !line.contains("PVE"))
            .map(|line| format!("{line}\n"))
            .collect::<Vec<_>>()
            .concat();
        assert_eq!(written(&unmarked, &[far], true), once);
    }
}
