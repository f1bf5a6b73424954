//! The guests of a fleet, packed: a million of them take a hundred bytes each.

use super::holder::{GuestKind, GuestState, Holder};
use super::names::{Name, Names, number};
use super::sighting::Area;
use crate::ids::{NodeName, Vmid};
use crate::report::GuestRef;

/// The number of a holder in its roster.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct HolderId(pub(super) u32);

/// A segment of a network: the bridges of one name in one cluster are one, as Proxmox's migration takes them.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub(super) struct Wire {
    pub(super) cluster: Option<Name>,
    pub(super) bridge: Name,
    pub(super) tag: Option<u16>,
}

/// How awake a holder is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum Awake {
    Backup,
    Template,
    Stopped,
    Running,
}

#[derive(Debug)]
struct Row {
    cluster: Option<Name>,
    node: u32,
    vmid: Vmid,
    kind: GuestKind,
    awake: Awake,
    is_golden: bool,
    tenant: Option<Name>,
    golden: Option<Name>,
    cloned_from: Option<Vmid>,
    restored_from: Option<Name>,
    /// The volume of a backup.
    volid: Option<Box<str>>,
    taken: Option<i64>,
    born: Option<i64>,
    /// Where its name ends among all names; it begins where that of the guest before ends.
    name_end: usize,
    /// Where its NICs end among all NICs.
    nics_end: usize,
    looked: u8,
    unread: u8,
}

/// All holders of one audit.
#[derive(Debug, Default)]
pub(super) struct Roster {
    rows: Vec<Row>,
    names: Names,
    nodes: Vec<NodeName>,
    labels: String,
    nics: Vec<(u8, Wire)>,
}

impl Roster {
    /// Adds a holder.
    pub(super) fn add(&mut self, holder: &Holder) -> HolderId {
        let names = &mut self.names;
        let cluster = holder.cluster.as_deref().map(|text| names.keep(text));
        for nic in &holder.nics {
            self.nics.push((nic.index, Wire { cluster, bridge: names.keep(&nic.bridge), tag: nic.tag }));
        }
        self.labels.push_str(&holder.name);
        let node = self.nodes.iter().position(|known| *known == holder.node).unwrap_or(self.nodes.len());
        if node == self.nodes.len() {
            self.nodes.push(holder.node.clone());
        }
        let (awake, volid, taken) = match &holder.state {
            GuestState::Running => (Awake::Running, None, None),
            GuestState::Stopped => (Awake::Stopped, None, None),
            GuestState::Template => (Awake::Template, None, None),
            GuestState::Backup { volid, taken } => (Awake::Backup, Some(volid.as_str().into()), *taken),
        };
        let id = HolderId(number(self.rows.len()));
        self.rows.push(Row {
            cluster,
            node: number(node),
            vmid: holder.vmid,
            kind: holder.kind,
            awake,
            is_golden: holder.ancestry.is_golden,
            tenant: holder.tenant.as_deref().map(|text| names.keep(text)),
            golden: holder.ancestry.golden.as_deref().map(|text| names.keep(text)),
            cloned_from: holder.ancestry.cloned_from,
            restored_from: holder.ancestry.restored_from.as_deref().map(|text| names.keep(text)),
            volid,
            taken,
            born: holder.born,
            name_end: self.labels.len(),
            nics_end: self.nics.len(),
            looked: 0,
            unread: 0,
        });
        id
    }

    /// How many holders there are.
    pub(super) fn len(&self) -> usize {
        self.rows.len()
    }

    pub(super) fn ids(&self) -> impl Iterator<Item = HolderId> + use<> {
        (0..number(self.rows.len())).map(HolderId)
    }

    fn row(&self, id: HolderId) -> &Row {
        &self.rows[id.0 as usize]
    }

    fn before(&self, id: HolderId) -> Option<&Row> {
        self.rows.get((id.0 as usize).checked_sub(1)?)
    }

    pub(super) fn name(&self, id: HolderId) -> &str {
        let start = self.before(id).map_or(0, |row| row.name_end);
        &self.labels[start..self.row(id).name_end]
    }

