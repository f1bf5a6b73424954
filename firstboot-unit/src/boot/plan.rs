//! What to do, decided from what was found. Pure.

use spec::identity::catalog::CloneRule;
use spec::identity::{Catalog, ImageRule, Item, Renewer, Rewrite};

use super::facts::{Facts, SeenKey, Snakeoil};
use crate::items::ssh_host_keys::KeyFile;
use crate::marker::{GuestMark, MarkerFound};

/// What a boot will do.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Plan {
    /// Nothing: somebody switched the unit off.
    Disabled,
    /// Nothing can be decided: the guest has no machine-id.
    NoMachineId,
    /// Look after the identity of this guest.
    Work(Work),
}

/// What a boot does to a guest.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Work {
    /// Whom the marker will name.
    pub guest: GuestMark,
    /// Why.
    pub reason: Reason,
    /// Keys to make, replacing what is there.
    pub make: Vec<SeenKey>,
    /// Whole keys whose `.pub` file or mode does not fit, to be mended without a change of the key.
    pub mend: Vec<SeenKey>,
    /// Catalog items to end, so that their owners make new ones.
    pub end: Vec<&'static str>,
    /// Whether to make a new snake-oil key and certificate.
    pub snakeoil: bool,
    /// What else to make that sleeps.
    pub renew: Renewal,
}

/// What of the sleeping identities is made.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Renewal {
    /// Nothing: this guest is known, and what it lacks its owner took away.
    Nothing,
    /// What an earlier boot of this guest could not make.
    Only(Vec<String>),
    /// Whatever sleeps: the guest is new.
    All,
}

/// Why a boot does what it does.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Reason {
    /// No marker and no whole key: a guest from a golden.
    NewGuest,
    /// No marker, but whole keys: the unit is new in a guest that lives.
    Adopted,
    /// The marker fits, and so does everything else.
    SameGuest,
    /// The marker fits, but something is missing or broken.
    Repaired,
    /// The marker names another guest.
    Clone,
}

impl Reason {
    /// The reason as a sentence for the completion record.
    pub const fn in_words(self) -> &'static str {
        match self {
            Self::NewGuest => "a new guest",
            Self::Adopted => "this guest had host keys before it had a marker, and keeps them",
            Self::SameGuest => "nothing to do: the marker names this guest and its host keys are whole",
            Self::Repaired => "the marker names this guest, but something of its identity was missing or broken",
            Self::Clone => "the marker names another guest: this one was copied",
        }
    }
}

/// Decides. An unreadable marker counts as none: whole keys are rather kept than taken from a guest whose users
/// know them.
pub fn decide(facts: Facts) -> Plan {
    if facts.disabled {
        return Plan::Disabled;
    }
    let Some(guest) = facts.machine_id.map(GuestMark::of) else { return Plan::NoMachineId };
    let clone = matches!(&facts.marker, MarkerFound::Read(marker) if marker.guest != guest);
    let fits = matches!(&facts.marker, MarkerFound::Read(marker) if marker.guest == guest);
    let pending = match facts.marker {
        MarkerFound::Read(marker) => marker.pending,
        _ => Vec::new(),
    };
    let (whole, faulty): (Vec<_>, Vec<_>) =
        facts.keys.into_iter().partition(|key| matches!(key.file, KeyFile::Whole { .. }));
    let reason = match (clone, fits) {
        (true, _) => Reason::Clone,
        (_, true) if faulty.is_empty() && pending.is_empty() && facts.snakeoil != Snakeoil::Missing => {
            Reason::SameGuest
        }
        (_, true) => Reason::Repaired,
        _ if whole.is_empty() => Reason::NewGuest,
        _ => Reason::Adopted,
    };
    let (make, mend) = if clone {
        ([whole, faulty].concat(), Vec::new())
    } else {
        (faulty, whole.into_iter().filter(needs_mending).collect())
    };
    let end = if clone { copied_items().map(|item| item.id).collect() } else { Vec::new() };
    let snakeoil = match facts.snakeoil {
        Snakeoil::NotWanted => false,
        Snakeoil::Missing => true,
        Snakeoil::There => clone,
    };
    let renew = match reason {
        Reason::NewGuest | Reason::Clone => Renewal::All,
        Reason::Repaired if !pending.is_empty() => Renewal::Only(pending),
        _ => Renewal::Nothing,
    };
    Plan::Work(Work { guest, reason, make, mend, end, snakeoil, renew })
}

/// Rules of items that are put to sleep for the first-boot unit to wake.
const RENEWED: [ImageRule; 2] = [ImageRule::Absent, ImageRule::Rewritten(Rewrite::Emptied)];
/// Items of the first-boot unit that have ways of their own to be replaced.
pub(crate) const MADE_ELSEWHERE: [&str; 3] = ["ssh-host-keys", "snakeoil-key", "firstboot-record"];

