//! Answers.

use firstboot_unit::boot::BootStatus;
use firstboot_unit::items::ssh_host_keys::HostKey;
use firstboot_unit::sleep::Renewal;
use serde::{Deserialize, Serialize};
use spec::attestation::Attestation;
use spec::cloud_init::CloudInit;
use spec::identity::Observation;
use spec::ids::Vmid;

/// The answer to a question.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(untagged)]
pub enum Answer {
    /// The guest was looked at.
    Observed(Box<Observed>),
    /// Files were put into it, or taken out.
    Delivered(Delivered),
    /// Identities of it were made anew, or put to sleep until its next start.
    Renewed(Renewed),
    /// It was not done.
    Refused {
        /// Why not.
        error: Refusal,
    },
}

/// What a guest holds.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Observed {
    /// The guest.
    pub vmid: Vmid,
    /// How its tree was reached.
    pub source: Source,
    /// The name in its `/etc/hostname`.
    pub hostname: Option<String>,
    /// Every catalog item that lives in a tree, at least one observation each.
    pub observations: Vec<Observation>,
    /// Its SSH host keys, public halves only; an unreadable one is an observation.
    pub host_keys: Vec<HostKey>,
    /// What its first-boot unit says.
    pub firstboot: Firstboot,
    /// How cloud-init stands in it, where it runs and has one.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub cloud_init: Option<CloudInit>,
    /// What it signed, where it was asked to.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub attestation: Option<Attestation>,
}

/// What a place of a guest holds now that it did not hold before.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Delivered {
    /// The guest.
    pub vmid: Vmid,
    /// Names that were written.
    pub delivered: Vec<String>,
    /// Names that were there and are no more.
    pub withdrawn: Vec<String>,
}

/// What became of the items that were to be made anew.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Renewed {
    /// The guest.
    pub vmid: Vmid,
    /// How its tree was reached.
    pub source: Source,
    /// One entry for each item that was asked for.
    pub renewed: Vec<Renewal>,
}

/// How a guest's tree was reached.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Source {
    /// Through its init process: what the guest itself sees.
    Running,
    /// Its volumes were mounted for the moment.
    Stopped,
}

/// What a guest's first-boot unit says.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "state", rename_all = "kebab-case")]
pub enum Firstboot {
    /// It has never finished in this guest.
    Never,
    /// It finished and left its record.
    Recorded {
        /// Whether the record belongs to the present boot; a stopped guest has none.
        of_this_boot: Option<bool>,
        /// The record.
        record: BootStatus,
    },
    /// Its record could not be read.
    Unreadable {
        /// Why not.
        why: String,
    },
}

/// Why nothing was done.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Refusal {
    /// The sort of reason.
    pub kind: RefusalKind,
    /// The reason, for a person.
    pub message: String,
}

/// The sort of reason for a refusal.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum RefusalKind {
    /// The request is no request.
    BadRequest,
    /// The asking user may not ask.
    Forbidden,
    /// It did not finish in time; it may be asked again.
    Busy,
    /// The request would lead out of its place: a link, a device or somebody else's directory stands in the way, or
    /// the name is none of the place's. Nothing was written.
    Escape,
    /// It could not be done.
    Failed,
}

impl Answer {
    /// A refusal.
    pub fn refused(kind: RefusalKind, message: impl Into<String>) -> Self {
        Self::Refused { error: Refusal { kind, message: message.into() } }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use firstboot_unit::sleep::RenewalState;

    #[test]
    fn answers_are_told_apart_by_their_fields() {
        let refused = Answer::refused(RefusalKind::Failed, "it does not exist");
        let text = serde_json::to_string(&refused).unwrap();
        assert_eq!(text, r#"{"error":{"kind":"failed","message":"it does not exist"}}"#);
        assert_eq!(serde_json::from_str::<Answer>(&text).unwrap(), refused);
        let vmid = "101".parse().unwrap();
        let renewed = vec![Renewal { item: "ssh-host-keys".into(), state: RenewalState::Asleep }];
        for answer in [
            Answer::Delivered(Delivered { vmid, delivered: vec!["user-data".into()], withdrawn: Vec::new() }),
            Answer::Renewed(Renewed { vmid, source: Source::Stopped, renewed }),
        ] {
            let text = serde_json::to_string(&answer).unwrap();
            assert_eq!(serde_json::from_str::<Answer>(&text).unwrap(), answer, "{text}");
        }
    }
}
