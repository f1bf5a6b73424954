//! The guest's signature under what it is, where somebody asked for one.
//!
//! The request comes from outside, through the hypervisor, and names a nonce. It is answered once for one state of the
//! guest: the same statement is not signed again, another machine-id or another host key is.

use std::collections::BTreeSet;
use std::path::Path;

use spec::attestation::{ANSWER, Attestation, Attested, CAP, NAMESPACE, REQUEST, Request, Statement, VERSION};

use super::programs::{GuestPrograms, ProgramError};
use crate::items::machine_id::machine_id;
use crate::items::ssh_host_keys::{HostKey, host_keys};
use crate::root::{NewFile, Root, RootError};

const INTERFACES: &str = "/sys/class/net";
/// Types that sign, best first; those that verifiers take.
const SIGNERS: [&str; 2] = ["ssh-ed25519", "ecdsa-sha2-nistp256"];

/// Why a request was not answered.
#[derive(Debug, thiserror::Error)]
enum AttestError {
    #[error("the request is none: {0}")]
    Request(serde_json::Error),
    #[error("the request has version {0}, and this program answers version {VERSION}")]
    Version(u32),
    #[error("there is no machine-id")]
    NoMachineId,
    #[error("there is no SSH host key of the types {}", SIGNERS.join(", "))]
    NoKey,
    #[error("the guest's files do not allow it")]
    Tree(#[from] RootError),
    #[error("ssh-keygen did not sign")]
    Program(#[from] ProgramError),
}

/// Answers a request, if there is one. A failure is told and keeps nothing else from being done.
pub(super) fn attest(root: &Root, programs: &dyn GuestPrograms) -> Attested {
    match answer(root, programs) {
        Ok(true) => Attested::Signed,
        Ok(false) => Attested::NotAsked,
        Err(error) => Attested::Failed { why: super::chain(&error) },
    }
}

fn answer(root: &Root, programs: &dyn GuestPrograms) -> Result<bool, AttestError> {
    let Some(request) = root.read(REQUEST, CAP)? else { return Ok(false) };
    let request: Request = serde_json::from_slice(&request).map_err(AttestError::Request)?;
    if request.version != VERSION {
        return Err(AttestError::Version(request.version));
    }
    let key = signer(host_keys(root)?).ok_or(AttestError::NoKey)?;
    let statement = Statement {
        version: VERSION,
        nonce: request.nonce,
        machine_id: machine_id(root)?.ok_or(AttestError::NoMachineId)?,
        macs: macs(root)?,
        golden: request.golden,
        host_key: key.fingerprint,
    };
    if signed_before(root)?.is_some_and(|before| before == statement) {
        return Ok(true);
    }
    let statement = serde_json::json!(statement).to_string();
    let signature = programs.sign(Path::new(&key.place), NAMESPACE, statement.as_bytes())?;
    let answer = serde_json::json!(Attestation { statement, signature }).to_string();
    root.write(ANSWER, answer.as_bytes(), NewFile::mode(0o600))?;
    Ok(true)
}

fn signed_before(root: &Root) -> Result<Option<Statement>, RootError> {
    Ok(read_attestation(root)?.and_then(|attestation| attestation.read().ok()))
}

/// The answer that lies in a guest; none where it is unreadable.
pub fn read_attestation(root: &Root) -> Result<Option<Attestation>, RootError> {
    Ok(root.read(ANSWER, CAP)?.and_then(|bytes| serde_json::from_slice(&bytes).ok()))
}

fn signer(mut keys: Vec<HostKey>) -> Option<HostKey> {
    let rank = |key: &HostKey| SIGNERS.iter().position(|algorithm| *algorithm == key.algorithm);
    keys.retain(|key| rank(key).is_some());
    keys.into_iter().min_by_key(|key| rank(key))
}

/// The addresses of all interfaces that have one, as the kernel tells them.
fn macs(root: &Root) -> Result<Vec<String>, RootError> {
    let mut macs = BTreeSet::new();
    for entry in root.list(INTERFACES)?.unwrap_or_default() {
        let path = Path::new(INTERFACES).join(entry.name).join("address");
        let address = root.read_text(path, CAP)?.unwrap_or_default().trim().to_ascii_uppercase();
        if !address.is_empty() && address != "00:00:00:00:00:00" {
            macs.insert(address);
        }
    }
    Ok(macs.into_iter().collect())
}
