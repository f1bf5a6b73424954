//! The judge's rules, one by one. Whole fleets are judged in `tests/fleets`.

use std::collections::BTreeSet;

use super::*;
use crate::identity::{Catalog, ForbiddenSet, Identity, IdentityKind};
use crate::report::{AuditFinding, AuditReport, Descent, Together};

const MAC: &str = "BC:24:11:00:00:01";
const ID: &str = "0123456789abcdef0123456789abcdef";

fn guest(vmid: u32, state: GuestState) -> Holder {
    Holder {
        cluster: None,
        node: "pve".parse().unwrap(),
        vmid: vmid.try_into().unwrap(),
        kind: GuestKind::Lxc,
        state,
        name: format!("g{vmid}"),
        tenant: None,
        nics: vec![Nic { index: 0, bridge: "vmbr0".into(), tag: None }],
        ancestry: Ancestry::default(),
        born: None,
    }
}

fn running(vmid: u32) -> Holder {
    guest(vmid, GuestState::Running)
}

fn backup(vmid: u32, taken: Option<i64>) -> Holder {
    guest(vmid, GuestState::Backup { volid: format!("local:backup/{vmid}"), taken })
}

fn seen(kind: IdentityKind, value: &str) -> Sighting {
    Sighting::new(Identity::new(kind, value), Source::Config)
}

fn content(item: &str, value: &str) -> Sighting {
    seen(IdentityKind::ContentOf(item.into()), value)
}

fn judged_by(policy: Policy, goldens: &[ForbiddenSet], fleet: &[(Holder, Vec<Sighting>)]) -> AuditReport {
    let mut judge = Judge::new(Catalog::builtin(), goldens, policy);
    for (holder, sightings) in fleet {
        let id = judge.holder(holder);
        for area in Area::ALL {
            judge.looked(id, area);
        }
        for sighting in sightings {
            judge.sighting(id, sighting);
        }
    }
    judge.finish()
}

fn judged(fleet: &[(Holder, Vec<Sighting>)]) -> AuditReport {
    judged_by(Policy::default(), &[], fleet)
}

/// Class, kind and guests of each finding.
fn told(report: &AuditReport) -> Vec<(Class, String, Vec<String>)> {
    let guests = |finding: &AuditFinding| finding.guests.iter().map(crate::report::GuestRef::key).collect();
    report.findings.iter().map(|finding| (finding.class, finding.kind.clone(), guests(finding))).collect()
}

fn one(class: Class, kind: &str, guests: [&str; 2]) -> Vec<(Class, String, Vec<String>)> {
    vec![(class, kind.to_owned(), guests.map(str::to_owned).to_vec())]
}

fn golden(identities: &[(IdentityKind, &str)]) -> [ForbiddenSet; 1] {
    let identities = identities.iter().map(|(kind, value)| Identity::new(kind.clone(), value)).collect();
    [ForbiddenSet { golden: "debian13 1".into(), identities }]
}

#[test]
fn a_fleet_of_individuals_is_clean() {
    let fleet = [
        (running(101), vec![seen(IdentityKind::Mac, MAC), seen(IdentityKind::Ip, "127.0.0.1")]),
        (running(102), vec![seen(IdentityKind::Mac, "BC:24:11:00:00:02"), seen(IdentityKind::Ip, "127.0.0.1")]),
    ];
    let report = judged(&fleet);
    assert_eq!(report.findings, []);
    assert_eq!((report.guests, report.coverage.whole), (2, 2));
}

#[test]
fn one_value_in_two_kinds_is_not_shared() {
    let fleet = [
        (running(101), vec![seen(IdentityKind::Hostname, "a")]),
        (running(102), vec![seen(IdentityKind::DockerEngineId, "a")]),
    ];
    assert_eq!(judged(&fleet).findings, []);
}

