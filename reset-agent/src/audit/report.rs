//! Facts → report. What could not be looked at stands in it, so that nobody takes silence for cleanness.

use spec::identity::{GuestFacts, judge_fleet};
use spec::report::{AuditFinding, AuditReport, Class};

use super::goldens::Goldens;
use crate::golden::ShelfError;
use crate::node::failure::chain;

/// Judges the fleet, with what the goldens' folders did not tell.
pub fn report(guests: &[GuestFacts], goldens: &Goldens) -> AuditReport {
    let mut report = judge_fleet(guests, &goldens.forbidden);
    goldens.unread.iter().map(unverified).for_each(|finding| report.add(finding));
    report
}

/// A leak of that golden's values would not be noticed.
fn unverified(unread: &ShelfError) -> AuditFinding {
    let value = match unread {
        ShelfError::Unreadable { path, .. } | ShelfError::NoManifest { path, .. } => path.display().to_string(),
        ShelfError::NotFound { golden, .. } => golden.to_string(),
    };
    AuditFinding {
        class: Class::Unverified,
        kind: "goldens.manifests".to_owned(),
        value,
        guests: Vec::new(),
        golden: None,
        why: format!("{}: a value leaked by its golden would not be noticed", chain(unread)),
    }
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;
    use std::path::PathBuf;

    use spec::exit::Exit;
    use spec::identity::{ForbiddenSet, GuestState, Identity, IdentityKind};

    use super::*;
    use crate::audit::render::render;
    use crate::golden::shelf;

    fn guest(vmid: &str, mac: &str) -> GuestFacts {
        GuestFacts {
            vmid: vmid.parse().unwrap(),
            node: "pve".parse().unwrap(),
            name: format!("web-{vmid}"),
            state: GuestState::Running,
            identities: BTreeSet::from([Identity::new(IdentityKind::Mac, mac)]),
            weak: Vec::new(),
            unread: Vec::new(),
        }
    }

    fn fleet() -> [GuestFacts; 2] {
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
