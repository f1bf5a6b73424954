//! Faults as values: what is met, when, how often, and what happens.

use serde::{Deserialize, Serialize};

use super::pattern::Pattern;

/// Something that goes wrong.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Fault {
    /// A request, or its answer.
    Request(RequestFault),
    /// A task.
    Task(TaskFault),
    /// This storage has no room for another volume.
    Full(String),
    /// This node cannot be reached by the one that answers.
    Lost(String),
}

/// What happens to requests.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct RequestFault {
    /// Which requests: `PUT /nodes/*/lxc/9101/config`.
    pub to: Pattern,
    /// Only those of this token.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub token: Option<String>,
    /// Whether the request still takes effect.
    #[serde(default)]
    pub when: When,
    /// How many of them; all of them where it is left out.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub times: Option<u32>,
    /// What happens.
    #[serde(rename = "do")]
    pub act: Do,
}

/// On which side of its effect a request is met.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum When {
    /// The node has done nothing yet, and where the fault ends the request it never will.
    Before,
    /// The node has done all of it, and only the answer suffers.
    #[default]
    After,
}

/// What happens to a request.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Do {
    /// It waits so many milliseconds.
    Delay(u64),
    /// It waits until the fault is lifted.
    Hold,
    /// The connection ends without an answer.
    Drop,
    /// The connection ends in the middle of the answer's body.
    Cut,
    /// The answer is 200 with a page of somebody else.
    Garbage,
    /// The answer is this one: 596 with the proxy's words, 500 with a text of Proxmox.
    Answer {
        /// The HTTP status.
        status: u16,
        /// The reason phrase, and the message where such an answer has one.
        text: String,
    },
    /// The token is no longer known.
    Expire,
    /// The first answer is given again and again, whatever happens meanwhile.
    Freeze,
}

/// What happens to tasks.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct TaskFault {
    /// Of this type: `vzrestore`.
    #[serde(rename = "type")]
    pub kind: String,
    /// Only of this id, as it stands in the UPID: a VMID.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub id: Option<String>,
    /// At which point of its work.
    #[serde(default)]
    pub at: At,
    /// How many of them; all of them where it is left out.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub times: Option<u32>,
    /// What happens.
    #[serde(rename = "do")]
    pub act: Strike,
}

/// A point of a task's work.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum At {
    /// Before anything is done.
    #[default]
    Start,
    /// Just after it logged a line that contains this text.
    Line(String),
    /// After everything is done, before its last word is written.
    End,
}

/// What happens to a task.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Strike {
    /// It waits until the fault is lifted.
    Hold,
    /// It fails with this text: the next program that it would start ends so.
    Fail(String),
    /// SIGKILL, to the worker and all that it started.
    Kill,
}

impl Fault {
    /// How often it strikes; without end where none.
    pub fn times(&self) -> Option<u32> {
        match self {
            Self::Request(fault) => fault.times,
            Self::Task(fault) => fault.times,
            Self::Full(_) | Self::Lost(_) => None,
        }
    }

    /// Whether lifting it lets somebody go on.
    pub fn holds(&self) -> bool {
        match self {
            Self::Request(fault) => fault.act == Do::Hold,
            Self::Task(fault) => fault.act == Strike::Hold,
            Self::Full(_) | Self::Lost(_) => false,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn faults_are_written_as_the_guide_shows_them() {
        for text in [
            r#"{"request":{"to":"PUT /nodes/*/lxc/9101/config","when":"before","times":1,"do":"drop"}}"#,
            r#"{"request":{"to":"GET /version","token":"prov@pve!agent","when":"after","do":{"delay":500}}}"#,
            r#"{"request":{"to":"POST /**","when":"after","do":{"answer":{"status":596,"text":"Broken pipe"}}}}"#,
            r#"{"task":{"type":"vzrestore","id":"9101","at":"start","do":"hold"}}"#,
            r#"{"task":{"type":"vzdump","at":{"line":"archive file size"},"do":{"fail":"no space"}}}"#,
            r#"{"full":"local"}"#,
            r#"{"lost":"pve2"}"#,
        ] {
            let fault: Fault = serde_json::from_str(text).unwrap();
            assert_eq!(serde_json::to_string(&fault).unwrap(), text);
        }
    }

    #[test]
    fn a_misspelt_fault_is_refused() {
        for text in [
            r#"{"request":{"to":"PUT /x","tiems":1,"do":"drop"}}"#,
            r#"{"request":{"to":"PUT x","do":"drop"}}"#,
            r#"{"task":{"type":"vzdump","do":"explode"}}"#,
            r#"{"task":{"type":"vzdump"}}"#,
            r#"{"storage":"local"}"#,
        ] {
            assert!(serde_json::from_str::<Fault>(text).is_err(), "{text}");
        }
    }
}
