//! The names that a scenario may use at a moment.

use std::collections::BTreeMap;

use anyhow::{Result, bail};

use crate::conformance::pattern::text;
use crate::conformance::target::escaped;

/// Names and their values: the target's, and what was kept from answers.
#[derive(Debug, Clone, Default)]
pub(super) struct Scope {
    values: BTreeMap<String, String>,
}

impl Scope {
    pub(super) fn new(values: BTreeMap<String, String>) -> Self {
        Self { values }
    }

    pub(super) fn set(&mut self, name: &str, value: String) {
        self.values.insert(name.to_owned(), value);
    }

    pub(super) fn extend(&mut self, values: BTreeMap<String, String>) {
        self.values.extend(values);
    }

    pub(super) fn forget(&mut self, name: &str) {
        self.values.remove(name);
    }

    pub(super) fn get(&self, name: &str) -> Result<&str> {
        match self.values.get(name) {
            Some(value) => Ok(value),
            None => bail!("`{name}` has no value: an earlier step did not give one"),
        }
    }

    /// A pattern with its variables put in; blanks stay.
    pub(super) fn pattern(&self, text: &str) -> String {
        text::fill(text, |name| self.values.get(name).cloned())
    }

    /// A JSON pattern, likewise: within its strings a value is escaped.
    pub(super) fn json(&self, text: &str) -> String {
        let within = |value: &String| {
            let quoted = serde_json::Value::from(value.as_str()).to_string();
            quoted[1..quoted.len() - 1].to_owned()
        };
        text::fill(text, |name| self.values.get(name).map(within))
    }

    /// What is sent: every name must have a value.
    pub(super) fn value(&self, text: &str) -> Result<String> {
        self.known(text)?;
        Ok(self.pattern(text))
    }

    /// A path: values are escaped, the rest stands as it is.
    pub(super) fn path(&self, text: &str) -> Result<String> {
        self.known(text)?;
        Ok(text::fill(text, |name| self.values.get(name).map(|value| escaped(value))))
    }

    fn known(&self, text: &str) -> Result<()> {
        text::names(text).iter().try_for_each(|(name, _)| self.get(name).map(drop))
    }
}
