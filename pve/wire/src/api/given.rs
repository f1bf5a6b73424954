//! What a caller gives, and what is left of it once it was checked.

use std::collections::BTreeMap;

use spec::ids::Vmid;

/// A parameter's value as it was given.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Given {
    /// One text.
    One(String),
    /// Several.
    Many(Vec<String>),
}

/// Parameters as they were given.
pub type Parameters = BTreeMap<String, Given>;

/// Parameters that were checked: every one is known and of its kind.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Params(BTreeMap<String, Given>);

impl Params {
    pub(super) fn new(checked: BTreeMap<String, Given>) -> Self {
        Self(checked)
    }

    /// A parameter's value.
    pub fn get(&self, key: &str) -> Option<&str> {
        match self.0.get(key)? {
            Given::One(text) => Some(text),
            Given::Many(list) => list.first().map(String::as_str),
        }
    }

    /// A parameter's value as a text of its own.
    pub fn owned(&self, key: &str) -> Option<String> {
        self.get(key).map(str::to_owned)
    }

    /// The texts of a list.
    pub fn list(&self, key: &str) -> Vec<&str> {
        match self.0.get(key) {
            None => Vec::new(),
            Some(Given::One(text)) => vec![text],
            Some(Given::Many(list)) => list.iter().map(String::as_str).collect(),
        }
    }

    /// A boolean; absent reads as false.
    pub fn flag(&self, key: &str) -> bool {
        self.get(key) == Some("1")
    }

    /// A boolean, where it was given.
    pub fn optional_flag(&self, key: &str) -> Option<bool> {
        self.get(key).map(|value| value == "1")
    }

    /// A whole number.
    pub fn number(&self, key: &str) -> Option<u64> {
        self.get(key)?.parse().ok()
    }

    /// A number with a fraction.
    pub fn decimal(&self, key: &str) -> Option<f64> {
        self.get(key)?.parse().ok()
    }

    /// A guest's number.
    pub fn vmid(&self, key: &str) -> Option<Vmid> {
        self.get(key)?.parse().ok()
    }

    /// All single texts whose names satisfy `wanted`.
    pub fn filtered(&self, wanted: impl Fn(&str) -> bool) -> BTreeMap<String, String> {
        let keys = self.0.keys().filter(|key| wanted(key));
        keys.filter_map(|key| Some((key.clone(), self.owned(key)?))).collect()
    }

    /// Whether a parameter was given.
    pub fn has(&self, key: &str) -> bool {
        self.0.contains_key(key)
    }

    /// The names of all that was given.
    pub fn keys(&self) -> impl Iterator<Item = &str> {
        self.0.keys().map(String::as_str)
    }
}
