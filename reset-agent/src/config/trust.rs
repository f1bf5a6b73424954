//! `[trust]`: whose goldens are restored.

use std::path::PathBuf;

use serde::Deserialize;
use spec::ids::Principal;
use spec::release::Gate;

use super::setting::{BadSetting, accept};

/// `[trust]`
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Written {
    /// An OpenSSH `allowed_signers` file.
    pub allowed_signers: PathBuf,
    /// The folder with `channels/` and `log/`: `mintmark` beside the storage's `dump`.
    pub channels: PathBuf,
    /// Principals who may sign manifests and verdicts, and record that a release was built, linted or drilled.
    pub builders: Vec<String>,
    /// Principals who may record that a release was drilled or verified.
    pub verifiers: Vec<String>,
    /// Principals who may sign channels.
    pub releasers: Vec<String>,
    /// The gates that a release must have passed.
    pub gates: Option<Vec<String>>,
}

/// Whose goldens are restored.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ReleaseTrust {
    /// An OpenSSH `allowed_signers` file.
    pub allowed_signers: PathBuf,
    /// The folder with `channels/` and `log/`.
    pub channels: PathBuf,
    /// Who may sign manifests and verdicts, and record that a release was built, linted or drilled.
    pub builders: Vec<Principal>,
    /// Who may record that a release was drilled or verified.
    pub verifiers: Vec<Principal>,
    /// Who may sign channels.
    pub releasers: Vec<Principal>,
    /// The gates that a release must have passed.
    pub gates: Vec<Gate>,
}

/// The gates unless the configuration says otherwise.
pub(super) const GATES: [Gate; 3] = [Gate::Built, Gate::Linted, Gate::Drilled];

/// Accepts the section.
pub(super) fn accepted(trust: Written) -> Result<ReleaseTrust, BadSetting> {
    let principals = |key: &'static str, names: &[String]| {
        if names.is_empty() {
            let why = "name at least one principal of allowed_signers".to_owned();
            return Err(BadSetting { key, value: "[]".to_owned(), why });
        }
        names.iter().map(|name| accept(key, name)).collect::<Result<Vec<Principal>, _>>()
    };
    let builders = principals("trust.builders", &trust.builders)?;
    let verifiers = principals("trust.verifiers", &trust.verifiers)?;
    if let Some(both) = verifiers.iter().find(|verifier| builders.contains(verifier)) {
        let why = "it is a builder too: whoever verifies must be another".to_owned();
        return Err(BadSetting { key: "trust.verifiers", value: both.to_string(), why });
    }
    let gates = match &trust.gates {
        Some(gates) => gates.iter().map(|gate| accept("trust.gates", gate)).collect::<Result<_, _>>()?,
        None => GATES.to_vec(),
    };
    Ok(ReleaseTrust {
        allowed_signers: trust.allowed_signers,
        channels: trust.channels,
        builders,
        verifiers,
        releasers: principals("trust.releasers", &trust.releasers)?,
        gates,
    })
}
