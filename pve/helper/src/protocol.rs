//! What crosses the socket: one line of JSON asks, one line of JSON answers.
//!
//! ```text
//! {"verb":"observe","vmid":101}
//! {"vmid":101,"source":"running","hostname":"acme","observations":[…],"host_keys":[…],"firstboot":{…}}
//! {"error":{"kind":"failed","message":"…"}}
//! ```

use firstboot_unit::boot::BootStatus;
use firstboot_unit::items::ssh_host_keys::HostKey;
use serde::{Deserialize, Serialize};
use spec::identity::Observation;
use spec::ids::Vmid;

/// The most bytes of a request line; a longer one is refused.
pub const REQUEST_CAP: u64 = 4096;

/// A question. A verb that does not exist here is refused: there is no way from the socket to a program or a path.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "verb", rename_all = "kebab-case", deny_unknown_fields)]
pub enum Request {
    /// Which identities does this guest hold?
    Observe {
        /// The guest.
        vmid: Vmid,
    },
}

/// The answer to a question.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(untagged)]
pub enum Answer {
    /// The guest was looked at.
    Observed(Box<Observed>),
    /// It was not.
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

/// Why a question was not answered.
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
    /// The guest could not be looked at.
    Failed,
}

impl Answer {
    /// A refusal.
    pub fn refused(kind: RefusalKind, message: impl Into<String>) -> Self {
        Self::Refused { error: Refusal { kind, message: message.into() } }
    }
}

/// Reads a request line.
pub fn read_request(line: &str) -> Result<Request, serde_json::Error> {
    serde_json::from_str(line.trim())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_only_verb_is_observe() {
        let vmid: Vmid = "101".parse().unwrap();
        assert_eq!(read_request("{\"verb\":\"observe\",\"vmid\":101}\n").unwrap(), Request::Observe { vmid });
        for line in [
            "",
            "[]",
            r#"{"verb":"exec","vmid":101}"#,
            r#"{"verb":"observe"}"#,
            r#"{"verb":"observe","vmid":-1}"#,
            r#"{"verb":"observe","vmid":99}"#,
            r#"{"verb":"observe","vmid":"../1"}"#,
            r#"{"verb":"observe","vmid":101,"path":"/etc/shadow"}"#,
        ] {
            assert!(read_request(line).is_err(), "{line}");
        }
    }

    #[test]
    fn answers_are_told_apart_by_their_fields() {
        let refused = Answer::refused(RefusalKind::Failed, "it does not exist");
        let text = serde_json::to_string(&refused).unwrap();
        assert_eq!(text, r#"{"error":{"kind":"failed","message":"it does not exist"}}"#);
        assert_eq!(serde_json::from_str::<Answer>(&text).unwrap(), refused);
    }
}
