//! A whole fleet judged at once: who shares what, and which golden it came from.

use std::collections::{BTreeMap, BTreeSet};

use serde::{Deserialize, Serialize};

use super::value::{Identity, IdentityKind};
use crate::ids::{NodeName, Vmid};
use crate::report::{AuditFinding, AuditReport, Class, GuestRef};

/// What was collected about one guest.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct GuestFacts {
    /// Its number.
    pub vmid: Vmid,
    /// The node it is on.
    pub node: NodeName,
    /// Its configured name.
    pub name: String,
    /// Whether it is on the wire.
    pub state: GuestState,
    /// Every identity found.
    pub identities: BTreeSet<Identity>,
    /// Values that are there but worth nothing: a dummy machine-id, a key that does not parse.
    pub weak: Vec<Unread>,
    /// Catalog items that could not be looked at.
    pub unread: Vec<Unread>,
}

/// Whether a guest can collide now or only later.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum GuestState {
    /// It runs.
    Running,
    /// It is stopped, and collides when it is started.
    Stopped,
    /// It is a template, and whatever is cloned from it collides.
    Template,
}

/// An item and why it has no comparable value.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Unread {
    /// The catalog item's id.
    pub item: String,
    /// Why.
    pub why: String,
}

/// The identities that belong to a golden: no guest may have them.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct ForbiddenSet {
    /// The golden's name and version, for the reader.
    pub golden: String,
    /// Its values.
    pub identities: BTreeSet<Identity>,
}

/// Judges a fleet in one pass over its values.
///
/// A value shared by two running guests is a collision; shared with at most one of them running it is dormant.
/// A value out of a golden's forbidden set is a golden leak, whoever else has it.
pub fn judge_fleet(guests: &[GuestFacts], goldens: &[ForbiddenSet]) -> AuditReport {
    let mut findings = shared_values(guests, goldens);
    findings.extend(golden_leaks(guests, goldens));
    findings.extend(single_guests(guests));
    findings.sort_by(|a, b| (a.class, &a.kind, &a.value).cmp(&(b.class, &b.kind, &b.value)));
    AuditReport::new(guests, findings)
}

/// Loopback and link-local addresses are the same in every guest, by design.
fn comparable(identity: &Identity) -> bool {
    let local = ["127.", "::1", "fe80:", "169.254."];
    identity.kind != IdentityKind::Ip || !local.iter().any(|prefix| identity.value.starts_with(prefix))
}

fn holders(guests: &[GuestFacts]) -> BTreeMap<&Identity, Vec<&GuestFacts>> {
    let mut holders: BTreeMap<&Identity, Vec<&GuestFacts>> = BTreeMap::new();
    for guest in guests {
        for identity in guest.identities.iter().filter(|identity| comparable(identity)) {
            holders.entry(identity).or_default().push(guest);
        }
    }
    holders
}

fn golden_of<'a>(identity: &Identity, goldens: &'a [ForbiddenSet]) -> Option<&'a str> {
    goldens.iter().find(|set| set.identities.contains(identity)).map(|set| set.golden.as_str())
}

fn shared_values(guests: &[GuestFacts], goldens: &[ForbiddenSet]) -> Vec<AuditFinding> {
    let shared = holders(guests).into_iter().filter(|(_, holders)| holders.len() > 1);
    let findings = shared.map(|(identity, holders)| {
        let running = holders.iter().filter(|guest| guest.state == GuestState::Running).count();
        let class = if running > 1 { Class::Collision } else { Class::Dormant };
        let golden = golden_of(identity, goldens);
        finding(class, identity, &holders, golden, consequence(class, &identity.kind, golden))
    });
    findings.collect()
}

fn golden_leaks(guests: &[GuestFacts], goldens: &[ForbiddenSet]) -> Vec<AuditFinding> {
    let leaked = holders(guests).into_iter().filter_map(|(identity, holders)| {
        let golden = golden_of(identity, goldens)?;
        let why = format!("restored from {golden} and never reset: {}", harm(&identity.kind));
        Some(finding(Class::GoldenLeak, identity, &holders, Some(golden), why))
    });
    leaked.collect()
}

fn single_guests(guests: &[GuestFacts]) -> Vec<AuditFinding> {
    let of = |class: Class, guest: &GuestFacts, unread: &Unread| AuditFinding {
        class,
        kind: unread.item.clone(),
        value: String::new(),
        guests: vec![GuestRef::of(guest)],
        golden: None,
        why: unread.why.clone(),
    };
    let mut findings = Vec::new();
    for guest in guests {
        findings.extend(guest.weak.iter().map(|weak| of(Class::Weak, guest, weak)));
        findings.extend(guest.unread.iter().map(|unread| of(Class::Unverified, guest, unread)));
    }
    findings
}

