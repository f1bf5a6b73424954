//! The rules of merging, as Proxmox's recorded restores show them: one case a rule.

use super::*;

const ARCHIVED: &str = "#golden\narch: amd64\nfeatures: nesting=1,keyctl=1\nhostname: golden\nmemory: 256\n\
    net0: name=eth0,bridge=vmbr0,hwaddr=BC:24:11:5E:E5:22,ip=dhcp,type=veth\nonboot: 1\nostype: debian\n\
    rootfs: local:9000/vm-9000-disk-0.raw,size=1G\nmp0: local:9000/vm-9000-disk-1.raw,mp=/data,size=1G\n\
    unprivileged: 1\n";

/// A restore of an archive whose configuration is `archived`.
struct Case<'a> {
    archived: &'a str,
    given: &'a [(&'a str, &'a str)],
    unprivileged: bool,
    unique: bool,
    is_root: bool,
}

impl Default for Case<'_> {
    fn default() -> Self {
        Self { archived: ARCHIVED, given: &[], unprivileged: true, unique: false, is_root: false }
    }
}

impl Case<'_> {
    fn merged(&self) -> (PctConf, Vec<Remark>) {
        let given = self.given.iter().map(|(k, v)| ((*k).to_owned(), (*v).to_owned())).collect();
        let volumes = [("rootfs".to_owned(), "local:9101/vm-9101-disk-0.raw,size=10G".to_owned())];
        let archived = PctConf::parse(self.archived);
        let parts = Merge {
            given: &given,
            archived: Some(&archived),
            volumes: &volumes,
            unprivileged: self.unprivileged,
            unique: self.unique,
            is_root: self.is_root,
        };
        merge(&parts).unwrap()
    }

    fn conf(&self) -> PctConf {
        self.merged().0
    }
}

#[test]
fn f1_f2_the_callers_name_and_address_win_and_features_come_along() {
    let net0 = "name=eth0,bridge=vmbr0,hwaddr=BC:24:11:0A:0B:0C,ip=dhcp,link_down=1";
    let given = &[("hostname", "acme"), ("onboot", "0"), ("net0", net0), ("description", "nonce")];
    let (mut conf, remarks) = Case { given, ..Case::default() }.merged();
    complete(&mut conf, "9101".parse().unwrap()).unwrap();
    assert_eq!(
        conf.canonical(),
        "#nonce\narch: amd64\nfeatures: nesting=1,keyctl=1\nhostname: acme\nmemory: 256\n\
         net0: name=eth0,bridge=vmbr0,hwaddr=BC:24:11:0A:0B:0C,ip=dhcp,link_down=1,type=veth\nonboot: 0\nostype: debian\n\
         rootfs: local:9101/vm-9101-disk-0.raw,size=10G\nswap: 512\nunprivileged: 1\n"
    );
    assert_eq!(remarks, []);
}

#[test]
fn f1_without_parameters_the_goldens_address_is_cloned() {
    let conf = Case::default().conf();
    assert_eq!(conf.nets().unwrap()[0].1.hwaddr(), "BC:24:11:5E:E5:22".parse().ok());
    assert_eq!(conf.get("hostname"), Some("golden"));
}

#[test]
fn unique_discards_what_the_caller_gave_for_an_archived_nic() {
    let given = &[("net0", "name=eth0,hwaddr=BC:24:11:0A:0B:0C"), ("net1", "name=eth1,hwaddr=BC:24:11:00:00:01")];
    let nets = Case { given, unique: true, ..Case::default() }.conf().nets().unwrap();
    assert_ne!(nets[0].1.hwaddr(), "BC:24:11:0A:0B:0C".parse().ok());
    assert_ne!(nets[0].1.hwaddr(), "BC:24:11:5E:E5:22".parse().ok());
    assert_eq!((nets[0].1.bridge(), nets.len()), (Some("vmbr0"), 2));
    assert_eq!(nets[1].1.hwaddr(), "BC:24:11:00:00:01".parse().ok());
}

#[test]
fn a_given_nic_without_address_gets_a_new_one_and_an_archived_one_stays_without() {
    let given = &[("net0", "name=eth0,bridge=vmbr0")];
    let conf = Case { given, ..Case::default() }.conf();
    assert!(conf.nets().unwrap()[0].1.hwaddr().is_some_and(|mac| mac != "BC:24:11:5E:E5:22".parse().unwrap()));
    let archived = "net0: name=eth0,bridge=vmbr0,ip=dhcp,type=veth\n";
    assert_eq!(
        Case { archived, ..Case::default() }.conf().get("net0"),
        Some("name=eth0,bridge=vmbr0,ip=dhcp,type=veth")
    );
}

