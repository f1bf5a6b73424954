//! A fleet judged, and its report in the form of a truth.

use spec::audit::{Judge, Policy};
use spec::identity::Catalog;
use spec::report::{AuditReport, Class, Descent, GuestRef};

use crate::clean::NOW;
use crate::fleet::{Fleet, Truth};

/// Judges a fleet while it is made. Every second seed goes through it backwards: the order must not matter.
pub fn judge(fleet: &Fleet) -> AuditReport {
    let goldens = fleet.goldens();
    let policy = Policy { now: Some(NOW), ..Policy::default() };
    let mut judge = Judge::new(Catalog::builtin(), &goldens, policy);
    let backwards = fleet.seed % 2 == 1;
    for place in 0..fleet.size() {
        let place = if backwards { fleet.size() - 1 - place } else { place };
        for made in fleet.at(place) {
            let id = judge.holder(&made.holder);
            for area in made.areas {
                judge.looked(id, area);
            }
            for sighting in &made.sightings {
                judge.sighting(id, sighting);
            }
            for unread in made.unread {
                judge.unread(id, unread);
            }
        }
    }
    judge.finish()
}

/// What a report found, to be held against [`Fleet::truth`].
pub fn found(report: &AuditReport) -> Truth {
    let mut found = Truth::new();
    for finding in &report.findings {
        let mut guests: Vec<String> = finding.guests.iter().map(GuestRef::key).collect();
        guests.sort_unstable();
        let origin = match finding.origin.as_ref().map(|origin| &origin.from) {
            None => "-",
            Some(Descent::Golden { .. }) => "golden",
            Some(Descent::Clone { .. }) => "clone",
            Some(Descent::Backup { .. }) => "backup",
            Some(Descent::Unknown) => "unknown",
        };
        let group = match finding.class {
            Class::Unverified => finding.why.clone(),
            _ => format!("{origin} {}", guests.join(" ")),
        };
        found.entry((finding.class, finding.kind.clone(), group)).or_default().extend(guests);
    }
    found
}
