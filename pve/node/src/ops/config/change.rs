//! What is to be changed, and which of it contradicts itself. Pure.

use std::collections::BTreeMap;

use pve_wire::api::{Params, is_config_key};

use super::ConfigError;

/// What is to be changed.
#[derive(Debug, Clone, Default)]
pub struct Change {
    /// Keys with their new values.
    pub set: BTreeMap<String, String>,
    /// Keys to remove, in the caller's order.
    pub delete: Vec<String>,
    /// Keys whose waiting change is given up.
    pub revert: Vec<String>,
    /// The configuration's digest, as the caller knows it.
    pub digest: Option<String>,
    /// Whether a person at a terminal waits, and reads what is done.
    pub by_hand: bool,
}

impl Change {
    /// The change that a call's parameters ask for. CPU shares are brought into the range that the kernel knows.
    pub fn new(params: &Params) -> Self {
        let list = |name: &str| {
            let text = params.get(name).unwrap_or_default();
            let words = text.split(|c: char| c.is_whitespace() || matches!(c, ',' | ';' | '\0'));
            words.filter(|word| !word.is_empty()).map(str::to_owned).collect()
        };
        let mut set = params.filtered(is_config_key);
        if let Some(units) = set.get_mut("cpuunits")
            && let Ok(number) = units.parse::<u64>()
        {
            *units = number.clamp(1, 10_000).to_string();
        }
        let digest = params.owned("digest");
        Self { set, delete: list("delete"), revert: list("revert"), digest, by_hand: false }
    }

    /// Refuses keys that are none, and keys that are named twice in ways that exclude each other.
    pub(super) fn refuse_contradictions(&self) -> Result<(), ConfigError> {
        for key in &self.revert {
            if !is_config_key(key) {
                return Err(ConfigError::key("revert", format!("unknown option '{key}'")));
            }
            if self.set.contains_key(key) {
                return Err(twice("revert", &format!("'-{key}' and '-revert {key}'")));
            }
        }
        for key in &self.delete {
            if !is_config_key(key) {
                return Err(ConfigError::key("delete", format!("unknown option '{key}'")));
            }
            if self.set.contains_key(key) {
                // The quotes are Proxmox's own.
                return Err(twice("delete", &format!("'-{key}' and -delete {key}'")));
            }
            if self.revert.contains(key) {
                return Err(twice("delete", &format!("'-delete {key}' and '-revert {key}'")));
            }
        }
        Ok(())
    }

    /// Whether a key is named for setting or deletion.
    pub(super) fn touches(&self, key: &str) -> bool {
        self.set.contains_key(key) || self.delete.iter().any(|deleted| deleted == key)
    }
}

fn twice(parameter: &str, both: &str) -> ConfigError {
    ConfigError::key(parameter, format!("you can't use {both} at the same time"))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn refused(set: &[(&str, &str)], delete: &[&str], revert: &[&str]) -> Option<(String, String)> {
        let owned = |keys: &[&str]| keys.iter().map(|key| (*key).to_owned()).collect();
        let set = set.iter().map(|(k, v)| ((*k).to_owned(), (*v).to_owned())).collect();
        let change = Change { set, delete: owned(delete), revert: owned(revert), ..Change::default() };
        match change.refuse_contradictions() {
            Err(ConfigError::Keys(errors)) => errors.into_iter().next(),
            _ => None,
        }
    }

    #[test]
    fn contradictions_are_told_in_proxmox_words() {
        let told = |parameter: &str, why: &str| Some((parameter.to_owned(), why.to_owned()));
        assert_eq!(refused(&[("cores", "1")], &["memory"], &["hostname"]), None);
        assert_eq!(refused(&[], &["bogus"], &[]), told("delete", "unknown option 'bogus'"));
        assert_eq!(refused(&[], &[], &["bogus"]), told("revert", "unknown option 'bogus'"));
        assert_eq!(
            refused(&[("memory", "64")], &["memory"], &[]),
            told("delete", "you can't use '-memory' and -delete memory' at the same time")
        );
        assert_eq!(
            refused(&[], &["tags"], &["tags"]),
            told("delete", "you can't use '-delete tags' and '-revert tags' at the same time")
        );
    }
}