fn finding(
    class: Class,
    identity: &Identity,
    holders: &[&GuestFacts],
    golden: Option<&str>,
    why: String,
) -> AuditFinding {
    AuditFinding {
        class,
        kind: identity.kind.to_string(),
        value: identity.shown(),
        guests: holders.iter().map(|guest| GuestRef::of(guest)).collect(),
        golden: golden.map(str::to_owned),
        why,
    }
}

fn consequence(class: Class, kind: &IdentityKind, golden: Option<&str>) -> String {
    let when = if class == Class::Dormant { "once they run together, " } else { "" };
    let origin = golden.map(|golden| format!("; the value is that of {golden}")).unwrap_or_default();
    format!("{when}{}{origin}", harm(kind))
}

fn harm(kind: &IdentityKind) -> String {
    match kind {
        IdentityKind::Mac => "the bridge sends each one's frames to whichever spoke last".into(),
        IdentityKind::Ip => "connections reach whichever answers first".into(),
        IdentityKind::Hostname => "logs, DHCP and monitoring take them for one machine".into(),
        IdentityKind::MachineId | IdentityKind::DbusMachineId => {
            "journal, DHCP client identity and every id derived from it are equal".into()
        }
        IdentityKind::SshHostKey(_) => "each can pose as the other to every SSH client".into(),
        IdentityKind::DockerEngineId => "Swarm and monitoring merge them into one host".into(),
        IdentityKind::ContentOf(item) => format!("{item} must differ between guests"),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn guest(vmid: u32, state: GuestState, identities: &[(IdentityKind, &str)]) -> GuestFacts {
        GuestFacts {
            vmid: Vmid::try_from(vmid).unwrap(),
            node: "pve".parse().unwrap(),
            name: format!("g{vmid}"),
            state,
            identities: identities.iter().map(|(kind, value)| Identity::new(kind.clone(), value)).collect(),
            weak: Vec::new(),
            unread: Vec::new(),
        }
    }

    fn golden(identities: &[(IdentityKind, &str)]) -> ForbiddenSet {
        let identities = identities.iter().map(|(kind, value)| Identity::new(kind.clone(), value)).collect();
        ForbiddenSet { golden: "debian13 1".into(), identities }
    }

    fn classes(report: &AuditReport) -> Vec<(Class, usize)> {
        report.findings.iter().map(|f| (f.class, f.guests.len())).collect()
    }

    #[test]
    fn a_fleet_of_individuals_is_clean() {
        let fleet = [
            guest(
                101,
                GuestState::Running,
                &[(IdentityKind::Mac, "BC:24:11:00:00:01"), (IdentityKind::Ip, "127.0.0.1")],
            ),
            guest(
                102,
                GuestState::Running,
                &[(IdentityKind::Mac, "BC:24:11:00:00:02"), (IdentityKind::Ip, "127.0.0.1")],
            ),
        ];
        assert!(judge_fleet(&fleet, &[]).findings.is_empty());
    }

    #[test]
    fn one_value_in_two_kinds_is_not_shared() {
        let fleet = [
            guest(101, GuestState::Running, &[(IdentityKind::Hostname, "a")]),
            guest(102, GuestState::Running, &[(IdentityKind::DockerEngineId, "a")]),
        ];
        assert!(judge_fleet(&fleet, &[]).findings.is_empty());
    }

    #[test]
    fn running_guests_collide_and_stopped_ones_sleep() {
        let mac = [(IdentityKind::Mac, "BC:24:11:00:00:01")];
        let running = [guest(101, GuestState::Running, &mac), guest(102, GuestState::Running, &mac)];
        assert_eq!(classes(&judge_fleet(&running, &[])), [(Class::Collision, 2)]);
        let stopped = [guest(101, GuestState::Running, &mac), guest(102, GuestState::Stopped, &mac)];
        assert_eq!(classes(&judge_fleet(&stopped, &[])), [(Class::Dormant, 2)]);
    }

    #[test]
    fn s4_17_a_goldens_value_names_the_golden() {
        let mac = [(IdentityKind::Mac, "BC:24:11:00:00:01")];
        let report = judge_fleet(&[guest(101, GuestState::Running, &mac)], &[golden(&mac)]);
        assert_eq!(classes(&report), [(Class::GoldenLeak, 1)]);
        assert_eq!(report.findings[0].golden.as_deref(), Some("debian13 1"));
    }

    #[test]
    fn what_could_not_be_read_is_counted() {
        let mut blind = guest(101, GuestState::Running, &[]);
        blind.unread.push(Unread { item: "machine-id".into(), why: "no helper".into() });
        let report = judge_fleet(&[blind], &[]);
        assert_eq!(classes(&report), [(Class::Unverified, 1)]);
    }
}