#[test]
fn an_address_keeps_its_case() {
    let given = &[("net0", "name=eth0,hwaddr=bc:24:11:00:00:0a")];
    assert_eq!(
        Case { given, ..Case::default() }.conf().get("net0"),
        Some("name=eth0,hwaddr=bc:24:11:00:00:0a,type=veth")
    );
}

#[test]
fn an_empty_description_suppresses_the_archived_one() {
    assert_eq!(Case::default().conf().description(), Some("golden\n"));
    assert_eq!(Case { given: &[("description", "")], ..Case::default() }.conf().description(), None);
}

#[test]
fn what_cannot_be_read_is_kept_and_so_is_a_lock() {
    let archived = "frobnicate: 1\nmemory: lots\nlock: backup\nprotection: 1\nhookscript: local:snippets/h.sh\n";
    let conf = Case { archived, ..Case::default() }.conf();
    for (key, value) in [
        ("frobnicate", "1"),
        ("memory", "lots"),
        ("lock", "backup"),
        ("protection", "1"),
        ("hookscript", "local:snippets/h.sh"),
    ] {
        assert_eq!(conf.get(key), Some(value));
    }
}

#[test]
fn mount_points_snapshots_and_pending_changes_stay_behind() {
    let archived = "memory: 128\nparent: s1\nunused0: local:1/x.raw\nmp1: local:1/y.raw,mp=/y,size=1G\ntemplate: 1\n\
        \n[pve:pending]\nmemory: 999\n\n[s1]\nmemory: 64\n";
    let conf = Case { archived, ..Case::default() }.conf();
    assert_eq!(conf.canonical(), "memory: 128\nrootfs: local:9101/vm-9101-disk-0.raw,size=10G\nunprivileged: 1\n");
}

#[test]
fn raw_lines_are_roots_alone() {
    let archived = "memory: 128\nlxc.mount.entry: /srv srv none bind 0 0\nlxc.idmap: u 0 100000 65536\n";
    let (conf, remarks) = Case { archived, ..Case::default() }.merged();
    assert!(conf.raw_lxc().is_empty());
    let text = "skipping custom lxc options, restore manually as root:\n--------------------------------\n\
        lxc.mount.entry: /srv srv none bind 0 0\nlxc.idmap: u 0 100000 65536\n--------------------------------";
    assert_eq!(remarks, [Remark::Warning(text.to_owned())]);
    let (conf, remarks) = Case { archived, is_root: true, ..Case::default() }.merged();
    assert_eq!((conf.raw_lxc().len(), remarks.len()), (2, 0));
    assert_eq!(conf.get("memory"), Some("128"));
}

#[test]
fn features_are_lost_on_the_way_to_privilege_unless_root_asks() {
    let (conf, remarks) = Case { unprivileged: false, ..Case::default() }.merged();
    assert_eq!((conf.get("features"), conf.get("unprivileged")), (None, None));
    let text = "changing from unprivileged to privileged, skipping features";
    assert_eq!(remarks, [Remark::Line(text.to_owned())]);
    let (conf, remarks) = Case { unprivileged: false, is_root: true, ..Case::default() }.merged();
    assert_eq!((conf.get("features"), remarks.len()), (Some("nesting=1,keyctl=1"), 0));
    let archived = "features: nesting=1\n";
    assert_eq!(Case { archived, unprivileged: false, ..Case::default() }.conf().get("features"), Some("nesting=1"));
}

#[test]
fn a_guest_without_name_and_memory_gets_the_defaults() {
    let mut conf = Case { archived: "arch: amd64\n", given: &[("swap", "0")], ..Case::default() }.conf();
    complete(&mut conf, "9101".parse().unwrap()).unwrap();
    assert_eq!((conf.get("hostname"), conf.get("memory"), conf.get("swap")), (Some("CT9101"), Some("512"), Some("0")));
}

#[test]
fn given_lists_are_brought_into_order_and_archived_ones_are_not() {
    let given = &[("tags", "Web;prod,web"), ("nameserver", "10.0.0.53,10.0.0.54")];
    let conf = Case { given, ..Case::default() }.conf();
    assert_eq!((conf.get("tags"), conf.get("nameserver")), (Some("prod;web"), Some("10.0.0.53 10.0.0.54")));
    assert_eq!(Case { archived: "tags: b;A\n", ..Case::default() }.conf().get("tags"), Some("b;A"));
}
