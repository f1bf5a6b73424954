//! What a secret may be called: the name of an environment variable, and none that steers a shell or the loader.

use std::fmt;
use std::str::FromStr;

/// No variable of a sensible program has a longer name.
const LONGEST: usize = 128;
/// Variables that change what a program *is* rather than what it knows: who can edit a vault's collection must not
/// get to run code in the guest by it.
const STEERING: &[&str] = &["PATH", "IFS", "ENV", "SHELLOPTS", "PS4", "PROMPT_COMMAND", "HOSTALIASES"];
const STEERING_PREFIXES: &[&str] = &["LD_", "BASH_", "GLIBC_"];

/// A secret's name: `[A-Z_][A-Z0-9_]*`, at most 128 characters.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct SecretName(String);

/// Why a text is no name. The text itself is kept out where it may be a value that slipped into a name's place.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum NameError {
    /// Wrong characters or length.
    #[error(
        "a secret's name is that of an environment variable: capital letters, digits and _, no digit first, \
         at most {LONGEST} characters"
    )]
    Grammar,
    /// It steers the shell or the loader.
    #[error("a variable of this name steers the shell or the loader of every program: choose another")]
    Steering,
}

impl SecretName {
    /// The name.
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl FromStr for SecretName {
    type Err = NameError;

    fn from_str(text: &str) -> Result<Self, NameError> {
        let fits = |byte: u8| byte.is_ascii_uppercase() || byte == b'_' || byte.is_ascii_digit();
        let begins = text.bytes().next().is_some_and(|byte| !byte.is_ascii_digit());
        if !begins || text.len() > LONGEST || !text.bytes().all(fits) {
            return Err(NameError::Grammar);
        }
        if STEERING.contains(&text) || STEERING_PREFIXES.iter().any(|prefix| text.starts_with(prefix)) {
            return Err(NameError::Steering);
        }
        Ok(Self(text.to_owned()))
    }
}

impl fmt::Display for SecretName {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn s3_10_only_names_of_variables_are_names() {
        for name in ["A", "_", "DATABASE_URL", "A1", &"X".repeat(128)] {
            assert_eq!(name.parse::<SecretName>().unwrap().as_str(), name);
        }
        let long = "X".repeat(129);
        for bad in ["", "a", "1A", "A-B", "A B", "A=B", "A\nB", "Ä", "A\0", "export A", long.as_str()] {
            assert_eq!(bad.parse::<SecretName>(), Err(NameError::Grammar), "{bad:?}");
        }
    }

    #[test]
    fn s3_10_no_secret_steers_the_loader_or_a_shell() {
        for bad in ["PATH", "LD_PRELOAD", "BASH_ENV", "IFS", "ENV"] {
            assert_eq!(bad.parse::<SecretName>(), Err(NameError::Steering), "{bad}");
        }
        assert!("LDAP_PASSWORD".parse::<SecretName>().is_ok());
    }
}
