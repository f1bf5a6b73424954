//! A restored guest's configuration: the archived one and the caller's parameters, merged. Pure but for drawing MACs.

use std::collections::BTreeMap;

use spec::ids::{MacAddr, Vmid};
use spec::pct::{Net, PctConf};

use crate::error::Die;

/// What is merged.
pub(super) struct Merge<'a> {
    /// The new guest.
    pub(super) vmid: Vmid,
    /// What the caller gave; wins over the archive.
    pub(super) given: &'a BTreeMap<String, String>,
    /// The archived configuration; none for a create.
    pub(super) archived: Option<&'a PctConf>,
    /// The volumes that were made: key and value.
    pub(super) volumes: &'a [(String, String)],
    /// Whether the guest's root is an ordinary user of the host.
    pub(super) unprivileged: bool,
    /// Whether archived NICs get new addresses, whatever the caller gave for them.
    pub(super) unique: bool,
    /// Whether `root@pam` asks.
    pub(super) is_root: bool,
}

/// Keys of an archive that are handled elsewhere or must not come along.
const NEVER: &[&str] = &["digest", "rootfs", "snapshots", "parent", "template", "unprivileged"];

fn never_merged(key: &str) -> bool {
    NEVER.contains(&key) || ["mp", "unused"].iter().any(|family| is_numbered(key, family))
}

fn is_numbered(key: &str, family: &str) -> bool {
    key.strip_prefix(family).is_some_and(|digits| !digits.is_empty() && digits.bytes().all(|b| b.is_ascii_digit()))
}

/// The merged configuration, and the warnings that the task must count.
pub(super) fn merge(parts: &Merge<'_>) -> Result<(PctConf, Vec<String>), Die> {
    let mut conf = PctConf::parse("");
    let mut warnings = Vec::new();
    if let Some(archived) = parts.archived {
        take_archived(&mut conf, parts, archived, &mut warnings)?;
    }
    for (key, value) in parts.given.iter().filter(|(key, _)| !never_merged(key) || *key == "template") {
        if parts.unique && parts.archived.is_some_and(|archived| is_numbered(key, "net") && archived.get(key).is_some())
        {
            continue;
        }
        set(&mut conf, key, value)?;
    }
    parts.volumes.iter().try_for_each(|(key, value)| set(&mut conf, key, value))?;
    set(&mut conf, "unprivileged", if parts.unprivileged { "1" } else { "0" })?;
    if !parts.unprivileged {
        conf.remove("unprivileged");
    }
    let name = format!("CT{}", parts.vmid);
    for (key, value) in [("hostname", name.as_str()), ("memory", "512"), ("swap", "512")] {
        if conf.get(key).is_none() {
            set(&mut conf, key, value)?;
        }
    }
    Ok((conf, warnings))
}

fn take_archived(
    conf: &mut PctConf,
    parts: &Merge<'_>,
    archived: &PctConf,
    warnings: &mut Vec<String>,
) -> Result<(), Die> {
    if let Some(description) = archived.description().filter(|_| !parts.given.contains_key("description")) {
        conf.set_description(description);
    }
    let to_privileged = archived.flag("unprivileged") && !parts.unprivileged && !parts.is_root;
    for (key, value) in archived.current().entries().filter(|(key, _)| !never_merged(key)) {
        if key == "features" && to_privileged && !parts.given.contains_key(key) {
            warnings.push("changing from unprivileged to privileged, skipping features".to_owned());
        } else if is_numbered(key, "net") && parts.unique {
            set(conf, key, &with_new_address(value)?)?;
        } else if !parts.given.contains_key(key) {
            // Kept verbatim, even where Proxmox cannot read it: its own parser warns and keeps it too.
            conf.current_mut().set(key, value).map_err(|error| Die::text(error.to_string()))?;
        }
    }
    let raw = archived.raw_lxc();
    if !raw.is_empty() {
        if parts.is_root {
            let lines: Vec<String> = raw.iter().map(|line| format!("{}: {}\n", line.key, line.value)).collect();
            *conf = PctConf::parse(&(conf.canonical() + &lines.concat()));
        } else {
            let lines: Vec<String> = raw.iter().map(|line| format!("{}: {}", line.key, line.value)).collect();
            warnings.push(format!("skipping custom lxc options, restore manually as root: {}", lines.join(", ")));
        }
    }
    Ok(())
}

/// Sets a key to a caller's value in the form in which Proxmox keeps it.
pub(super) fn set(conf: &mut PctConf, key: &str, value: &str) -> Result<(), Die> {
    if key == "description" {
        conf.set_description(value);
        return Ok(());
    }
    let value = if is_numbered(key, "net") { complete(value)? } else { value.to_owned() };
    if value.is_empty() {
        conf.remove(key);
        return Ok(());
    }
    conf.current_mut().set(key, &value).map_err(|error| Die::text(error.to_string()))
}

