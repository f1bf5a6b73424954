//! Findings that somebody answers for: two nodes of a cluster with one address, a twin for disasters.
//!
//! ```toml
//! [[accept]]
//! kind = "ip"                  # of the finding; or `finding = "ID"`
//! value = "10.0.0.5"           # as the report shows it; left out: any
//! guests = ["101", "102"]      # these and no others; `CLUSTER/101` where several are looked at
//! owner = "ops@example.org"
//! until = "2027-06-30"
//! why = "keepalived moves the address between them"
//! ```

use std::collections::BTreeSet;

use jiff::Timestamp;
use jiff::civil::Date;
use jiff::tz::TimeZone;
use serde::Deserialize;

use crate::report::{Acceptance, AuditFinding, AuditReport, Class};

/// Exceptions that are accepted, each by somebody, for a time.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Exceptions(Vec<Exception>);

#[derive(Debug, Clone, PartialEq, Eq)]
struct Exception {
    place: usize,
    finding: Option<String>,
    kind: Option<String>,
    value: Option<String>,
    guests: BTreeSet<String>,
    acceptance: Acceptance,
}

/// Why a file of exceptions is none.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum ExceptionsError {
    /// It is not of the form.
    #[error("not a file of exceptions: {0}")]
    Form(Box<toml::de::Error>),
    /// It would accept everything.
    #[error("accept {place}: name what is accepted: `finding`, or `kind` with `guests`")]
    TooWide {
        /// Which entry, from 1.
        place: usize,
    },
    /// A field says nothing.
    #[error("accept {place}: {field} is empty: say who answers for it, and why")]
    Empty {
        /// Which entry, from 1.
        place: usize,
        /// The field.
        field: &'static str,
    },
    /// It is no day.
    #[error("accept {place}: until = {value:?} is no day: write YYYY-MM-DD")]
    NoDay {
        /// Which entry, from 1.
        place: usize,
        /// What stands there.
        value: String,
    },
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Written {
    #[serde(default)]
    accept: Vec<Entry>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Entry {
    finding: Option<String>,
    kind: Option<String>,
    value: Option<String>,
    #[serde(default)]
    guests: BTreeSet<String>,
    owner: String,
    until: String,
    why: String,
}

impl Exceptions {
    /// Reads a file of them.
    ///
    /// # Errors
    /// [`ExceptionsError`], with the entry and the field.
    pub fn parse(text: &str) -> Result<Self, ExceptionsError> {
        let written: Written = toml::from_str(text).map_err(|error| ExceptionsError::Form(Box::new(error)))?;
        (1..).zip(written.accept).map(|(place, entry)| Exception::of(place, entry)).collect::<Result<_, _>>().map(Self)
    }

    /// Marks the findings that somebody answers for, and counts anew. An exception that has expired is told with its
    /// finding, which counts; one that meets nothing is told too.
    ///
    /// What could not be looked at cannot be accepted: nobody knows what is there.
    pub fn apply(&self, report: &mut AuditReport, now: Timestamp) {
        let mut met = BTreeSet::new();
        for finding in &mut report.findings {
            let meant: Vec<&Exception> = self.0.iter().filter(|exception| exception.is_met(finding)).collect();
            met.extend(meant.iter().map(|exception| exception.place));
            let (valid, over): (Vec<&Exception>, Vec<&Exception>) =
                meant.into_iter().partition(|exception| exception.acceptance.until > now);
            finding.accepted = valid.first().map(|exception| exception.acceptance.clone());
            let expired = over.first().filter(|_| valid.is_empty());
            finding.expired = expired.map(|exception| exception.acceptance.clone());
        }
        let unused = self.0.iter().filter(|exception| !met.contains(&exception.place));
        report.unused_exceptions = unused.map(Exception::in_words).collect();
        report.count();
    }
}

impl Exception {
    fn of(place: usize, entry: Entry) -> Result<Self, ExceptionsError> {
        let Entry { finding, kind, value, guests, owner, until, why } = entry;
        for (field, text) in [("owner", &owner), ("why", &why)] {
            if text.trim().is_empty() {
                return Err(ExceptionsError::Empty { place, field });
            }
        }
        if finding.is_none() && (kind.is_none() || guests.is_empty()) {
            return Err(ExceptionsError::TooWide { place });
        }
        // The day itself is still covered, wherever it ends last.
        let day: Option<Date> = until.parse().ok();
        let end = day.and_then(|day| day.tomorrow().ok()?.to_zoned(TimeZone::UTC).ok());
        let until = end.ok_or(ExceptionsError::NoDay { place, value: until })?.timestamp();
        Ok(Self { place, finding, kind, value, guests, acceptance: Acceptance { owner, until, why } })
    }

    fn is_met(&self, finding: &AuditFinding) -> bool {
        let fits = |wanted: &Option<String>, is: &str| wanted.as_ref().is_none_or(|wanted| wanted == is);
        let known = || finding.guests.iter().all(|guest| self.guests.contains(&guest.key()));
        finding.class != Class::Unverified
            && fits(&self.finding, &finding.id)
            && fits(&self.kind, &finding.kind)
            && fits(&self.value, &finding.value)
            && (self.guests.is_empty() || known())
    }

    fn in_words(&self) -> String {
        let Self { place, finding, kind, value, acceptance, .. } = self;
        let what = [finding, kind, value].into_iter().flatten().map(String::as_str).collect::<Vec<_>>().join(" ");
        format!("accept {place} ({what}, {}) meets no finding", acceptance.owner)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::audit::GuestState;
    use crate::exit::Exit;
    use crate::report::{Coverage, GuestRef};

    const FILE: &str = "[[accept]]\nkind = \"ip\"\nvalue = \"10.0.0.5\"\nguests = [\"101\", \"102\"]\nowner = \"ops\"\nuntil = \"2027-06-30\"\nwhy = \"VIP\"\n";

    fn report(class: Class, guests: &[u32]) -> AuditReport {
        let guest = |vmid: &u32| GuestRef {
            cluster: None,
            vmid: (*vmid).try_into().unwrap(),
            node: "a".parse().unwrap(),
            name: "g".into(),
            state: GuestState::Running,
            tenant: None,
            sources: Vec::new(),
        };
        let guests: Vec<GuestRef> = guests.iter().map(guest).collect();
        let finding = AuditFinding { guests, ..AuditFinding::new(class, "ip", "10.0.0.5", "w".into()) };
        AuditReport::new(None, Coverage { whole: 2, ..Coverage::default() }, vec![finding])
    }

    fn applied(class: Class, guests: &[u32], now: &str) -> AuditReport {
        let mut report = report(class, guests);
        Exceptions::parse(FILE).unwrap().apply(&mut report, now.parse().unwrap());
        report
    }

    #[test]
    fn what_somebody_answers_for_does_not_count_until_its_day_has_passed() {
        let report = applied(Class::Collision, &[101, 102], "2027-06-30T23:00:00Z");
        assert_eq!((report.exit(), report.accepted, report.counts[&Class::Collision]), (Exit::Done, 1, 0));
        let report = applied(Class::Collision, &[101, 102], "2027-07-01T00:00:00Z");
        assert_eq!((report.exit(), report.accepted), (Exit::Collisions, 0));
        assert_eq!(report.findings[0].expired.as_ref().unwrap().owner, "ops");
    }

    #[test]
    fn another_guest_with_the_value_is_not_covered() {
        let report = applied(Class::Collision, &[101, 102, 103], "2027-01-01T00:00:00Z");
        assert_eq!(report.exit(), Exit::Collisions);
        assert_eq!(report.unused_exceptions, ["accept 1 (ip 10.0.0.5, ops) meets no finding"]);
    }

    #[test]
    fn what_was_not_seen_cannot_be_accepted() {
        assert_eq!(applied(Class::Unverified, &[101], "2027-01-01T00:00:00Z").exit(), Exit::Unverified);
    }

    #[test]
    fn bad_files_are_refused_by_entry_and_field() {
        let cases = [
            (FILE.replace("kind = \"ip\"\n", ""), "accept 1: name what is accepted"),
            (FILE.replace("guests = [\"101\", \"102\"]\n", ""), "accept 1: name what is accepted"),
            (FILE.replace("\"VIP\"", "\" \""), "accept 1: why is empty"),
            (FILE.replace("2027-06-30", "soon"), "until = \"soon\" is no day"),
            (FILE.replace("owner", "boss"), "unknown field `boss`"),
        ];
        for (text, expected) in cases {
            let error = Exceptions::parse(&text).unwrap_err().to_string();
            assert!(error.contains(expected), "{error}");
        }
        assert_eq!(Exceptions::parse("").unwrap(), Exceptions::default());
    }
}
