//! Values with several holders → who of them shares what with whom.

use std::collections::BTreeMap;

use super::finding_id;
use super::judge::{Judge, Leak};
use super::origin;
use super::reach;
use super::roster::{Awake, HolderId, Wire};
use super::seen::{Held, Shared};
use super::sighting::{Parent, shown};
use super::subject::{Among, Subject, SubjectId};
use crate::identity::IdentityKind;
use crate::report::{AuditFinding, Class, Dependant, Derivation, GuestRef};

/// One value at guests that must not share it.
#[derive(Debug)]
pub(super) struct Sharing {
    pub(super) class: Class,
    pub(super) subject: SubjectId,
    pub(super) kind: IdentityKind,
    pub(super) item: &'static str,
    pub(super) value: Box<str>,
    /// One entry a guest, in the roster's order.
    pub(super) holders: Vec<Held>,
    /// Every look behind them: the goldens themselves, and backups of these guests.
    pub(super) evidence: Vec<Held>,
    /// The golden whose value it is.
    pub(super) golden: Option<String>,
    /// The segment on which alone it is shared, where that matters.
    wire: Option<Wire>,
    pub(super) derived: Vec<Derivation>,
}

/// Values of goldens at guests that are no goldens.
pub(super) fn leaks(judge: &Judge<'_>) -> Vec<Sharing> {
    let leaked = judge.leaks.values().filter_map(|leak| {
        let holders =
            one_per_guest(judge, leak.holders.iter().copied().filter(|held| !judge.roster.is_golden(held.holder)));
        let Leak { subject, value, golden, holders: evidence } = leak;
        let golden = judge.goldens.get(*golden as usize).map(|set| set.golden.clone());
        let leak = (Class::GoldenLeak, *subject, &**value, holders, evidence.as_slice());
        (!leak.3.is_empty()).then(|| Sharing::new(judge, leak, golden, None))
    });
    leaked.collect()
}

/// Values that several guests have.
pub(super) fn shared(judge: &Judge<'_>) -> Vec<Sharing> {
    judge.seen.shared.iter().flat_map(|shared| of_value(judge, shared)).collect()
}

fn of_value(judge: &Judge<'_>, shared: &Shared) -> Vec<Sharing> {
    let subject = judge.subjects.get(subject_of(judge, shared));
    let parts = match subject.among {
        Among::Wire => by_wire(judge, &shared.holders),
        Among::Fleet | Among::Cluster => vec![(None, shared.holders.clone())],
    };
    parts.into_iter().flat_map(|(wire, held)| of_part(judge, shared, wire, &held)).collect()
}

/// A copy of somebody's machine-id in D-Bus's file is a shared machine-id.
fn subject_of(judge: &Judge<'_>, shared: &Shared) -> SubjectId {
    let own = shared.holders.iter().any(|held| held.mark.is_own());
    judge.subjects.machine_id().filter(|_| own && judge.subjects.is_copy(shared.subject)).unwrap_or(shared.subject)
}

fn of_part(judge: &Judge<'_>, shared: &Shared, wire: Option<Wire>, held: &[Held]) -> Vec<Sharing> {
    let id = subject_of(judge, shared);
    let roster = &judge.roster;
    let counts = |held: &Held| {
        let exists = roster.awake(held.holder) >= Awake::Stopped;
        !roster.is_golden(held.holder) && (exists || !judge.subjects.get(id).only_live)
    };
    let holders = one_per_guest(judge, held.iter().copied().filter(counts));
    let of_golden = held.iter().find(|held| roster.is_golden(held.holder));
    let mut found = Vec::new();
    // A golden that has the value itself has leaked it, whether its manifest knows or not; what the manifest knows
    // is told by `leaks`.
    if let Some(golden) = of_golden.filter(|_| !holders.is_empty() && judge.golden_of(id, &shared.value).is_none()) {
        let name = roster.golden(golden.holder).map_or_else(|| roster.name(golden.holder), |name| roster.text(name));
        let leak = (Class::GoldenLeak, id, &*shared.value, holders.clone(), held);
        found.push(Sharing::new(judge, leak, Some(name.to_owned()), wire));
    }
    if holders.len() > 1 {
        let awake = holders.iter().filter(|held| held.is_proven() && roster.awake(held.holder) == Awake::Running);
        let class = if awake.count() > 1 { Class::Collision } else { Class::Dormant };
        let golden = judge.golden_of(id, &shared.value);
        found.push(Sharing::new(judge, (class, id, &shared.value, holders, held), golden, wire));
    }
    found
}

/// The best look at each guest: a guest beside its own backups is one.
fn one_per_guest(judge: &Judge<'_>, held: impl Iterator<Item = Held>) -> Vec<Held> {
    let roster = &judge.roster;
    let worth = |held: &Held| (roster.awake(held.holder), held.is_proven());
    let mut guests: BTreeMap<_, Vec<Held>> = BTreeMap::new();
    for look in held {
        let same = guests.entry((roster.cluster(look.holder), roster.vmid(look.holder))).or_default();
        match same.iter_mut().find(|known| roster.is_same_guest(known.holder, look.holder)) {
            Some(known) if worth(known) >= worth(&look) => {}
            Some(known) => *known = look,
            None => same.push(look),
        }
    }
    let mut one: Vec<Held> = guests.into_values().flatten().collect();
    one.sort_by_key(|held| held.holder);
    one
}