    /// Its NICs: number and segment.
    pub(super) fn nics(&self, id: HolderId) -> &[(u8, Wire)] {
        let start = self.before(id).map_or(0, |row| row.nics_end);
        &self.nics[start..self.row(id).nics_end]
    }

    pub(super) fn text(&self, name: Name) -> &str {
        self.names.text(name)
    }

    pub(super) fn cluster(&self, id: HolderId) -> Option<Name> {
        self.row(id).cluster
    }

    pub(super) fn tenant(&self, id: HolderId) -> Option<Name> {
        self.row(id).tenant
    }

    pub(super) fn golden(&self, id: HolderId) -> Option<Name> {
        self.row(id).golden
    }

    pub(super) fn is_golden(&self, id: HolderId) -> bool {
        self.row(id).is_golden
    }

    pub(super) fn cloned_from(&self, id: HolderId) -> Option<Vmid> {
        self.row(id).cloned_from
    }

    pub(super) fn restored_from(&self, id: HolderId) -> Option<&str> {
        self.row(id).restored_from.map(|name| self.text(name))
    }

    pub(super) fn vmid(&self, id: HolderId) -> Vmid {
        self.row(id).vmid
    }

    pub(super) fn awake(&self, id: HolderId) -> Awake {
        self.row(id).awake
    }

    pub(super) fn born(&self, id: HolderId) -> Option<i64> {
        self.row(id).born
    }

    pub(super) fn volid(&self, id: HolderId) -> Option<&str> {
        self.row(id).volid.as_deref()
    }

    /// Whether two holders are one guest: itself, listed twice while it migrates, or beside a backup of it.
    ///
    /// A number is used again: a backup from before a guest was made is somebody else's.
    pub(super) fn is_same_guest(&self, one: HolderId, other: HolderId) -> bool {
        let (one, other) = (self.row(one), self.row(other));
        let older = |backup: &Row, guest: &Row| matches!((backup.taken, guest.born), (Some(t), Some(b)) if t < b);
        let numbered = (one.cluster, one.vmid, one.kind) == (other.cluster, other.vmid, other.kind);
        numbered && !older(one, other) && !older(other, one)
    }

    /// Notes that an area was looked at.
    pub(super) fn looked(&mut self, id: HolderId, area: Area) {
        self.rows[id.0 as usize].looked |= area.bit();
    }

    /// Notes that an area, or something in it, could not be looked at.
    pub(super) fn missed(&mut self, id: HolderId, area: Area) {
        self.rows[id.0 as usize].unread |= area.bit();
    }

    pub(super) fn was_looked_at(&self, id: HolderId, area: Area) -> bool {
        self.row(id).looked & area.bit() != 0
    }

    pub(super) fn was_missed(&self, id: HolderId, area: Area) -> bool {
        self.row(id).unread & area.bit() != 0
    }

    /// The areas that belong to a whole look: a virtual machine's tree is nobody's business, and only what runs has
    /// addresses.
    pub(super) fn needed(&self, id: HolderId) -> &'static [Area] {
        let row = self.row(id);
        match (row.kind, row.awake) {
            (GuestKind::Qemu, _) => &[Area::Configuration],
            (GuestKind::Lxc, Awake::Running) => &Area::ALL,
            (GuestKind::Lxc, _) => &[Area::Configuration, Area::Tree],
        }
    }

    /// The holder as a finding names it.
    pub(super) fn guest(&self, id: HolderId) -> GuestRef {
        let row = self.row(id);
        let state = match row.awake {
            Awake::Running => GuestState::Running,
            Awake::Stopped => GuestState::Stopped,
            Awake::Template => GuestState::Template,
            Awake::Backup => {
                GuestState::Backup { volid: row.volid.as_deref().unwrap_or_default().to_owned(), taken: row.taken }
            }
        };
        GuestRef {
            cluster: row.cluster.map(|name| self.text(name).to_owned()),
            vmid: row.vmid,
            node: self.nodes[row.node as usize].clone(),
            name: self.name(id).to_owned(),
            state,
            tenant: row.tenant.map(|name| self.text(name).to_owned()),
            sources: Vec::new(),
        }
    }
}
