//! Who may sign what: the allowed signers and the roles of the configuration.

use std::path::Path;

use spec::ids::Principal;
use spec::release::seal::AllowedSigners;
use spec::release::{Gate, Sealed};

use super::files::capped;
use super::refusal::Refusal;
use crate::config::ReleaseTrust;

/// Bytes that a file of allowed signers may have.
const LIMIT: usize = 256 << 10;

/// The allowed signers of the configuration.
///
/// # Errors
/// The file cannot be read, or a line of it is not accepted.
pub fn allowed_signers(trust: &ReleaseTrust) -> Result<AllowedSigners, Refusal> {
    let path = trust.allowed_signers.clone();
    let absent = || Refusal::Unreadable { path: path.clone(), source: std::io::ErrorKind::NotFound.into() };
    let text = capped(&path, LIMIT)?.ok_or_else(absent)?;
    AllowedSigners::parse(&String::from_utf8_lossy(&text)).map_err(|source| Refusal::Signers { path, source })
}

/// Whose word counts for what.
pub(super) struct Roles<'a> {
    pub(super) signers: AllowedSigners,
    trust: &'a ReleaseTrust,
}

impl<'a> Roles<'a> {
    /// Reads the allowed signers, anew each time: who was taken off the list counts no longer.
    pub(super) fn read(trust: &'a ReleaseTrust) -> Result<Self, Refusal> {
        allowed_signers(trust).map(|signers| Self { signers, trust })
    }

    /// A document that only builders sign.
    pub(super) fn by_builder<D>(&self, path: &Path, sealed: Sealed<D>) -> Result<Sealed<D>, Refusal> {
        by(path, sealed, "builders", &self.trust.builders)
    }

    /// A document that only releasers sign.
    pub(super) fn by_releaser<D>(&self, path: &Path, sealed: Sealed<D>) -> Result<Sealed<D>, Refusal> {
        by(path, sealed, "releasers", &self.trust.releasers)
    }

    /// Whether this principal's word on this gate counts.
    pub(super) fn may_record(&self, gate: Gate, principal: &Principal) -> bool {
        let builder = self.trust.builders.contains(principal);
        let verifier = self.trust.verifiers.contains(principal);
        match gate {
            Gate::Built | Gate::Linted => builder,
            Gate::Drilled => builder || verifier,
            Gate::Verified => verifier,
        }
    }

    /// Whether this principal may withdraw releases.
    pub(super) fn may_withdraw(&self, principal: &Principal) -> bool {
        self.trust.releasers.contains(principal)
    }
}

fn by<D>(path: &Path, sealed: Sealed<D>, role: &'static str, allowed: &[Principal]) -> Result<Sealed<D>, Refusal> {
    if allowed.contains(&sealed.signer) {
        return Ok(sealed);
    }
    Err(Refusal::Role { path: path.to_owned(), signer: sealed.signer, role })
}
