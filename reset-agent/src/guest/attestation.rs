//! A guest's signature under what it is, held against what the agent knows. Pure.

use spec::attestation::{Attestation, NAMESPACE, Request, Statement, VERSION};
use spec::ids::MacAddr;
use ssh_key::{PublicKey, SshSig};

use super::ssh::host_key::PinnedKey;

/// What the agent knows of a guest.
#[derive(Debug, Clone)]
pub struct Known<'a> {
    /// What was asked for.
    pub request: &'a Request,
    /// Its machine-id as the helper read it.
    pub machine_id: Option<&'a str>,
    /// The addresses that were issued to it.
    pub macs: &'a [MacAddr],
    /// Its host keys, pinned through the hypervisor.
    pub pins: &'a [PinnedKey],
}

/// Why a signature proves nothing, or something else.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum Refusal {
    /// The signed text is no statement of a form that this program knows.
    #[error("the signed text is no statement of version {VERSION}: {0}")]
    NoStatement(String),
    /// It answers another request.
    #[error("it answers another request: the nonce is not this run's")]
    Nonce,
    /// It names another golden.
    #[error("it names the golden {said:?}, and {expected:?} was restored")]
    Golden {
        /// The statement's.
        said: String,
        /// The run's.
        expected: String,
    },
    /// It names another machine-id, or there is none to compare with.
    #[error("its machine-id is not the one in the guest's tree")]
    MachineId,
    /// An issued address is not among its interfaces'.
    #[error("it does not name the address {0}, which was issued to it")]
    Mac(MacAddr),
    /// It is signed with a key that is not pinned.
    #[error("it is signed with {0}, which is no pinned host key")]
    Key(String),
    /// The signature does not fit.
    #[error("the signature does not fit text, key and namespace: {0}")]
    Signature(String),
}

/// Holds an attestation against what is known: the signature first, then every field of what was signed.
///
/// # Errors
/// The first [`Refusal`].
pub fn check(attestation: &Attestation, known: &Known<'_>) -> Result<(), Refusal> {
    let signer = signer(attestation, known.pins)?;
    let statement = attestation.read().map_err(|error| Refusal::NoStatement(error.to_string()))?;
    let Statement { version, nonce, machine_id, macs, golden, host_key } = statement;
    if version != VERSION {
        return Err(Refusal::NoStatement(format!("it is version {version}")));
    }
    if host_key != signer {
        return Err(Refusal::Key(host_key));
    }
    if nonce != known.request.nonce {
        return Err(Refusal::Nonce);
    }
    if golden != known.request.golden {
        return Err(Refusal::Golden { said: golden, expected: known.request.golden.clone() });
    }
    if known.machine_id != Some(machine_id.to_string().as_str()) {
        return Err(Refusal::MachineId);
    }
    let named = |mac: &&MacAddr| macs.iter().any(|said| said.eq_ignore_ascii_case(&mac.to_string()));
    match known.macs.iter().find(|mac| !named(mac)) {
        Some(missing) => Err(Refusal::Mac(*missing)),
        None => Ok(()),
    }
}

/// The fingerprint of the pinned key by which the text is signed.
fn signer(attestation: &Attestation, pins: &[PinnedKey]) -> Result<String, Refusal> {
    let unfit = |error: ssh_key::Error| Refusal::Signature(error.to_string());
    let signature = SshSig::from_pem(&attestation.signature).map_err(unfit)?;
    let key = PublicKey::from(signature.public_key().clone());
    let shown = PinnedKey::of(&key);
    if !pins.iter().any(|pin| pin.algorithm == shown.algorithm && pin.fingerprint == shown.fingerprint) {
        return Err(Refusal::Key(shown.fingerprint));
    }
    key.verify(NAMESPACE, attestation.statement.as_bytes(), &signature).map_err(unfit)?;
    Ok(shown.fingerprint)
}

#[cfg(test)]
mod tests {
    use super::*;
    use ssh_key::private::{Ed25519Keypair, KeypairData};
    use ssh_key::{HashAlg, LineEnding, PrivateKey};

