//! `[node]`: the node's API and the right to use it.

use std::path::PathBuf;

use pve_client::{Fingerprint, Trust};
use serde::Deserialize;
use spec::ids::NodeName;

use super::secret::SecretRef;
use super::setting::{BadSetting, accept};

/// `[node]`
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Written {
    /// The node's name in its cluster.
    pub name: String,
    /// `https://HOST:8006`.
    pub url: String,
    /// `file:PATH` of the API token.
    pub token: String,
    /// SHA-256 fingerprints of the node's certificate.
    #[serde(default)]
    pub fingerprints: Vec<String>,
    /// PEM file of the authority that issues the node's certificate, instead of fingerprints.
    pub ca: Option<PathBuf>,
}

/// The node and the right to use it.
#[derive(Debug, Clone)]
pub struct NodeSettings {
    /// Its name in the cluster.
    pub name: NodeName,
    /// Its API's address.
    pub url: String,
    /// Where the API token lies.
    pub token: SecretRef,
    /// Whose certificate is accepted.
    pub trust: TrustSource,
}

/// Whose certificate is accepted, before any file was read.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum TrustSource {
    /// Pinned certificates.
    Pins(Vec<Fingerprint>),
    /// The authority in this PEM file.
    Authority(PathBuf),
}

impl TrustSource {
    /// The trust itself, with the authority's file read.
    ///
    /// # Errors
    /// The file cannot be read.
    pub fn load(&self) -> std::io::Result<Trust> {
        match self {
            Self::Pins(pins) => Ok(Trust::Pins(pins.clone())),
            Self::Authority(path) => std::fs::read_to_string(path).map(Trust::Authority),
        }
    }
}

/// Accepts the section.
pub(super) fn accepted(node: Written) -> Result<NodeSettings, BadSetting> {
    let refuse = |value: String, why: &str| BadSetting { key: "node.fingerprints", value, why: why.into() };
    let trust = match (node.fingerprints.as_slice(), node.ca) {
        ([], Some(path)) => TrustSource::Authority(path),
        ([], None) => {
            return Err(refuse(String::new(), "pin the node's certificate, or name its authority in node.ca"));
        }
        (written, None) => TrustSource::Pins(pins("node.fingerprints", written)?),
        (_, Some(path)) => {
            return Err(refuse(path.display().to_string(), "choose one: fingerprints, or node.ca"));
        }
    };
    Ok(NodeSettings {
        name: accept("node.name", &node.name)?,
        url: node.url,
        token: accept("node.token", &node.token)?,
        trust,
    })
}

/// The fingerprints under a key.
pub(super) fn pins(key: &'static str, written: &[String]) -> Result<Vec<Fingerprint>, BadSetting> {
    written.iter().map(|pin| accept(key, pin)).collect()
}