#[test]
fn q26_running_guests_collide_and_stopped_ones_sleep() {
    let mac = || vec![seen(IdentityKind::Mac, MAC)];
    let report = judged(&[(running(101), mac()), (running(102), mac())]);
    assert_eq!(told(&report), one(Class::Collision, "mac", ["101", "102"]));
    let report = judged(&[(running(101), mac()), (guest(102, GuestState::Stopped), mac())]);
    assert_eq!(told(&report), one(Class::Dormant, "mac", ["101", "102"]));
}

#[test]
fn s4_33_a_neighbours_memory_is_no_collision_and_a_configured_duplicate_is() {
    let stale = Sighting::new(Identity::new(IdentityKind::Mac, MAC), Source::Neighbour);
    assert_eq!(judged(&[(running(101), vec![seen(IdentityKind::Mac, MAC)]), (running(102), vec![stale])]).findings, []);
    let twice = [running(101), running(102)].map(|guest| (guest, vec![seen(IdentityKind::Mac, MAC)]));
    assert_eq!(told(&judged(&twice)), one(Class::Collision, "mac", ["101", "102"]));
}

#[test]
fn what_only_the_ledger_claims_sleeps() {
    let claimed = Sighting::new(Identity::new(IdentityKind::Mac, MAC), Source::Ledger);
    let report = judged(&[(running(101), vec![seen(IdentityKind::Mac, MAC)]), (running(102), vec![claimed])]);
    assert_eq!(told(&report), one(Class::Dormant, "mac", ["101", "102"]));
}

#[test]
fn a_guest_beside_its_own_backup_is_one_guest() {
    let mac = || vec![seen(IdentityKind::Mac, MAC)];
    for fleet in [[backup(101, Some(5)), running(101)], [running(101), backup(101, Some(5))]] {
        assert_eq!(judged(&fleet.map(|holder| (holder, mac()))).findings, []);
    }
    // The second guest of this number was made after the first one was backed up.
    let later = Holder { born: Some(9), ..running(101) };
    let report = judged(&[(backup(101, Some(5)), mac()), (later, mac())]);
    assert_eq!(told(&report), one(Class::Dormant, "mac", ["101@local:backup/101", "101"]));
}

#[test]
fn a_backup_first_does_not_hide_two_running_guests() {
    let id = || vec![seen(IdentityKind::MachineId, ID)];
    let fleet = [backup(101, None), running(101), running(102)].map(|holder| (holder, id()));
    assert_eq!(told(&judged(&fleet)), one(Class::Collision, "machine-id", ["101", "102"]));
}

#[test]
fn s4_17_a_goldens_value_names_the_golden() {
    let mac = [(IdentityKind::Mac, MAC)];
    let report = judged_by(Policy::default(), &golden(&mac), &[(running(101), vec![seen(IdentityKind::Mac, MAC)])]);
    assert_eq!(report.findings.len(), 1);
    let finding = &report.findings[0];
    assert_eq!((finding.class, finding.golden.as_deref()), (Class::GoldenLeak, Some("debian13 1")));
    assert!(matches!(&finding.origin, Some(origin) if origin.from == Descent::Golden { golden: "debian13 1".into() }));
}

#[test]
fn a_golden_holds_its_values_by_right_and_its_clone_does_not() {
    let mut template = guest(900, GuestState::Template);
    template.ancestry = Ancestry { golden: Some("debian13 1".into()), is_golden: true, ..Ancestry::default() };
    let key = || vec![seen(IdentityKind::SshHostKey("ssh-ed25519".into()), "SHA256:a")];
    let forbidden = golden(&[(IdentityKind::SshHostKey("ssh-ed25519".into()), "SHA256:a")]);
    assert_eq!(judged_by(Policy::default(), &forbidden, &[(template.clone(), key())]).findings, []);
    for goldens in [forbidden.as_slice(), &[]] {
        let report = judged_by(Policy::default(), goldens, &[(template.clone(), key()), (running(101), key())]);
        let leak = (Class::GoldenLeak, "ssh-host-key:ssh-ed25519".to_owned(), vec!["101".to_owned()]);
        assert_eq!(told(&report), [leak], "with {goldens:?}");
        assert_eq!(report.findings[0].golden.as_deref(), Some("debian13 1"));
    }
}

