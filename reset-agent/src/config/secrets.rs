//! `[secrets]`: where customers' secrets lie, and what opens them.

use std::path::PathBuf;

use serde::Deserialize;

use super::secret::SecretRef;
use super::setting::{BadSetting, accept};
use crate::customers::SecretsRef;

/// `[secrets]`
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Written {
    /// Folder with a file for each collection.
    pub folder: PathBuf,
    /// `file:PATH` of the age identity that opens them.
    pub identity: String,
    /// Whether secrets may go over a connection whose host key nobody vouched for.
    #[serde(default)]
    pub over_first_contact: bool,
}

/// Where customers' secrets lie.
#[derive(Debug, Clone)]
pub struct SecretsSettings {
    /// Folder with a file for each collection.
    pub folder: PathBuf,
    /// Where the age identity lies that opens them.
    pub identity: SecretRef,
    /// Whether secrets may go over a connection whose host key nobody vouched for.
    pub over_first_contact: bool,
}

/// Accepts the section.
pub(super) fn accepted(secrets: Written) -> Result<SecretsSettings, BadSetting> {
    if !secrets.folder.is_absolute() {
        let (value, why) = (secrets.folder.display().to_string(), "write an absolute path".to_owned());
        return Err(BadSetting { key: "secrets.folder", value, why });
    }
    Ok(SecretsSettings {
        folder: secrets.folder,
        identity: accept("secrets.identity", &secrets.identity)?,
        over_first_contact: secrets.over_first_contact,
    })
}

impl SecretsSettings {
    /// The key that is not set and would be needed for this reference.
    pub fn missing_for(&self, reference: &SecretsRef) -> Option<&'static str> {
        match reference {
            SecretsRef::Age(_) | SecretsRef::Sops(_) => None,
            SecretsRef::Bitwarden(_) => Some("secrets.bitwarden"),
        }
    }
}