/// Addresses meet on their segment only. A guest whose segment is not known may meet them on each.
fn by_wire(judge: &Judge<'_>, held: &[Held]) -> Vec<(Option<Wire>, Vec<Held>)> {
    let mut parts: BTreeMap<Wire, Vec<Held>> = BTreeMap::new();
    let mut anywhere = Vec::new();
    for look in held {
        match reach::wire_of(&judge.roster, *look) {
            Some(wire) => parts.entry(wire).or_default().push(*look),
            None => anywhere.push(*look),
        }
    }
    if parts.is_empty() {
        return vec![(None, anywhere)];
    }
    let joined = parts.into_iter().map(|(wire, mut part)| {
        part.extend(&anywhere);
        (Some(wire), part)
    });
    joined.collect()
}

type Part<'p> = (Class, SubjectId, &'p str, Vec<Held>, &'p [Held]);

impl Sharing {
    fn new(judge: &Judge<'_>, part: Part<'_>, golden: Option<String>, wire: Option<Wire>) -> Self {
        let (class, id, value, holders, evidence) = part;
        let Subject { kind, item, .. } = judge.subjects.get(id);
        Self {
            class,
            subject: id,
            kind: kind.clone(),
            item,
            value: value.into(),
            holders,
            evidence: evidence.to_vec(),
            golden,
            wire,
            derived: Vec::new(),
        }
    }

    /// What all its looks say that the value was computed from.
    pub(super) fn parent(&self) -> Option<Parent> {
        let parent = self.holders.first()?.mark.parent()?;
        self.holders.iter().all(|held| held.mark.parent() == Some(parent)).then_some(parent)
    }

    pub(super) fn shown(&self) -> String {
        shown(&self.kind, &self.value)
    }

    pub(super) fn into_finding(self, judge: &Judge<'_>) -> AuditFinding {
        let subject = judge.subjects.get(self.subject);
        let reach = reach::of(&judge.roster, &self.holders, subject);
        let origin = origin::of(judge, &self);
        let why = self.why(subject, &reach);
        let severity =
            if reach::is_harmless_yet(subject, &reach) { (subject.severity + 1).min(4) } else { subject.severity };
        AuditFinding {
            id: self.id(judge, subject),
            item: Some(self.item.to_owned()),
            severity,
            guests: self.guests(judge),
            golden: self.golden.clone(),
            origin: Some(origin),
            reach: Some(reach),
            dependants: dependants(judge, subject, &self.holders),
            derived: self.derived.clone(),
            ..AuditFinding::new(self.class, &self.kind.to_string(), &self.shown(), why)
        }
    }

    /// The same as long as the value is shared, whether its guests run or not: what sleeps today was a collision
    /// yesterday.
    fn id(&self, judge: &Judge<'_>, subject: &Subject) -> String {
        let class = if self.class == Class::Dormant { Class::Collision } else { self.class };
        let first = self.holders.first().and_then(|held| judge.roster.cluster(held.holder));
        let realm = match (subject.among, self.class) {
            (Among::Fleet, _) | (_, Class::GoldenLeak) => String::new(),
            (Among::Cluster, _) => first.map_or("", |name| judge.roster.text(name)).to_owned(),
            (Among::Wire, _) => self.wire.map_or_else(String::new, |wire| reach::wire_name(&judge.roster, wire)),
        };
        finding_id(class, &self.kind.to_string(), &format!("{realm} {}", self.value))
    }

    fn why(&self, subject: &Subject, reach: &crate::report::Reach) -> String {
        let when = if self.class == Class::Dormant { "once they run together, " } else { "" };
        let apart = if reach::is_harmless_yet(subject, reach) { "once they meet on one segment, " } else { "" };
        let harm = subject.consequence;
        match (&self.golden, self.class) {
            (Some(golden), Class::GoldenLeak) => format!("restored from {golden} and never reset: {harm}"),
            (Some(golden), _) => format!("{when}{apart}{harm}; the value is that of {golden}"),
            (None, _) => format!("{when}{apart}{harm}"),
        }
    }

    fn guests(&self, judge: &Judge<'_>) -> Vec<GuestRef> {
        let mut guests: Vec<GuestRef> = self.holders.iter().map(|held| judge.roster.guest(held.holder)).collect();
        let places: BTreeMap<HolderId, usize> =
            self.holders.iter().zip(0..).map(|(held, at)| (held.holder, at)).collect();
        for look in &self.evidence {
            let Some(guest) = places.get(&look.holder).and_then(|at| guests.get_mut(*at)) else { continue };
            if !guest.sources.contains(&look.mark.source()) {
                guest.sources.push(look.mark.source());
            }
        }
        guests
    }
}

/// What the catalog says hangs on the value, and where it was seen.
fn dependants(judge: &Judge<'_>, subject: &Subject, holders: &[Held]) -> Vec<Dependant> {
    let of = |(item, title): &(&'static str, &'static str)| {
        let has = |held: &&Held| {
            judge.dependants.get(&held.holder).is_some_and(|items| items.iter().any(|known| **known == **item))
        };
        let seen_in = holders.iter().filter(has).map(|held| judge.roster.guest(held.holder).key()).collect();
        Dependant { item: (*item).to_owned(), title: (*title).to_owned(), seen_in }
    };
    subject.dependants.iter().map(of).collect()
}