#[test]
fn addresses_collide_on_their_segment_only() {
    let at = |bridge: &str, vmid| {
        let nics = vec![Nic { index: 0, bridge: bridge.into(), tag: None }];
        let address = Sighting { at: Place::Nic(0), ..seen(IdentityKind::Ip, "10.0.0.5/24") };
        (Holder { nics, ..running(vmid) }, vec![address])
    };
    assert_eq!(judged(&[at("vmbr0", 101), at("vmbr1", 102)]).findings, []);
    let report = judged(&[at("vmbr0", 101), at("vmbr1", 102), at("vmbr0", 103)]);
    assert_eq!(told(&report), one(Class::Collision, "ip", ["101", "103"]));
    assert_eq!(report.findings[0].reach.as_ref().unwrap().wires, ["vmbr0"]);
    let elsewhere = |vmid, cluster: &str| {
        let (holder, sightings) = at("vmbr0", vmid);
        (Holder { cluster: Some(cluster.into()), ..holder }, sightings)
    };
    assert_eq!(judged(&[elsewhere(101, "east"), elsewhere(101, "west")]).findings, []);
}

#[test]
fn link_local_and_inner_addresses_are_nobodys() {
    let inner = Sighting { at: Place::Inner, ..seen(IdentityKind::Ip, "172.17.0.1") };
    let local = seen(IdentityKind::Ip, "fe80::1");
    let fleet = [running(101), running(102)].map(|guest| (guest, vec![inner.clone(), local.clone()]));
    assert_eq!(judged(&fleet).findings, []);
}

#[test]
fn a_mac_does_less_harm_on_another_segment() {
    let at = |bridge: &str, vmid| {
        let nics = vec![Nic { index: 0, bridge: bridge.into(), tag: None }];
        (Holder { nics, ..running(vmid) }, vec![seen(IdentityKind::Mac, MAC)])
    };
    let (near, far) = (judged(&[at("vmbr0", 101), at("vmbr0", 102)]), judged(&[at("vmbr0", 101), at("vmbr1", 102)]));
    let of = |report: &AuditReport| {
        let finding = &report.findings[0];
        (finding.class, finding.severity, finding.reach.as_ref().unwrap().together)
    };
    assert_eq!(of(&near), (Class::Collision, 1, Together::Wire));
    assert_eq!(of(&far), (Class::Collision, 2, Together::Cluster));
}

#[test]
fn names_are_one_per_cluster_unless_asked_otherwise() {
    let named = |cluster: &str| {
        (Holder { cluster: Some(cluster.into()), ..running(101) }, vec![seen(IdentityKind::Hostname, "web")])
    };
    let fleet = [named("east"), named("west")];
    assert_eq!(judged(&fleet).findings, []);
    let everywhere = Policy { names: NameScope::Fleet, ..Policy::default() };
    assert_eq!(told(&judged_by(everywhere, &[], &fleet)), one(Class::Collision, "hostname", ["east/101", "west/101"]));
}

#[test]
fn a_name_counts_while_its_guest_exists_and_as_a_whole() {
    let named = |holder: Holder, name: &str| {
        (Holder { name: name.into(), ..holder }, vec![seen(IdentityKind::Hostname, "web")])
    };
    assert_eq!(judged(&[named(running(101), "web"), named(backup(102, None), "web")]).findings, []);
    // What Proxmox writes into the guest is the first label of what it is called.
    assert_eq!(judged(&[named(running(101), "web.a.example"), named(running(102), "web.b.example")]).findings, []);
    let report = judged(&[named(running(101), "web.a.example"), named(running(102), "web.a.example")]);
    assert_eq!(told(&report), one(Class::Collision, "hostname", ["101", "102"]));
}

