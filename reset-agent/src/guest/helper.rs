//! The helper on the node: reads a guest's tree, running or stopped, and answers in public halves and digests only.

use std::io;
use std::path::PathBuf;
use std::time::Duration;

use serde::{Deserialize, Serialize};
use spec::identity::Observation;
use spec::ids::Vmid;
use tokio::io::{AsyncBufReadExt, AsyncReadExt, AsyncWriteExt, BufReader};
use tokio::net::UnixStream;

use super::ssh::host_key::PinnedKey;

/// A mount of a large image, an observation and the unmount take seconds; more than this is a fault.
const DEADLINE: Duration = Duration::from_mins(1);
const ANSWER_CAP: u64 = 8 << 20;

/// The helper's socket.
#[derive(Debug, Clone)]
pub struct Helper {
    socket: PathBuf,
}

/// What the helper saw of a guest.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
pub struct GuestTree {
    /// Everything of the catalog that lives in a tree.
    pub observations: Vec<Observation>,
    /// What the first-boot unit says.
    pub firstboot: Firstboot,
    /// The host keys' public halves.
    #[serde(default)]
    pub host_keys: Vec<HostKey>,
}

/// A host key's public half.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
pub struct HostKey {
    /// Type and key, as in a `*.pub` file.
    pub public: String,
}

/// What a guest's first-boot unit says.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
#[serde(tag = "state", rename_all = "kebab-case")]
pub enum Firstboot {
    /// It has never finished in this guest.
    Never,
    /// It finished and left its record.
    Recorded {
        /// Whether the record belongs to the present boot; a stopped guest has none.
        of_this_boot: Option<bool>,
        /// The record.
        record: FirstbootRecord,
    },
    /// Its record could not be read.
    Unreadable {
        /// Why not.
        why: String,
    },
}

/// How the first-boot unit ended.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
pub struct FirstbootRecord {
    /// `done`, `error` or `disabled`.
    pub status: String,
    /// Why.
    #[serde(default)]
    pub why: String,
}

/// Why the helper gave no answer.
#[derive(Debug, thiserror::Error)]
pub enum HelperError {
    /// It cannot be reached.
    #[error("the helper at {socket} cannot be reached: is `mintmark-helper serve` running, and may this user use it?")]
    Unreachable {
        /// Its socket.
        socket: PathBuf,
        /// Why not.
        #[source]
        source: io::Error,
    },
    /// It did not answer in time.
    #[error("the helper at {socket} did not answer within {} s", DEADLINE.as_secs())]
    Silent {
        /// Its socket.
        socket: PathBuf,
    },
    /// It said no.
    #[error("the helper cannot observe guest {vmid}: {why}")]
    Refused {
        /// The guest.
        vmid: Vmid,
        /// Its words.
        why: String,
    },
    /// It said something else.
    #[error("the helper's answer about guest {vmid} is not understood")]
    Unreadable {
        /// The guest.
        vmid: Vmid,
        /// What is wrong.
        #[source]
        source: serde_json::Error,
    },
}

#[derive(Serialize)]
struct Request {
    verb: &'static str,
    vmid: Vmid,
}

#[derive(Deserialize)]
#[serde(untagged)]
enum Answer {
    Refused { error: Refusal },
    Tree(Box<GuestTree>),
}

#[derive(Deserialize)]
struct Refusal {
    message: String,
}

impl Helper {
    /// The helper behind a socket. Nothing is sent yet.
    pub fn at(socket: PathBuf) -> Self {
        Self { socket }
    }

    /// Reads a guest's tree: through its init process while it runs, mounted while it is stopped.
    ///
    /// # Errors
    /// [`HelperError`].
    pub async fn observe(&self, vmid: Vmid) -> Result<GuestTree, HelperError> {
        let line = tokio::time::timeout(DEADLINE, self.ask(vmid)).await;
        let line = line.map_err(|_| HelperError::Silent { socket: self.socket.clone() })?;
        let line = line.map_err(|source| HelperError::Unreachable { socket: self.socket.clone(), source })?;
        read_answer(vmid, &line)
    }

    async fn ask(&self, vmid: Vmid) -> io::Result<String> {
        let mut stream = UnixStream::connect(&self.socket).await?;
        let mut request = serde_json::to_vec(&Request { verb: "observe", vmid })?;
        request.push(b'\n');
        stream.write_all(&request).await?;
        let mut line = String::new();
        BufReader::new(stream.take(ANSWER_CAP)).read_line(&mut line).await?;
        Ok(line)
    }
}

fn read_answer(vmid: Vmid, line: &str) -> Result<GuestTree, HelperError> {
    match serde_json::from_str(line).map_err(|source| HelperError::Unreadable { vmid, source })? {
        Answer::Tree(tree) => Ok(*tree),
        Answer::Refused { error } => Err(HelperError::Refused { vmid, why: error.message }),
    }
}

impl GuestTree {
    /// The host keys to pin. A line that does not parse is left out: the observations call it malformed.
    pub fn pins(&self) -> Vec<PinnedKey> {
        self.host_keys.iter().filter_map(|key| PinnedKey::of_line(&key.public).ok()).collect()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn answers_and_refusals_are_told_apart() {
        let vmid: Vmid = "101".parse().unwrap();
        let line = r#"{"vmid":101,"observations":[],"source":"running","firstboot":{"state":"never"},"later":1}"#;
        assert_eq!(read_answer(vmid, line).unwrap().firstboot, Firstboot::Never);
        let refused = read_answer(vmid, r#"{"error":{"kind":"failed","message":"no such guest"}}"#).unwrap_err();
        assert!(refused.to_string().contains("no such guest"));
        assert!(matches!(read_answer(vmid, ""), Err(HelperError::Unreadable { .. })));
    }
}
