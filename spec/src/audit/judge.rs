//! The streaming judge: guests and sightings go in one by one, in any order; findings come out at the end.
//!
//! A value that one guest has takes 24 bytes, whatever its length. It is kept whole from its second holder on.

use std::borrow::Cow;
use std::collections::{BTreeMap, HashMap};
use std::net::IpAddr;

use super::derived::is_from_mac;
use super::holder::Holder;
use super::policy::Policy;
use super::print::{BuildReady, Print};
use super::roster::{HolderId, Roster};
use super::seen::{Held, Mark, Seen};
use super::sighting::{Area, Parent, Place, Sighting, Unread, Weight};
use super::subject::{Among, SubjectId, Subjects};
use super::weak::{Ages, Weakness, placeholder, weaknesses};
use crate::identity::{Catalog, ForbiddenSet, Identity, IdentityKind};
use crate::report::AuditReport;

/// Takes a fleet in and judges it.
#[derive(Debug)]
pub struct Judge<'a> {
    pub(super) policy: Policy,
    pub(super) goldens: &'a [ForbiddenSet],
    pub(super) roster: Roster,
    pub(super) subjects: Subjects<'a>,
    pub(super) seen: Seen,
    /// The goldens' values: whose each one is.
    forbidden: HashMap<Print, u32, BuildReady>,
    pub(super) leaks: BTreeMap<Print, Leak>,
    pub(super) weak: Vec<Weak>,
    pub(super) unread: BTreeMap<Unread, Vec<HolderId>>,
    pub(super) moduli: Vec<Modulus>,
    /// Items that hang on an identity, seen in a guest.
    pub(super) dependants: BTreeMap<HolderId, Vec<Box<str>>>,
}

/// A golden's value at guests.
#[derive(Debug)]
pub(super) struct Leak {
    pub(super) subject: SubjectId,
    pub(super) value: Box<str>,
    pub(super) golden: u32,
    pub(super) holders: Vec<Held>,
}

/// A value that is worth little.
#[derive(Debug)]
pub(super) struct Weak {
    pub(super) holder: HolderId,
    pub(super) item: Box<str>,
    pub(super) value: Box<str>,
    pub(super) held: Option<Mark>,
    pub(super) weakness: Weakness,
}

/// An RSA key to be searched for shared primes.
#[derive(Debug)]
pub(super) struct Modulus {
    pub(super) held: Held,
    pub(super) fingerprint: Box<str>,
    pub(super) bytes: Vec<u8>,
}

impl<'a> Judge<'a> {
    /// A judge that has seen nothing. Confidential values of `goldens` are digested as those of the sightings are
    /// ([`hidden`](super::hidden)).
    pub fn new(catalog: &'a Catalog, goldens: &'a [ForbiddenSet], policy: Policy) -> Self {
        let mut subjects = Subjects::new(catalog, policy.names);
        let mut forbidden: HashMap<Print, u32, BuildReady> = HashMap::default();
        for (golden, set) in (0..).zip(goldens) {
            for identity in &set.identities {
                let Some(subject) = subjects.of(&identity.kind) else { continue };
                if placeholder(identity).is_none() {
                    let print = Print::of(&subjects.get(subject).space, None, &identity.value);
                    forbidden.entry(print).or_insert(golden);
                }
            }
        }
        Self {
            policy,
            goldens,
            roster: Roster::default(),
            subjects,
            seen: Seen::default(),
            forbidden,
            leaks: BTreeMap::new(),
            weak: Vec::new(),
            unread: BTreeMap::new(),
            moduli: Vec::new(),
            dependants: BTreeMap::new(),
        }
    }

    /// Adds a guest or a backup; what is seen of it is told by the number.
    pub fn holder(&mut self, holder: &Holder) -> HolderId {
        self.roster.add(holder)
    }

    /// Tells that a part of a guest was looked at, whatever was there. A sighting tells it by itself.
    pub fn looked(&mut self, holder: HolderId, area: Area) {
        self.roster.looked(holder, area);
    }

    /// Tells that something could not be looked at.
    pub fn unread(&mut self, holder: HolderId, unread: Unread) {
        let named = Area::ALL.into_iter().find(|area| area.word() == unread.item);
        if let Some(area) = named.or(unread.source.and_then(super::sighting::Source::area)) {
            self.roster.missed(holder, area);
        }
        self.unread.entry(unread).or_default().push(holder);
    }

    /// Tells that a catalog item is there and not what belongs there.
    pub fn malformed(&mut self, holder: HolderId, item: &str, why: &str) {
        let weakness = Weakness::Malformed(why.into());
        self.weak.push(Weak { holder, item: item.into(), value: "".into(), held: None, weakness });
    }

    /// Tells that something in a guest hangs on one of its identities: secrets encrypted to its host key, a licence.
    pub fn depends(&mut self, holder: HolderId, item: &str) {
        let items = self.dependants.entry(holder).or_default();
        if !items.iter().any(|known| **known == *item) {
            items.push(item.into());
        }
    }