#[test]
fn a_dbus_id_that_copies_its_own_machine_id_is_told_once() {
    let both = || vec![seen(IdentityKind::DbusMachineId, ID), seen(IdentityKind::MachineId, ID)];
    assert_eq!(judged(&[(running(101), both())]).findings, []);
    assert_eq!(
        told(&judged(&[(running(101), both()), (running(102), both())])),
        one(Class::Collision, "machine-id", ["101", "102"])
    );
    let copy = vec![seen(IdentityKind::DbusMachineId, ID)];
    let own = vec![seen(IdentityKind::MachineId, ID)];
    assert_eq!(
        told(&judged(&[(running(101), own), (running(102), copy.clone())])),
        one(Class::Collision, "machine-id", ["101", "102"])
    );
    assert_eq!(
        told(&judged(&[(running(101), copy.clone()), (running(102), copy)])),
        one(Class::Collision, "dbus-machine-id", ["101", "102"])
    );
}

#[test]
fn what_is_computed_from_a_shared_machine_id_is_told_with_it() {
    let duid = |parent| Sighting { parent, ..content("dhcp-client-id", "00020000ab11") };
    let id = seen(IdentityKind::MachineId, ID);
    let follows = || vec![duid(Some(Parent::MachineId)), id.clone()];
    let report = judged(&[(running(101), follows()), (running(102), follows())]);
    assert_eq!(told(&report), one(Class::Collision, "machine-id", ["101", "102"]));
    assert_eq!(report.findings[0].derived[0].kind, "content:dhcp-client-id");
    // One that was drawn and copied does not go away with a new machine-id.
    let drawn = || vec![duid(None), id.clone()];
    assert_eq!(judged(&[(running(101), drawn()), (running(102), drawn())]).findings.len(), 2);
    // And one whose machine-ids differ, or were not seen, is a finding by itself.
    let alone = || vec![duid(Some(Parent::MachineId))];
    assert_eq!(
        told(&judged(&[(running(101), alone()), (running(102), alone())])),
        one(Class::Collision, "content:dhcp-client-id", ["101", "102"])
    );
}

#[test]
fn addresses_made_of_a_shared_mac_are_told_with_it() {
    let both = || vec![seen(IdentityKind::Ip, "2001:db8::be24:11ff:fe00:1"), seen(IdentityKind::Mac, MAC)];
    let report = judged(&[(running(101), both()), (running(102), both())]);
    assert_eq!(told(&report), one(Class::Collision, "mac", ["101", "102"]));
    assert_eq!(report.findings[0].derived[0].kind, "ip");
}

#[test]
fn placeholders_are_weak_and_no_collision() {
    let zeros = "0".repeat(32);
    let fleet = [101, 102].map(|vmid| (running(vmid), vec![seen(IdentityKind::MachineId, &zeros)]));
    let report = judged(&fleet);
    let classes: BTreeSet<Class> = report.findings.iter().map(|finding| finding.class).collect();
    assert_eq!((classes, report.findings.len()), ([Class::Weak].into(), 2));
}

#[test]
fn what_was_not_looked_at_is_never_clean() {
    let mut judge = Judge::new(Catalog::builtin(), &[], Policy::default());
    let [whole, blind, part] = [101, 102, 103].map(|vmid| judge.holder(&running(vmid)));
    for area in Area::ALL {
        judge.looked(whole, area);
    }
    for area in [Area::Configuration, Area::Addresses] {
        judge.looked(part, area);
    }
    judge.unread(part, Unread { item: "tree".into(), source: Some(Source::Helper), why: "no helper".into() });
    let report = judge.finish();
    assert_eq!((report.coverage.whole, report.coverage.part, report.coverage.none), (1, 1, 1));
    assert_eq!(report.counts[&Class::Unverified], 4, "three areas of 102, one of 103: {:?}", told(&report));
    let blind_ones = report.findings.iter().filter(|f| f.guests.iter().any(|guest| guest.vmid.get() == 102));
    assert_eq!(blind_ones.count(), 3);
    let _ = blind;
}

