//! What may stand in a template, and what it may be.

use std::collections::BTreeMap;
use std::fmt;
use std::str::FromStr;

use spec::ids::{CustomerId, Hostname};
use ssh_key::PublicKey;

/// A variable. There are these and no others.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Variable {
    /// The guest's hostname.
    Hostname,
    /// The customer's id.
    Customer,
    /// Where the guest works: `production`.
    Environment,
    /// What it works as: `web`.
    Role,
    /// The operator's SSH public key.
    AdminKey,
}

impl Variable {
    /// All of them.
    pub const ALL: [Self; 5] = [Self::Hostname, Self::Customer, Self::Environment, Self::Role, Self::AdminKey];

    /// Its name in a template.
    pub const fn name(self) -> &'static str {
        match self {
            Self::Hostname => "hostname",
            Self::Customer => "customer",
            Self::Environment => "environment",
            Self::Role => "role",
            Self::AdminKey => "admin_key",
        }
    }

    /// The variable of this name.
    pub fn named(name: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|variable| variable.name() == name)
    }
}

impl fmt::Display for Variable {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.name())
    }
}

/// A plain word: letters, digits, `-`, `_` and `.`, nothing that means something in YAML or a shell.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Word(String);

impl FromStr for Word {
    type Err = &'static str;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        let plain = |c: char| c.is_ascii_alphanumeric() || matches!(c, '-' | '_' | '.');
        if (1..=64).contains(&text.len())
            && text.starts_with(|c: char| c.is_ascii_alphabetic())
            && text.chars().all(plain)
        {
            Ok(Self(text.to_owned()))
        } else {
            Err("write a word of up to 64 letters, digits, `-`, `_` and `.` that begins with a letter")
        }
    }
}

/// What is the same for every guest. Whatever is given must be used by the template.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Constants {
    /// [`Variable::Environment`]
    pub environment: Option<Word>,
    /// [`Variable::Role`]
    pub role: Option<Word>,
    /// [`Variable::AdminKey`]
    pub admin_key: Option<PublicKey>,
}

impl Constants {
    /// Those that are given, as text.
    pub(super) fn given(&self) -> BTreeMap<Variable, String> {
        let words = [(Variable::Environment, &self.environment), (Variable::Role, &self.role)];
        let words = words.into_iter().filter_map(|(variable, word)| Some((variable, word.as_ref()?.0.clone())));
        // Type and base64 only: a comment may hold anything.
        let key = self.admin_key.as_ref().and_then(|key| {
            let bare = PublicKey::new(key.key_data().clone(), "");
            Some((Variable::AdminKey, bare.to_openssh().ok()?.trim().to_owned()))
        });
        words.chain(key).collect()
    }
}

/// All values for one guest.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Values(BTreeMap<Variable, String>);

impl Values {
    /// The values for a guest.
    pub fn new(constants: &Constants, hostname: &Hostname, customer: &CustomerId) -> Self {
        let mut values = constants.given();
        values.insert(Variable::Hostname, hostname.as_str().to_owned());
        values.insert(Variable::Customer, customer.as_str().to_owned());
        Self(values)
    }

    pub(super) fn of(&self, variable: Variable) -> Option<&str> {
        self.0.get(&variable).map(String::as_str)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_word_can_mean_nothing_but_itself() {
        assert!("eu-west.1_b".parse::<Word>().is_ok());
        for bad in ["", "1a", "a b", "a:b", "a\nb", "{{x}}", "a\"", "#a", "é", &"a".repeat(65)] {
            assert!(bad.parse::<Word>().is_err(), "{bad:?}");
        }
    }
}
