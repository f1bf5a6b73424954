//! Questions.

use serde::{Deserialize, Serialize};
use spec::ids::Vmid;

use super::content::Content;

/// The most bytes of a request line; a longer one is refused. It holds the largest delivery as base64.
pub const REQUEST_CAP: u64 = 512 * 1024;

/// A question. A verb that does not exist here is refused: there is no way from the socket to a program or a path.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "verb", rename_all = "kebab-case", deny_unknown_fields)]
pub enum Request {
    /// Which identities does this guest hold?
    Observe {
        /// The guest.
        vmid: Vmid,
    },
    /// Make identities of this guest anew.
    Renew {
        /// The guest.
        vmid: Vmid,
        /// Ids of the identity catalog.
        items: Vec<String>,
    },
    /// Put files into a place of this guest, which then holds these of its names and no others: no file at all
    /// withdraws what was delivered before.
    Deliver {
        /// The guest.
        vmid: Vmid,
        /// Where.
        place: Place,
        /// What.
        files: Vec<File>,
    },
}

/// Where something may be put; [`crate::deliver`] knows the files of each.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Place {
    /// The customer's secrets, one file of environment variables.
    Secrets,
    /// cloud-init's seed: `user-data`, `meta-data`, `network-config`.
    Nocloud,
    /// What the first boot is to sign.
    Attestation,
    /// Certificates of the SSH host keys.
    HostCertificates,
}

/// A file to be put into a place.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct File {
    /// One of the place's names; a name, never a path.
    pub name: String,
    /// What it will hold.
    pub content: Content,
}

impl Request {
    /// The guest that it is about.
    pub fn vmid(&self) -> Vmid {
        let (Self::Observe { vmid } | Self::Renew { vmid, .. } | Self::Deliver { vmid, .. }) = self;
        *vmid
    }
}

/// Reads the bytes of a request line; the error says what is wrong, for whoever asks.
pub fn request_of(line: &[u8]) -> Result<Request, String> {
    if u64::try_from(line.len()).is_ok_and(|length| length > REQUEST_CAP) {
        return Err(format!("a request has at most {REQUEST_CAP} bytes"));
    }
    let text = std::str::from_utf8(line).map_err(|_| "a request is one line of UTF-8 JSON".to_owned())?;
    read_request(text).map_err(|error| format!("no request: {error}"))
}

/// Reads a request line.
fn read_request(line: &str) -> Result<Request, serde_json::Error> {
    serde_json::from_str(line.trim())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn there_are_three_verbs_and_no_way_to_a_path_or_a_program() {
        let vmid: Vmid = "101".parse().unwrap();
        assert_eq!(read_request("{\"verb\":\"observe\",\"vmid\":101}\n").unwrap(), Request::Observe { vmid });
        let deliver = r#"{"verb":"deliver","vmid":101,"place":"secrets","files":[]}"#;
        let expected = Request::Deliver { vmid, place: Place::Secrets, files: Vec::new() };
        assert_eq!(read_request(deliver).unwrap(), expected);
        for line in [
            "",
            "[]",
            r#"{"verb":"exec","vmid":101}"#,
            r#"{"verb":"observe"}"#,
            r#"{"verb":"observe","vmid":-1}"#,
            r#"{"verb":"observe","vmid":99}"#,
            r#"{"verb":"observe","vmid":"../1"}"#,
            r#"{"verb":"observe","vmid":101,"path":"/etc/shadow"}"#,
            r#"{"verb":"deliver","vmid":101,"place":"/etc","files":[]}"#,
            r#"{"verb":"deliver","vmid":101,"place":"secrets"}"#,
            r#"{"verb":"deliver","vmid":101,"place":"secrets","files":[{"name":"a","content":"","mode":511}]}"#,
            r#"{"verb":"renew","vmid":101}"#,
        ] {
            assert!(read_request(line).is_err(), "{line}");
        }
    }
}