/// Items that must differ between guests and that are made anew once they are gone, by their owners or by this unit.
fn copied_items() -> impl Iterator<Item = &'static Item> {
    Catalog::builtin().looked_at().filter(|item| {
        item.in_clone == CloneRule::End
            && match item.renewed_by {
                Renewer::Owner(_) => item.in_image == ImageRule::Absent,
                Renewer::Firstboot => RENEWED.contains(&item.in_image) && !MADE_ELSEWHERE.contains(&item.id),
                _ => false,
            }
    })
}

fn needs_mending(key: &SeenKey) -> bool {
    matches!(key.file, KeyFile::Whole { published, mode, .. } if !published || mode & 0o077 != 0)
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeMap;

    use super::*;
    use crate::keys::{KeyAlgorithm, KeyFault, sample};
    use crate::marker::Marker;

    const OWN: &str = "0123456789abcdef0123456789abcdef";
    const OTHER: &str = "0123456789abcdef0123456789abcd00";

    fn marker(id: &str) -> MarkerFound {
        MarkerFound::Read(Marker::new(GuestMark::of(id.parse().unwrap()), BTreeMap::new()))
    }

    fn key(file: KeyFile) -> SeenKey {
        SeenKey { path: "/etc/ssh/ssh_host_ed25519_key".into(), algorithm: KeyAlgorithm::Ed25519, file }
    }

    fn whole() -> SeenKey {
        let public = sample::public("ssh-ed25519", 1);
        key(KeyFile::Whole { public, modified: 0, mode: 0o600, published: true })
    }

    fn facts(marker: MarkerFound, keys: Vec<SeenKey>) -> Facts {
        let machine_id = OWN.parse().ok();
        Facts { disabled: false, machine_id, marker, keys, snakeoil: Snakeoil::NotWanted }
    }

    fn work(facts: Facts) -> Work {
        match decide(facts) {
            Plan::Work(work) => work,
            other => panic!("{other:?}"),
        }
    }

    #[test]
    fn a_new_guest_gets_every_key() {
        for file in [KeyFile::Missing, KeyFile::Faulty(KeyFault::Empty), KeyFile::Faulty(KeyFault::NotAKey)] {
            let work = work(facts(MarkerFound::None, vec![key(file.clone())]));
            assert_eq!((work.reason, work.make.len(), work.end.len()), (Reason::NewGuest, 1, 0), "{file:?}");
        }
    }

    #[test]
    fn a_known_guest_keeps_its_keys() {
        let work = work(facts(marker(OWN), vec![whole()]));
        assert_eq!((work.reason, work.make, work.mend, work.end), (Reason::SameGuest, vec![], vec![], vec![]));
    }

    #[test]
    fn a_known_guest_gets_only_what_is_missing() {
        let work = work(facts(marker(OWN), vec![whole(), key(KeyFile::Missing)]));
        assert_eq!(work.reason, Reason::Repaired);
        assert_eq!(work.make, [key(KeyFile::Missing)]);
    }

    #[test]
    fn living_keys_without_a_marker_are_adopted() {
        for found in [MarkerFound::None, MarkerFound::Unreadable] {
            let work = work(facts(found, vec![whole()]));
            assert_eq!((work.reason, work.make), (Reason::Adopted, vec![]));
        }
    }

    #[test]
    fn a_clone_loses_every_copied_identity() {
        let work = work(Facts { snakeoil: Snakeoil::There, ..facts(marker(OTHER), vec![whole()]) });
        assert_eq!((work.reason, work.make), (Reason::Clone, vec![whole()]));
        assert!(work.snakeoil);
        for item in ["docker-engine-id", "dhcp-duid", "random-seed"] {
            assert!(work.end.contains(&item), "{item}");
        }
        assert!(!work.end.contains(&"machine-id") && !work.end.contains(&"hostname"));
    }

    #[test]
    fn switched_off_and_unidentified_guests_are_left_alone() {
        let found = facts(MarkerFound::None, vec![]);
        assert_eq!(decide(Facts { disabled: true, machine_id: None, ..found.clone() }), Plan::Disabled);
        assert_eq!(decide(Facts { machine_id: None, ..found }), Plan::NoMachineId);
    }

    #[test]
    fn a_whole_key_with_open_mode_or_without_public_file_is_mended() {
        for (mode, published) in [(0o644, true), (0o600, false)] {
            let open = key(KeyFile::Whole { public: sample::public("ssh-ed25519", 1), modified: 0, mode, published });
            let work = work(facts(marker(OWN), vec![open.clone()]));
            assert_eq!((work.reason, work.make, work.mend), (Reason::SameGuest, vec![], vec![open]));
        }
    }
}
