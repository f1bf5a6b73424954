//! Why a change is refused.

use std::collections::BTreeMap;

use crate::api::ApiError;
use crate::error::Die;

/// Why a configuration was not changed.
#[derive(Debug, thiserror::Error)]
pub enum ConfigError {
    /// It died.
    #[error(transparent)]
    Die(#[from] Die),
    /// These keys are wrong, or could not take effect.
    #[error("Parameter verification failed.")]
    Keys(BTreeMap<String, String>),
    /// Whoever asks may not.
    #[error("{}", .0.text)]
    Forbidden(ApiError),
}

impl ConfigError {
    /// One wrong key.
    pub(super) fn key(name: &str, why: impl Into<String>) -> Self {
        Self::Keys(BTreeMap::from([(name.to_owned(), why.into())]))
    }
}

impl From<ConfigError> for ApiError {
    fn from(error: ConfigError) -> Self {
        match error {
            ConfigError::Die(die) => die.into(),
            ConfigError::Keys(errors) => errors.into(),
            ConfigError::Forbidden(error) => error,
        }
    }
}