    const ID: &str = "0123456789abcdef0123456789abcdef";

    fn key(seed: u8) -> PrivateKey {
        PrivateKey::new(KeypairData::Ed25519(Ed25519Keypair::from_seed(&[seed; 32])), "").unwrap()
    }

    fn pin(key: &PrivateKey) -> PinnedKey {
        PinnedKey::of(key.public_key())
    }

    fn request() -> Request {
        Request::of_run(&"018f3c1e-0000-7000-8000-000000000001".parse().unwrap(), "debian13 20261121T120000Z")
    }

    fn statement(key: &PrivateKey) -> Statement {
        Statement {
            version: VERSION,
            nonce: request().nonce,
            machine_id: ID.parse().unwrap(),
            macs: vec!["BC:24:11:00:00:07".into(), "BC:24:11:00:00:08".into()],
            golden: request().golden,
            host_key: pin(key).fingerprint,
        }
    }

    fn signed(key: &PrivateKey, namespace: &str, statement: &Statement) -> Attestation {
        let text = serde_json::to_string(statement).unwrap();
        let signature = SshSig::sign(key, namespace, HashAlg::Sha512, text.as_bytes()).unwrap();
        Attestation { statement: text, signature: signature.to_pem(LineEnding::LF).unwrap() }
    }

    fn checked(attestation: &Attestation) -> Result<(), Refusal> {
        let (request, macs) = (request(), ["BC:24:11:00:00:07".parse().unwrap()]);
        let pins = [pin(&key(1)), pin(&key(3))];
        check(attestation, &Known { request: &request, machine_id: Some(ID), macs: &macs, pins: &pins })
    }

    #[test]
    fn a_guest_that_is_what_it_says_is_believed() {
        assert_eq!(checked(&signed(&key(1), NAMESPACE, &statement(&key(1)))), Ok(()));
    }

    #[test]
    fn every_field_that_is_another_is_refused() {
        let with = |change: &dyn Fn(&mut Statement)| {
            let mut said = statement(&key(1));
            change(&mut said);
            checked(&signed(&key(1), NAMESPACE, &said)).unwrap_err()
        };
        assert_eq!(with(&|said| said.nonce = "0".repeat(64)), Refusal::Nonce);
        assert!(matches!(with(&|said| said.golden = "other 1".into()), Refusal::Golden { .. }));
        assert_eq!(with(&|said| said.machine_id = ID.replace('f', "e").parse().unwrap()), Refusal::MachineId);
        assert!(matches!(with(&|said| said.macs = vec!["BC:24:11:00:00:08".into()]), Refusal::Mac(_)));
        assert!(matches!(with(&|said| said.version = 2), Refusal::NoStatement(_)));
        assert!(matches!(with(&|said| said.host_key = pin(&key(3)).fingerprint), Refusal::Key(_)));
    }

    #[test]
    fn a_signature_counts_for_its_text_its_key_and_its_purpose() {
        let whole = signed(&key(1), NAMESPACE, &statement(&key(1)));
        let foreign = signed(&key(2), NAMESPACE, &statement(&key(2)));
        assert!(matches!(checked(&foreign), Err(Refusal::Key(_))), "a key that is not pinned");
        let purpose = signed(&key(1), "file", &statement(&key(1)));
        assert!(matches!(checked(&purpose), Err(Refusal::Signature(_))), "signed for something else");
        let text = Attestation { statement: whole.statement.replace("BC:24", "BC:25"), ..whole.clone() };
        assert!(matches!(checked(&text), Err(Refusal::Signature(_))), "another text");
        let swapped = Attestation { signature: foreign.signature, ..whole.clone() };
        assert!(checked(&swapped).is_err(), "another signature");
        for signature in ["", "-----BEGIN SSH SIGNATURE-----\n-----END SSH SIGNATURE-----\n"] {
            let cut = Attestation { signature: signature.into(), ..whole.clone() };
            assert!(matches!(checked(&cut), Err(Refusal::Signature(_))), "{signature:?}");
        }
    }
}