#[test]
fn q7_one_source_makes_up_for_another() {
    let mut judge = Judge::new(Catalog::builtin(), &[], Policy::default());
    let id = judge.holder(&running(101));
    judge.unread(id, Unread { item: "tree".into(), source: Some(Source::Helper), why: "no helper".into() });
    for area in [Area::Configuration, Area::Addresses] {
        judge.looked(id, area);
    }
    judge.sighting(id, &Sighting::new(Identity::new(IdentityKind::MachineId, ID), Source::Ssh));
    assert_eq!(judge.finish().findings, []);
}

#[test]
fn origins_are_told_with_their_reasons() {
    let key = || vec![content("munge-key", "aa")];
    let of = |fleet: &[(Holder, Vec<Sighting>)]| judged(fleet).findings[0].origin.clone().unwrap().from;
    let clone = |vmid, source: u32| {
        let ancestry = Ancestry { cloned_from: Some(source.try_into().unwrap()), ..Ancestry::default() };
        Holder { ancestry, ..running(vmid) }
    };
    let vmid = |number: u32| number.try_into().unwrap();
    let source = |number| Descent::Clone { guest: vmid(number), cluster: None };
    assert_eq!(of(&[(running(101), key()), (clone(102, 101), key())]), source(101));
    assert_eq!(of(&[(clone(101, 100), key()), (clone(102, 100), key())]), source(100));
    let born = |number, born| Holder { born: Some(born), ..running(number) };
    assert_eq!(of(&[(born(101, 50), key()), (born(102, 40), key())]), source(102));
    assert_eq!(of(&[(born(101, 50), key()), (born(102, 50), key())]), Descent::Unknown);
    let ancestry = Ancestry { restored_from: Some("local:backup/x".into()), ..Ancestry::default() };
    let restored = Holder { ancestry, ..running(102) };
    assert_eq!(of(&[(running(101), key()), (restored, key())]), Descent::Backup { volid: "local:backup/x".into() });
    // Two guests with different birthdays may have drawn one MAC.
    let mac = || vec![seen(IdentityKind::Mac, MAC)];
    assert_eq!(of(&[(born(101, 50), mac()), (born(102, 40), mac())]), Descent::Unknown);
}

#[test]
fn dependants_are_told_and_where_they_were_seen() {
    let mut judge = Judge::new(Catalog::builtin(), &[], Policy::default());
    for vmid in [101, 102] {
        let id = judge.holder(&running(vmid));
        judge.sighting(id, &seen(IdentityKind::SshHostKey("ssh-ed25519".into()), "SHA256:a"));
        if vmid == 102 {
            judge.depends(id, "host-key-secrets");
        }
    }
    let report = judge.finish();
    let secrets = report.findings[0].dependants.iter().find(|dependant| dependant.item == "host-key-secrets").unwrap();
    assert_eq!(secrets.seen_in, ["102"]);
}

#[test]
fn keys_of_a_recovered_guest_may_be_older_than_it() {
    let key =
        Sighting { modified: Some(1_000_000), ..seen(IdentityKind::SshHostKey("ssh-ed25519".into()), "SHA256:a") };
    let born = Holder { born: Some(2_000_000), ..running(101) };
    let report = judged(&[(born.clone(), vec![key.clone()])]);
    assert_eq!(report.counts[&Class::Weak], 1);
    let ancestry = Ancestry { restored_from: Some("local:backup/x".into()), ..Ancestry::default() };
    assert_eq!(judged(&[(Holder { ancestry, ..born }, vec![key])]).findings, []);
}

#[test]
fn a_finding_keeps_its_name_while_its_guests_sleep() {
    let mac = || vec![seen(IdentityKind::Mac, MAC)];
    let awake = judged(&[(running(101), mac()), (running(102), mac())]);
    let asleep = judged(&[(guest(103, GuestState::Stopped), mac()), (running(102), mac())]);
    assert_eq!(awake.findings[0].id, asleep.findings[0].id);
}
