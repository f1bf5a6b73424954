//! What was seen → report. What could not be looked at stands in it, so that nobody takes silence for cleanness.

use jiff::Timestamp;
use spec::audit::{Judge, Policy};
use spec::identity::Catalog;
use spec::report::{AuditFinding, AuditReport, Class};

use super::collect::Looked;
use super::goldens::Goldens;
use crate::golden::ShelfError;
use crate::node::failure::chain;

/// Judges the fleet, with what the goldens' folders did not tell.
pub fn report(guests: &[Looked], goldens: &Goldens, now: Timestamp) -> AuditReport {
    let policy = Policy { now: Some(now.as_second()), ..Policy::default() };
    let mut judge = Judge::new(Catalog::builtin(), &goldens.forbidden, policy);
    for looked in guests {
        let id = judge.holder(&looked.holder);
        for area in &looked.areas {
            judge.looked(id, *area);
        }
        for sighting in &looked.sightings {
            judge.sighting(id, sighting);
        }
        for (item, why) in &looked.malformed {
            judge.malformed(id, item, why);
        }
        for unread in &looked.unread {
            judge.unread(id, unread.clone());
        }
    }
    let mut report = judge.finish();
    for finding in goldens.unread.iter().map(unverified) {
        report.add(finding);
    }
    report
}

/// A leak of that golden's values would not be noticed.
fn unverified(unread: &ShelfError) -> AuditFinding {
    let value = match unread {
        ShelfError::Unreadable { path, .. } | ShelfError::NoManifest { path, .. } => path.display().to_string(),
        ShelfError::NotFound { golden, .. } => golden.to_string(),
    };
    let why = format!("{}: a value leaked by its golden would not be noticed", chain(unread));
    AuditFinding::new(Class::Unverified, "goldens.manifests", &value, why)
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;
    use std::path::PathBuf;

    use spec::audit::{Ancestry, Area, GuestKind, GuestState, Holder, Sighting, Source};
    use spec::exit::Exit;
    use spec::identity::{ForbiddenSet, Identity, IdentityKind};

    use super::*;
    use crate::audit::render::render;
    use crate::golden::shelf;

    fn guest(vmid: &str, mac: &str) -> Looked {
        let holder = Holder {
            cluster: None,
            vmid: vmid.parse().unwrap(),
            node: "pve".parse().unwrap(),
            kind: GuestKind::Lxc,
            name: format!("web-{vmid}"),
            state: GuestState::Running,
            tenant: None,
            nics: Vec::new(),
            ancestry: Ancestry::default(),
            born: None,
        };
        let sightings = vec![Sighting::new(Identity::new(IdentityKind::Mac, mac), Source::Config)];
        Looked { holder, areas: Area::ALL.to_vec(), sightings, malformed: Vec::new(), unread: Vec::new() }
    }

    fn report(guests: &[Looked], goldens: &Goldens) -> AuditReport {
        super::report(guests, goldens, "2026-11-21T12:00:00Z".parse().unwrap())
    }

    fn fleet() -> [Looked; 2] {
        [guest("101", "BC:24:11:00:00:01"), guest("102", "BC:24:11:00:00:02")]
    }

    #[test]
    fn a_clean_fleet_with_guests_exits_0() {
        let report = report(&fleet(), &Goldens::default());
        assert_eq!(report.exit(), Exit::Done);
        let text = render(&report);
        assert!(text.starts_with("2 guests: 0 collision") && text.contains("0 unverified"), "{text}");
        assert_eq!(text.lines().count(), 1, "no table without findings: {text}");
    }

    #[test]
    fn a_folder_that_cannot_be_read_is_unverified_and_named() {
        let folder = PathBuf::from("/nonexistent/manifests");
        let goldens = Goldens { unread: shelf::survey(&[folder]).unread, ..Goldens::default() };
        let report = report(&fleet(), &goldens);
        assert_eq!(report.exit(), Exit::Unverified);
        assert_eq!(report.counts[&Class::Unverified], 1);
        assert!(render(&report).contains("/nonexistent/manifests"), "{}", render(&report));
    }

    #[test]
    fn a_collision_outweighs_what_could_not_be_read() {
        let twins = [guest("101", "BC:24:11:00:00:01"), guest("102", "BC:24:11:00:00:01")];
        let goldens = Goldens { unread: shelf::survey(&[PathBuf::from("/nonexistent")]).unread, ..Goldens::default() };
        let report = report(&twins, &goldens);
        assert_eq!(report.exit(), Exit::Collisions);
        let text = render(&report);
        assert!(text.contains("101 (web-101)") && text.contains("102 (web-102)"), "{text}");
    }

    #[test]
    fn a_goldens_value_is_a_leak() {
        let identities = BTreeSet::from([Identity::new(IdentityKind::Mac, "BC:24:11:00:00:01")]);
        let forbidden = vec![ForbiddenSet { golden: "debian13 1".to_owned(), identities }];
        assert_eq!(report(&fleet(), &Goldens { forbidden, unread: Vec::new() }).exit(), Exit::Collisions);
    }
}
