//! What a guest signs at its first boot: that this host key was asked for by this run, in the guest with this
//! machine-id and these addresses, made from this golden.
//!
//! The request is put into the stopped guest by the helper. The first-boot unit answers with a [`Statement`], signed
//! with an SSH host key in OpenSSH's `sshsig` form under [`NAMESPACE`], so that `ssh-keygen -Y check-novalidate` reads
//! it too. A signature of a host key over other data, or of another purpose, is none of this namespace.

use serde::{Deserialize, Serialize};
use sha2::{Digest, Sha256};

use crate::identity::reading::digest::hex;
use crate::ids::{MachineId, RunId};

/// The signature's namespace (PROTOCOL.sshsig).
pub const NAMESPACE: &str = "attestation@mintmark";
/// Where the request lies in a guest.
pub const REQUEST: &str = "/var/lib/mintmark/attestation-request.json";
/// Where the answer lies in a guest; for root only, since it names the machine-id.
pub const ANSWER: &str = "/var/lib/mintmark/attestation.json";
/// The form's version.
pub const VERSION: u32 = 1;
/// The most bytes of a request or an answer.
pub const CAP: u64 = 16 * 1024;

/// What a guest is asked to sign.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Request {
    /// [`VERSION`].
    pub version: u32,
    /// 64 hexadecimal digits that nobody asked for before.
    pub nonce: String,
    /// Name and release of the golden that the guest was made from.
    pub golden: String,
}

impl Request {
    /// The request of a run. The nonce follows from the run's id, which is random and used once: whoever takes the run
    /// up after a crash asks for the same signature.
    pub fn of_run(run: &RunId, golden: &str) -> Self {
        let digest = Sha256::new().chain_update(b"mintmark.attestation.v1\0").chain_update(run.as_str());
        Self { version: VERSION, nonce: hex(&digest.finalize()), golden: golden.to_owned() }
    }
}

/// Whether a guest signed what it was asked to, as its first-boot record says.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "state", rename_all = "kebab-case")]
pub enum Attested {
    /// Nobody asked.
    NotAsked,
    /// The answer is there.
    Signed,
    /// It could not.
    Failed {
        /// Why not.
        why: String,
    },
}

/// What a guest says of itself.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Statement {
    /// [`VERSION`].
    pub version: u32,
    /// The request's.
    pub nonce: String,
    /// Its machine-id, after systemd drew it.
    pub machine_id: MachineId,
    /// The MAC addresses of its interfaces, sorted, upper case.
    pub macs: Vec<String>,
    /// The request's golden: a tree cannot name its own release, or no two builds of one recipe were the same.
    pub golden: String,
    /// `SHA256:…` of the host key that signs.
    pub host_key: String,
}

/// A statement as it was signed.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Attestation {
    /// The signed text: a [`Statement`] as JSON. Its bytes count.
    pub statement: String,
    /// The armoured signature.
    pub signature: String,
}

impl Attestation {
    /// What the text says.
    ///
    /// # Errors
    /// It is no statement.
    pub fn read(&self) -> Result<Statement, serde_json::Error> {
        serde_json::from_str(&self.statement)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_run_asks_for_one_nonce_and_another_run_for_another() {
        let run = |text: &str| Request::of_run(&text.parse().unwrap(), "debian13 20261121T120000Z");
        let (a, b) = ("018f3c1e-0000-7000-8000-000000000001", "018f3c1e-0000-7000-8000-000000000002");
        assert_eq!(run(a), run(a));
        assert_ne!(run(a).nonce, run(b).nonce);
        assert_eq!(run(a).nonce.len(), 64);
        assert!(!run(a).nonce.contains(&a[..8]));
    }
}
