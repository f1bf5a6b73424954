//! All secrets of a customer.

use std::collections::BTreeMap;

use zeroize::Zeroizing;

use crate::name::{NameError, SecretName};
use crate::value::{SecretValue, ValueError};

/// More than this is not one customer's.
const MOST: usize = 500;

/// A customer's secrets by name.
#[derive(Debug, Default)]
pub struct SecretSet(BTreeMap<SecretName, SecretValue>);

/// Why secrets are not taken. Names are shown where they are names; values never.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum SetError {
    /// Not a name.
    #[error("entry {entry} has no usable name")]
    Name {
        /// Its place, from 1: what stands there may be a value.
        entry: usize,
        /// Why not.
        #[source]
        source: NameError,
    },
    /// Not a value.
    #[error("{name} is refused")]
    Value {
        /// The secret.
        name: SecretName,
        /// Why.
        #[source]
        source: ValueError,
    },
    /// A name stands twice.
    #[error("{0} stands there twice: which of the two is meant?")]
    Twice(SecretName),
    /// Too many.
    #[error("there are more than {MOST} secrets")]
    TooMany,
}

impl SecretSet {
    /// Adds a secret.
    ///
    /// # Errors
    /// [`SetError`]; the value is wiped.
    pub fn add(&mut self, name: &str, value: Zeroizing<String>) -> Result<(), SetError> {
        let entry = self.0.len() + 1;
        let name: SecretName = name.parse().map_err(|source| SetError::Name { entry, source })?;
        let value = SecretValue::new(value).map_err(|source| SetError::Value { name: name.clone(), source })?;
        if self.0.contains_key(&name) {
            return Err(SetError::Twice(name));
        }
        if self.0.len() == MOST {
            return Err(SetError::TooMany);
        }
        self.0.insert(name, value);
        Ok(())
    }

    /// The secrets, by name.
    pub fn iter(&self) -> impl Iterator<Item = (&SecretName, &SecretValue)> {
        self.0.iter()
    }

    /// Their names, for people.
    pub fn names(&self) -> Vec<String> {
        self.0.keys().map(ToString::to_string).collect()
    }

    /// How many.
    pub fn len(&self) -> usize {
        self.0.len()
    }

    /// Whether there is none.
    pub fn is_empty(&self) -> bool {
        self.0.is_empty()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_name_stands_once_and_no_error_repeats_a_value() {
        let mut set = SecretSet::default();
        let value = |text: &str| Zeroizing::new(text.to_owned());
        set.add("A", value("canary-1")).unwrap();
        assert_eq!(set.add("A", value("canary-2")), Err(SetError::Twice("A".parse().unwrap())));
        for error in [set.add("canary-3 in a name's place", value("x")), set.add("B", value("canary-4\nC=1"))] {
            let error = error.unwrap_err();
            assert!(!format!("{error} {error:?}").contains("canary"), "{error:?}");
        }
        assert_eq!((set.len(), set.names()), (1, vec!["A".to_owned()]));
        assert!(!format!("{set:?}").contains("canary"));
    }
}