/// A NIC as Proxmox keeps it: with a hardware address, and of type `veth`.
fn complete(text: &str) -> Result<String, Die> {
    let mut net = parse(text)?;
    if net.get("hwaddr").is_none() {
        net.set_hwaddr(draw()?);
    }
    net.set("type", "veth").map_err(|error| Die::text(error.pve_text()))?;
    Ok(net.to_string())
}

/// The archived NIC with another address.
fn with_new_address(text: &str) -> Result<String, Die> {
    let mut net = parse(text)?;
    net.remove("hwaddr");
    complete(&net.to_string())
}

fn parse(text: &str) -> Result<Net, Die> {
    text.parse::<Net>().map_err(|error| Die::text(error.pve_text().trim_end().replace('\n', " ")))
}

/// A random address in Proxmox's own prefix.
fn draw() -> Result<MacAddr, Die> {
    let rest = rand::random::<[u8; 3]>();
    MacAddr::from_prefix(MacAddr::DEFAULT_PREFIX, rest).ok_or_else(|| Die::text("mac_prefix is no unicast prefix"))
}

#[cfg(test)]
mod tests {
    use super::*;

    const ARCHIVED: &str = "#golden\narch: amd64\nfeatures: nesting=1,keyctl=1\nhostname: golden\nmemory: 256\n\
        net0: name=eth0,bridge=vmbr0,hwaddr=BC:24:11:5E:E5:22,ip=dhcp,type=veth\nonboot: 1\nostype: debian\n\
        rootfs: local:9000/vm-9000-disk-0.raw,size=1G\nmp0: local:9000/vm-9000-disk-1.raw,mp=/data,size=1G\n\
        unprivileged: 1\nlxc.cap.drop: sys_rawio\n";

    fn merged(given: &[(&str, &str)], unique: bool) -> (PctConf, Vec<String>) {
        let given = given.iter().map(|(k, v)| ((*k).to_owned(), (*v).to_owned())).collect();
        let volumes = [("rootfs".to_owned(), "local:9101/vm-9101-disk-0.raw,size=10G".to_owned())];
        let archived = PctConf::parse(ARCHIVED);
        let parts = Merge {
            vmid: "9101".parse().unwrap(),
            given: &given,
            archived: Some(&archived),
            volumes: &volumes,
            unprivileged: true,
            unique,
            is_root: false,
        };
        merge(&parts).unwrap()
    }

    #[test]
    fn f1_f2_the_callers_name_and_address_win_and_features_come_along() {
        let net0 = "name=eth0,bridge=vmbr0,hwaddr=BC:24:11:0A:0B:0C,ip=dhcp,link_down=1";
        let (conf, warnings) =
            merged(&[("hostname", "acme"), ("onboot", "0"), ("net0", net0), ("description", "nonce")], false);
        assert_eq!(
            conf.canonical(),
            "#nonce\narch: amd64\nfeatures: nesting=1,keyctl=1\nhostname: acme\nmemory: 256\n\
             net0: name=eth0,bridge=vmbr0,hwaddr=BC:24:11:0A:0B:0C,ip=dhcp,link_down=1,type=veth\nonboot: 0\nostype: debian\n\
             rootfs: local:9101/vm-9101-disk-0.raw,size=10G\nswap: 512\nunprivileged: 1\n"
        );
        assert_eq!(warnings.len(), 1);
        assert!(warnings[0].contains("skipping custom lxc options"));
    }

    #[test]
    fn f1_without_parameters_the_goldens_address_is_cloned() {
        let (conf, _) = merged(&[], false);
        assert_eq!(conf.nets().unwrap()[0].1.hwaddr(), "BC:24:11:5E:E5:22".parse().ok());
        assert_eq!(conf.get("hostname"), Some("golden"));
    }

    #[test]
    fn unique_discards_what_the_caller_gave_for_an_archived_nic() {
        let (conf, _) = merged(&[("net0", "name=eth0,hwaddr=BC:24:11:0A:0B:0C"), ("net1", "name=eth1")], true);
        let nets = conf.nets().unwrap();
        assert_ne!(nets[0].1.hwaddr(), "BC:24:11:0A:0B:0C".parse().ok());
        assert_ne!(nets[0].1.hwaddr(), "BC:24:11:5E:E5:22".parse().ok());
        assert_eq!((nets[0].1.bridge(), nets.len()), (Some("vmbr0"), 2));
    }
}
