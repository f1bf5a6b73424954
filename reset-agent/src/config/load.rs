//! From a path to accepted settings.

use std::io;
use std::path::{Path, PathBuf};

use super::fragment::Fragment;
use super::setting::BadSetting;
use super::settings::Settings;

/// Why there are no settings.
#[derive(Debug, thiserror::Error)]
pub enum ConfigError {
    /// The file cannot be read.
    #[error("the configuration {path} cannot be read; name another with --config")]
    Unreadable {
        /// The file.
        path: PathBuf,
        /// Why not.
        #[source]
        source: io::Error,
    },
    /// The file is no TOML, lacks a key, or has one that does not exist.
    #[error("the configuration {path} is not understood")]
    Syntax {
        /// The file.
        path: PathBuf,
        /// Where and what.
        #[source]
        source: Box<toml::de::Error>,
    },
    /// A value is not accepted.
    #[error("the configuration {path} is refused")]
    Setting {
        /// The file.
        path: PathBuf,
        /// Which key and why.
        #[source]
        source: BadSetting,
    },
}

/// Reads and accepts a configuration file.
///
/// # Errors
/// [`ConfigError`] names the file; its source names the key and the value.
pub fn load(path: &Path) -> Result<Settings, ConfigError> {
    let path_buf = || path.to_owned();
    let text = std::fs::read_to_string(path).map_err(|source| ConfigError::Unreadable { path: path_buf(), source })?;
    let written: Fragment =
        toml::from_str(&text).map_err(|source| ConfigError::Syntax { path: path_buf(), source: Box::new(source) })?;
    Settings::try_from(written).map_err(|source| ConfigError::Setting { path: path_buf(), source })
}
