//! The identity catalog: the one table of what an image must not carry and what a guest must have of its own.
//!
//! One row is one [`Item`]; a new row is one entry in one of the family files below, and strip, renew, observe, judge
//! and the printed page pick it up. The rows' numbers are those of the survey the table was drawn from.

mod containers;
mod core;
mod hypervisor;
mod logs;
mod network;
mod page;
mod provisioning;
mod ssh;
mod tls;

pub use page::page;

/// The table's version: raised when a row changes what a golden may carry. Manifests and reports name it.
pub const VERSION: u32 = 1;

/// An item's id: stable, lower case, used in recipes (`keep`), manifests and reports.
pub type ItemId = &'static str;

/// One row of the table.
#[derive(Debug)]
pub struct Item {
    /// Stable id (`ssh-host-keys`).
    pub id: ItemId,
    /// What it is, in a few words.
    pub title: &'static str,
    /// Where it lives: absolute globs; `*` matches inside one component, a final `**` a whole tree below it.
    pub places: &'static [&'static str],
    /// What goes wrong when two guests share it.
    pub harm: Harm,
    /// What it collides with or leaks, for the reader of a finding.
    pub because: &'static str,
    /// 1 (credential, takeover) to 4 (cosmetic).
    pub severity: u8,
    /// What may be left of it in a golden.
    pub in_image: ImageRule,
    /// What a guest must have of it.
    pub in_guest: GuestRule,
    /// Whether its value must differ between any two guests.
    pub unique: bool,
    /// How a place is reduced to something comparable.
    pub reading: Reading,
    /// Who brings it back in a guest.
    pub renewed_by: Renewer,
    /// Rows of the survey behind this entry.
    pub rows: &'static [u16],
}

/// What goes wrong when an item travels.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Harm {
    /// Two guests hold one value.
    Collides,
    /// A secret or a trace of the builder reaches customers.
    Leaks,
    /// Something in the guest stops working or stays undone.
    Breaks,
    /// Weight without use.
    Bloats,
}

/// What may be left of an item in a golden; strip makes it so, the judge checks it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum ImageRule {
    /// Nothing at any of the places.
    Absent,
    /// The file is there and holds nothing. For the machine-id the recipe may choose `uninitialized` instead.
    Empty,
    /// Nothing, or a symbolic link to this target.
    AbsentOrLink(&'static str),
    /// Directories stay with owner and mode, files below them go.
    DirectoriesOnly,
    /// Content is changed in a known way.
    Rewritten(Rewrite),
    /// Strip does not touch it: a golden that holds it is refused, since only its owner knows how to end it.
    Forbidden,
    /// The archive carries it in its `pct.conf`: the manifest records it as a value that no guest may have.
    Recorded,
}

/// What a golden's `/etc/machine-id` holds (DESIGN decision 5).
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, serde::Serialize, serde::Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum MachineIdState {
    /// Nothing: systemd draws an id but sees no first boot.
    #[default]
    Empty,
    /// The word `uninitialized`: systemd draws an id and sees a first boot.
    Uninitialized,
}

/// A change of content that strip makes and knows how to verify.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Rewrite {
    /// `/etc/hosts`: lines that name the build guest go, Proxmox's block too.
    HostsResidue,
    /// `/etc/shadow`: usable password hashes become `*`.
    PasswordsLocked,
}

/// What a guest must have of an item once it runs.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum GuestRule {
    /// It must be there and valid.
    Present,
    /// It may come back by itself, or not.
    MayExist,
    /// It must not come back.
    Absent,
}

/// How a place is reduced to an observation.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Reading {
    /// The machine-id's grammar.
    MachineId,
    /// D-Bus's own copy: a link, or an id of its own.
    DbusMachineId,
    /// SSH host keys: the public half's type and fingerprint.
    SshHostKey,
    /// One line of text that is a hostname.
    Hostname,
    /// One line of text that is Docker's engine id.
    DockerEngineId,
    /// SHA-256 of the content.
    ContentDigest,
    /// There or not, and how many bytes.
    Presence,
    /// `/etc/shadow`: how many accounts have a usable password hash.
    PasswordHashes,
    /// `/etc/hosts`: lines outside the loopback defaults that name this guest or Proxmox's block.
    HostsResidue,
    /// Read from the guest's configuration on the node, not from its tree.
    Configuration,
}

/// Who brings an item back.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Renewer {
    /// systemd, at boot.
    Systemd,
    /// The baked first-boot unit.
    Firstboot,
    /// The program that owns it, at its next start.
    Owner(&'static str),
    /// Proxmox, at every start.
    Proxmox,
    /// The agent, through Proxmox's API.
    Agent,
    /// Nobody: it stays away.
    Nobody,
}

/// All items, parents before what derives from them.
pub fn catalog() -> impl Iterator<Item = &'static Item> {
    [
        core::ITEMS,
        ssh::ITEMS,
        network::ITEMS,
        provisioning::ITEMS,
        logs::ITEMS,
        tls::ITEMS,
        containers::ITEMS,
        hypervisor::ITEMS,
    ]
    .into_iter()
    .flatten()
}

/// The item with this id.
pub fn item(id: &str) -> Option<&'static Item> {
    catalog().find(|item| item.id == id)
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;

    use super::*;

    #[test]
    fn ids_are_unique_and_rows_are_complete() {
        let mut seen = BTreeSet::new();
        for item in catalog() {
            assert!(seen.insert(item.id), "{} stands twice", item.id);
            assert!(item.id.bytes().all(|b| b.is_ascii_lowercase() || b.is_ascii_digit() || b == b'-'), "{}", item.id);
            assert!(!item.places.is_empty() && !item.because.is_empty() && !item.rows.is_empty(), "{}", item.id);
            assert!((1..=4).contains(&item.severity), "{}", item.id);
        }
    }

    #[test]
    fn places_are_absolute_and_trees_end_the_glob() {
        for item in catalog().filter(|item| item.reading != Reading::Configuration) {
            for place in item.places {
                assert!(place.starts_with('/') && !place.contains("/../"), "{}: {place}", item.id);
                let inner = place.strip_suffix("/**").unwrap_or(place);
                assert!(!inner.contains("**"), "{}: {place}", item.id);
            }
        }
    }

    #[test]
    fn s4_36_every_unique_item_has_an_owner_who_renews_it() {
        for item in catalog().filter(|item| item.unique) {
            assert_ne!(item.renewed_by, Renewer::Nobody, "{} must differ but nobody renews it", item.id);
            assert_ne!(item.reading, Reading::Presence, "{} must differ but has no comparable value", item.id);
        }
    }
}
