//! ssh-agent's protocol, as far as signing goes (draft-ietf-sshm-ssh-agent): two questions, two answers.

use std::io::{self, Read, Write};
use std::os::unix::net::UnixStream;
use std::path::{Path, PathBuf};
use std::time::Duration;

use ssh_key::{HashAlg, PublicKey, Signature};

const REQUEST_IDENTITIES: u8 = 11;
const IDENTITIES_ANSWER: u8 = 12;
const SIGN_REQUEST: u8 = 13;
const SIGN_RESPONSE: u8 = 14;

/// No answer that is meant here is longer.
const LONGEST: u32 = 256 << 10;

/// A person may have to touch a token or to confirm.
const PATIENCE: Duration = Duration::from_mins(1);

/// Why an agent did not sign.
#[derive(Debug, thiserror::Error)]
pub enum AgentError {
    /// There is none.
    #[error("no ssh-agent: SSH_AUTH_SOCK names none")]
    NoAgent,
    /// It does not answer.
    #[error("the ssh-agent at {socket} does not answer")]
    Socket {
        /// Its socket.
        socket: PathBuf,
        /// Why not.
        #[source]
        source: io::Error,
    },
    /// It holds no such key.
    #[error("the ssh-agent at {socket} holds no key {wanted:?}; it has {held}")]
    NoKey {
        /// Its socket.
        socket: PathBuf,
        /// As asked for.
        wanted: String,
        /// What it holds.
        held: String,
    },
    /// It says no.
    #[error("the ssh-agent refuses to sign, or its key was not confirmed")]
    Refused,
    /// Its answer is of no form that was asked for.
    #[error("the ssh-agent's answer is not understood: {0}")]
    Answer(String),
}

/// A key that an agent holds.
#[derive(Debug)]
pub(super) struct AgentKey {
    socket: PathBuf,
    pub(super) public: PublicKey,
}

impl AgentKey {
    /// Finds the key by its fingerprint or comment.
    pub(super) fn find(socket: &Path, wanted: &str) -> Result<Self, AgentError> {
        let answer = ask(socket, &[REQUEST_IDENTITIES], IDENTITIES_ANSWER)?;
        let keys = identities(&answer).ok_or_else(|| AgentError::Answer("a list of keys with an odd length".into()))?;
        let names = |key: &PublicKey| [key.fingerprint(HashAlg::Sha256).to_string(), key.comment().to_string()];
        let mut fits = keys.iter().filter(|key| names(key).iter().any(|name| name == wanted));
        match (fits.next(), fits.next()) {
            (Some(key), None) => Ok(Self { socket: socket.to_owned(), public: key.clone() }),
            (Some(_), Some(_)) => Err(AgentError::Answer(format!("two keys are called {wanted:?}: use a fingerprint"))),
            (None, _) => {
                let held: Vec<String> = keys.iter().map(|key| names(key).join(" ")).collect();
                let held = if held.is_empty() { "none".to_owned() } else { held.join(", ") };
                Err(AgentError::NoKey { socket: socket.to_owned(), wanted: wanted.to_owned(), held })
            }
        }
    }

    /// Has the agent sign.
    pub(super) fn sign(&self, bytes: &[u8]) -> Result<Signature, AgentError> {
        let key = self.public.to_bytes().map_err(|error| AgentError::Answer(error.to_string()))?;
        let mut question = vec![SIGN_REQUEST];
        put(&mut question, &key);
        put(&mut question, bytes);
        question.extend(0_u32.to_be_bytes());
        let answer = ask(&self.socket, &question, SIGN_RESPONSE)?;
        let signature = take(&mut answer.as_slice()).map(<[u8]>::to_vec);
        let signature = signature.ok_or_else(|| AgentError::Answer("a signature with an odd length".into()))?;
        Signature::try_from(signature.as_slice()).map_err(|error| AgentError::Answer(error.to_string()))
    }
}

/// One question and the rest of its answer, which must be of the kind that fits.
fn ask(socket: &Path, question: &[u8], kind: u8) -> Result<Vec<u8>, AgentError> {
    let asked = || {
        let mut stream = UnixStream::connect(socket)?;
        stream.set_read_timeout(Some(PATIENCE))?;
        stream.set_write_timeout(Some(PATIENCE))?;
        let mut message = Vec::new();
        put(&mut message, question);
        stream.write_all(&message)?;
        let mut length = [0; 4];
        stream.read_exact(&mut length)?;
        let length = u32::from_be_bytes(length);
        if length == 0 || length > LONGEST {
            return Err(io::Error::new(io::ErrorKind::InvalidData, format!("an answer of {length} bytes")));
        }
        let mut answer = vec![0; length as usize];
        stream.read_exact(&mut answer)?;
        Ok(answer)
    };
    let answer = asked().map_err(|source| AgentError::Socket { socket: socket.to_owned(), source })?;
    match answer.split_first() {
        Some((first, rest)) if *first == kind => Ok(rest.to_vec()),
        _ => Err(AgentError::Refused),
    }
}

/// Keys of kinds that nobody here knows are passed over.
fn identities(mut answer: &[u8]) -> Option<Vec<PublicKey>> {
    let count = u32::from_be_bytes(*answer.first_chunk()?);
    answer = &answer[4..];
    let mut keys = Vec::new();
    for _ in 0..count {
        let key = take(&mut answer)?;
        let comment = String::from_utf8_lossy(take(&mut answer)?).into_owned();
        if let Ok(key) = PublicKey::from_bytes(key) {
            keys.push(PublicKey::new(key.key_data().clone(), comment));
        }
    }
    Some(keys)
}

fn put(message: &mut Vec<u8>, bytes: &[u8]) {
    // A question holds a key and the digest of a document: far from four gigabytes.
    let length = u32::try_from(bytes.len()).unwrap_or(u32::MAX);
    message.extend(length.to_be_bytes());
    message.extend(bytes);
}

fn take<'a>(message: &mut &'a [u8]) -> Option<&'a [u8]> {
    let length = u32::from_be_bytes(*message.first_chunk()?) as usize;
    let bytes = message.get(4..4 + length)?;
    *message = &message[4 + length..];
    Some(bytes)
}
