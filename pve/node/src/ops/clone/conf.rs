//! The configuration of a copy. Pure but for drawing hardware addresses.

use spec::pct::{PctConf, Section};

use super::CloneRequest;
use crate::error::Die;
use crate::ops::new_guest;

/// What belongs to the original alone, and its disks, which the copy gets one by one.
fn stays(key: &str) -> bool {
    let own = ["lock", "parent", "snaptime", "snapstate", "template", "digest", "rootfs"];
    let numbered =
        |family: &str| key.strip_prefix(family).is_some_and(|digits| digits.bytes().all(|b| b.is_ascii_digit()));
    own.contains(&key) || numbered("unused") || numbered("mp") || numbered("net")
}

/// The copy's configuration so far: everything but disks, every NIC with another address.
pub(super) fn of_copy(original: &Section, request: &CloneRequest) -> Result<PctConf, Die> {
    let mut conf = PctConf::parse("lock: create\n");
    let set = |conf: &mut PctConf, key: &str, value: &str| {
        conf.current_mut().put(key, value).map_err(|error| Die::text(error.to_string()))
    };
    for (key, value) in original.entries().filter(|(key, _)| !stays(key)) {
        set(&mut conf, key, value)?;
    }
    for (index, mut net) in original.nets().map_err(|error| Die::text(error.pve_text()))? {
        net.remove("hwaddr");
        new_guest::set(&mut conf, &format!("net{index}"), &net.to_string())?;
    }
    original.raw_lxc().iter().for_each(|raw| conf.current_mut().add_raw_lxc(raw));
    if let Some(description) = request.description.as_deref().or(original.description()) {
        conf.set_description(description);
    }
    if let Some(hostname) = &request.hostname {
        set(&mut conf, "hostname", hostname)?;
    }
    Ok(conf)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn request() -> CloneRequest {
        CloneRequest {
            vmid: "140".parse().unwrap(),
            newid: "141".parse().unwrap(),
            hostname: None,
            description: None,
            snapname: None,
            storage: None,
            full: None,
            pool: None,
            target: None,
            bwlimit: None,
        }
    }

    const ORIGINAL: &str = "#golden\nfeatures: \nhostname: golden\nmemory: 200\nmp0: local:140/vm-140-disk-1.raw,mp=/d,size=1G\n\
        net0: name=eth0,bridge=vmbr0,hwaddr=BC:24:11:5E:E5:22,ip=dhcp,type=veth\nparent: s1\n\
        net1: name=eth1,bridge=vmbr1,hwaddr=BC:24:11:5E:E5:23,type=veth\n\
        rootfs: local:140/base-140-disk-0.raw,size=1G\ntemplate: 1\nunprivileged: 1\nunused0: local:140/x.raw\n\
        lxc.cap.drop: sys_rawio\n\n[s1]\nmemory: 100\nsnaptime: 1\n";

    #[test]
    fn a_copy_has_everything_but_the_originals_own() {
        let original = PctConf::parse(ORIGINAL);
        let copy = of_copy(original.current(), &request()).unwrap();
        let addresses: Vec<_> = copy.nets().unwrap().iter().filter_map(|(_, net)| net.hwaddr()).collect();
        assert_eq!(addresses.len(), 2);
        for (index, net) in original.nets().unwrap() {
            assert_ne!(net.hwaddr(), Some(addresses[usize::from(index)]));
        }
        let kept: Vec<&str> = copy.current().entries().map(|(key, _)| key).collect();
        assert_eq!(kept, ["features", "hostname", "lock", "memory", "net0", "net1", "unprivileged"]);
        assert_eq!((copy.get("hostname"), copy.description()), (Some("golden"), Some("golden\n")));
        assert_eq!((copy.raw_lxc().len(), copy.snapshots().len()), (1, 0));
    }

    #[test]
    fn name_and_description_are_the_callers() {
        let original = PctConf::parse(ORIGINAL);
        let request = CloneRequest { hostname: Some("acme".into()), description: Some("copy".into()), ..request() };
        let copy = of_copy(original.snapshots()["s1"], &request).unwrap();
        assert_eq!(copy.canonical(), "#copy\nhostname: acme\nlock: create\nmemory: 100\n");
    }
}
