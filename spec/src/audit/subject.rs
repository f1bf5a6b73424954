//! What is compared, and by which rule: the catalog's rows that are marked unique, and what only an audit sees.

use std::collections::HashMap;

use crate::identity::{Catalog, IdentityKind, Item};

/// Among whom a value must differ.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Among {
    /// All guests.
    Fleet,
    /// Guests of one cluster.
    Cluster,
    /// Guests on one segment of one cluster.
    Wire,
}

/// Whether names are one per cluster or one everywhere.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub enum NameScope {
    /// Two clusters may have a guest of one name each.
    #[default]
    Cluster,
    /// A name belongs to one guest of the fleet.
    Fleet,
}

/// One sort of value, with all that its findings say.
#[derive(Debug)]
pub(super) struct Subject {
    pub(super) kind: IdentityKind,
    /// The row's id.
    pub(super) item: &'static str,
    pub(super) severity: u8,
    /// What follows when guests share it.
    pub(super) consequence: &'static str,
    /// Rows that hang on it: what to look after before it is changed.
    pub(super) dependants: Vec<(&'static str, &'static str)>,
    pub(super) among: Among,
    /// Whether only guests that exist count: names are chosen again, and a template or backup answers to none.
    pub(super) only_live: bool,
    /// What values are told apart by besides themselves. Kinds that can copy each other have one name.
    pub(super) space: Box<str>,
}

/// Something that only an audit sees: no image holds it.
struct Beyond {
    item: &'static str,
    severity: u8,
    consequence: &'static str,
}

const BEYOND: [Beyond; 2] = [
    Beyond {
        item: "dhcp-client-id",
        severity: 1,
        consequence: "the DHCP server takes them for one client and gives both one address",
    },
    Beyond {
        item: "smbios-uuid",
        severity: 2,
        consequence: "licences, inventories and cloud-init take the virtual machines for one",
    },
];

/// The catalog's row for values of a kind.
fn item_id(kind: &IdentityKind) -> &str {
    match kind {
        IdentityKind::Mac => "nic-mac",
        IdentityKind::Ip => "ip-address",
        IdentityKind::Hostname => "hostname",
        IdentityKind::MachineId => "machine-id",
        IdentityKind::DbusMachineId => "dbus-machine-id",
        IdentityKind::SshHostKey(_) => "ssh-host-keys",
        IdentityKind::DockerEngineId => "docker-engine-id",
        IdentityKind::DhcpDuid => "dhcp-duid",
        IdentityKind::ContentOf(item) => item,
    }
}

impl Subject {
    fn of(kind: &IdentityKind, catalog: &Catalog, names: NameScope) -> Option<Self> {
        let id = item_id(kind);
        let row = catalog.item(id).filter(|item| item.unique);
        let row = row.map(|item| (item.id, item.severity, consequence(item), dependants(item, catalog)));
        let beyond = BEYOND.iter().find(|beyond| beyond.item == id);
        let beyond = beyond.map(|beyond| (beyond.item, beyond.severity, beyond.consequence, Vec::new()));
        let (item, severity, consequence, dependants) = row.or(beyond)?;
        let among = match (kind, names) {
            (IdentityKind::Ip, _) => Among::Wire,
            (IdentityKind::Hostname, NameScope::Cluster) => Among::Cluster,
            _ => Among::Fleet,
        };
        let only_live = *kind == IdentityKind::Hostname;
        // D-Bus's file may hold a copy of the machine-id, its own guest's or another's.
        let space = match kind {
            IdentityKind::DbusMachineId => IdentityKind::MachineId.to_string(),
            kind => kind.to_string(),
        };
        Some(Self {
            kind: kind.clone(),
            item,
            severity,
            consequence,
            dependants,
            among,
            only_live,
            space: space.into(),
        })
    }
}

fn consequence(item: &Item) -> &'static str {
    if item.when_shared.is_empty() { item.because } else { item.when_shared }
}

fn dependants(item: &Item, catalog: &Catalog) -> Vec<(&'static str, &'static str)> {
    item.derives.iter().filter_map(|id| catalog.item(id)).map(|derived| (derived.id, derived.title)).collect()
}

/// The number of a subject.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub(super) struct SubjectId(pub(super) u16);

/// The subjects that turned up so far.
#[derive(Debug)]
pub(super) struct Subjects<'a> {
    catalog: &'a Catalog,
    names: NameScope,
    numbers: HashMap<IdentityKind, Option<SubjectId>>,
    met: Vec<Subject>,
}

impl<'a> Subjects<'a> {
    pub(super) fn new(catalog: &'a Catalog, names: NameScope) -> Self {
        let mut subjects = Self { catalog, names, numbers: HashMap::new(), met: Vec::new() };
        subjects.of(&IdentityKind::MachineId);
        subjects
    }

    /// The machine-id's.
    pub(super) fn machine_id(&self) -> Option<SubjectId> {
        self.known(&IdentityKind::MachineId)
    }

    /// Whether it is D-Bus's copy.
    pub(super) fn is_copy(&self, id: SubjectId) -> bool {
        self.get(id).kind == IdentityKind::DbusMachineId
    }

    /// The subject of a kind; none for what may be the same in two guests.
    pub(super) fn of(&mut self, kind: &IdentityKind) -> Option<SubjectId> {
        if let Some(known) = self.numbers.get(kind) {
            return *known;
        }
        let subject = Subject::of(kind, self.catalog, self.names);
        let id = subject.and_then(|subject| {
            let id = SubjectId(u16::try_from(self.met.len()).ok()?);
            self.met.push(subject);
            Some(id)
        });
        self.numbers.insert(kind.clone(), id);
        id
    }

    /// The subject of a kind that turned up.
    pub(super) fn known(&self, kind: &IdentityKind) -> Option<SubjectId> {
        self.numbers.get(kind).copied().flatten()
    }

    pub(super) fn get(&self, id: SubjectId) -> &Subject {
        &self.met[usize::from(id.0)]
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_unique_row_of_the_catalog_is_a_subject() {
        let mut subjects = Subjects::new(Catalog::builtin(), NameScope::Cluster);
        for item in Catalog::builtin().items().filter(|item| item.unique) {
            let kind = match item.id {
                "nic-mac" => IdentityKind::Mac,
                "ip-address" => IdentityKind::Ip,
                "hostname" | "configured-hostname" => IdentityKind::Hostname,
                "ssh-host-keys" => IdentityKind::SshHostKey("ssh-ed25519".into()),
                id => IdentityKind::ContentOf(id.into()),
            };
            let id = subjects.of(&kind).unwrap_or_else(|| panic!("{} is not compared", item.id));
            assert!(!subjects.get(id).consequence.is_empty(), "{}", item.id);
        }
    }

    #[test]
    fn what_may_be_shared_is_no_subject() {
        let mut subjects = Subjects::new(Catalog::builtin(), NameScope::Cluster);
        for item in ["ssh-moduli", "no-such-row"] {
            assert_eq!(subjects.of(&IdentityKind::ContentOf(item.into())), None, "{item}");
        }
    }
}