    /// Tells a value that was seen.
    pub fn sighting(&mut self, holder: HolderId, sighting: &Sighting) {
        if let Some(area) = sighting.source.area() {
            self.roster.looked(holder, area);
        }
        if sighting.source.weight() == Weight::Hearsay {
            return;
        }
        let Some(subject) = self.subjects.of(&sighting.identity.kind) else { return };
        if let Some(why) = placeholder(&sighting.identity) {
            return self.weak(holder, sighting, Weakness::Placeholder(why));
        }
        let Some((value, parent)) = self.comparable(holder, sighting) else { return };
        let own = sighting.identity.kind != IdentityKind::DbusMachineId;
        let held = Held { holder, mark: Mark::of(sighting, parent, own) };
        let print = self.print(subject, held, &value);
        let is_new = self.seen.note(print, held, subject, &value, &self.roster);
        if let IdentityKind::SshHostKey(algorithm) = &sighting.identity.kind {
            self.host_key(held, sighting, algorithm, is_new);
        }
    }

    /// How many guests and backups were told.
    pub fn holders(&self) -> usize {
        self.roster.len()
    }

    /// How many different values were told.
    pub fn values(&self) -> usize {
        self.seen.len()
    }

    /// The report over all that was told.
    pub fn finish(self) -> AuditReport {
        super::verdict::report(self)
    }

    /// The golden whose manifest has the value.
    pub(super) fn golden_of(&self, subject: SubjectId, value: &str) -> Option<String> {
        let print = Print::of(&self.subjects.get(subject).space, None, value);
        let golden = *self.forbidden.get(&print)?;
        self.goldens.get(golden as usize).map(|set| set.golden.clone())
    }

    /// How bad it is when a value of a kind is not as it should be.
    pub(super) fn severity(&self, kind: &IdentityKind) -> u8 {
        self.subjects.known(kind).map_or(4, |id| self.subjects.get(id).severity)
    }

    /// The value by which guests are compared, and what it was computed from; none for what is the same everywhere.
    fn comparable<'s>(&self, holder: HolderId, sighting: &'s Sighting) -> Option<(Cow<'s, str>, Option<Parent>)> {
        let Identity { kind, value } = &sighting.identity;
        match kind {
            IdentityKind::Ip if sighting.at == Place::Inner => None,
            IdentityKind::Ip => {
                let address: IpAddr = value.split('/').next()?.parse().ok()?;
                let made = matches!(address, IpAddr::V6(six) if is_from_mac(six)).then_some(Parent::Mac);
                is_ones_own(address).then(|| (address.to_string().into(), sighting.parent.or(made)))
            }
            // Proxmox writes the first label into the guest: `web` in the tree is the `web.example.org` of its
            // configuration, and two customers may have a `web` each.
            IdentityKind::Hostname => {
                let whole = self.roster.name(holder).to_ascii_lowercase();
                let is_label = whole.strip_prefix(value.as_str()).is_some_and(|rest| rest.starts_with('.'));
                Some((if is_label { whole.into() } else { value.into() }, sighting.parent))
            }
            _ => Some((value.into(), sighting.parent)),
        }
    }

    /// The value's print among those that it is compared with. A golden's value is a leak wherever it is.
    fn print(&mut self, subject: SubjectId, held: Held, value: &str) -> Print {
        let of = self.subjects.get(subject);
        let print = Print::of(&of.space, None, value);
        if let Some(golden) = self.forbidden.get(&print).copied() {
            let leak = Leak { subject, value: value.into(), golden, holders: Vec::new() };
            self.leaks.entry(print).or_insert(leak).holders.push(held);
        }
        match of.among {
            Among::Fleet => print,
            Among::Cluster | Among::Wire => {
                let cluster = self.roster.cluster(held.holder).map_or("", |name| self.roster.text(name));
                Print::of(&of.space, Some(cluster), value)
            }
        }
    }

    fn host_key(&mut self, held: Held, sighting: &Sighting, algorithm: &str, is_new: bool) {
        // A guest that was restored from its backup keeps the keys that its clients have pinned.
        let guest = self.roster.born(held.holder).filter(|_| self.roster.restored_from(held.holder).is_none());
        let ages = Ages { key: sighting.modified, guest, now: self.policy.now };
        for weakness in weaknesses(algorithm, sighting.key.as_ref(), self.policy.shortest_rsa, ages) {
            self.weak(held.holder, sighting, weakness);
        }
        let modulus = sighting.key.as_ref().and_then(super::host_key::KeyFacts::modulus_bytes);
        if let Some(bytes) = modulus.filter(|_| is_new) {
            self.moduli.push(Modulus { held, fingerprint: sighting.identity.value.as_str().into(), bytes });
        }
    }

    fn weak(&mut self, holder: HolderId, sighting: &Sighting, weakness: Weakness) {
        let own = sighting.identity.kind != IdentityKind::DbusMachineId;
        self.weak.push(Weak {
            holder,
            item: sighting.identity.kind.to_string().into(),
            value: super::sighting::shown(&sighting.identity.kind, &sighting.identity.value).into(),
            held: Some(Mark::of(sighting, None, own)),
            weakness,
        });
    }
}

/// Loopback, link-local and multicast addresses are the same in every guest, by design.
fn is_ones_own(address: IpAddr) -> bool {
    match address {
        IpAddr::V4(four) => !(four.is_loopback() || four.is_link_local() || four.is_multicast() || four.is_broadcast()),
        IpAddr::V6(six) => !(six.is_loopback() || six.is_unicast_link_local() || six.is_multicast()),
    }
}
