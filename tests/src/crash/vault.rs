//! The secrets of the cells' customers, as an operator keeps them: a file for each, encrypted with age.

use std::fs::{self, File};
use std::io::Write;
use std::os::unix::fs::OpenOptionsExt;
use std::path::{Path, PathBuf};

use age::secrecy::ExposeSecret;
use age::x25519::Identity;
use anyhow::{Context, Result};
use uuid::Uuid;

/// The name of the secret.
const NAME: &str = "CELL_SECRET";

/// Where they lie.
pub(super) struct Vault {
    folder: PathBuf,
    /// The private half of what opens them.
    pub(super) identity: String,
    /// The value that every customer's file has.
    pub(super) value: String,
    sealed: Vec<u8>,
}

impl Vault {
    /// Makes it anew, with a value that stands nowhere else.
    pub(super) fn make(folder: PathBuf) -> Result<Self> {
        if folder.exists() {
            fs::remove_dir_all(&folder).context("removing an earlier vault")?;
        }
        fs::create_dir(&folder).context("making the vault")?;
        let key = Identity::generate();
        let identity = key.to_string().expose_secret().to_owned();
        let value = Uuid::new_v4().simple().to_string();
        let text = format!("{NAME}={value}\n");
        let sealed = age::encrypt(&key.to_public(), text.as_bytes()).context("encrypting the secrets")?;
        let mut file = File::options().write(true).create_new(true).mode(0o600).open(folder.join("identity"))?;
        file.write_all(identity.as_bytes()).context("writing the identity")?;
        Ok(Self { folder, identity, value, sealed })
    }

    /// The `[secrets]` of a configuration.
    pub(super) fn section(&self) -> String {
        let folder = self.folder.display();
        format!("[secrets]\nfolder = \"{folder}\"\nidentity = \"file:{folder}/identity\"\n")
    }

    /// Lays down a customer's; named so: `age:CUSTOMER`.
    pub(super) fn lay_down(&self, customer: &str) -> Result<String> {
        fs::write(self.file(customer), &self.sealed).context("writing a customer's secrets")?;
        Ok(format!("age:{customer}"))
    }

    /// Takes them away.
    pub(super) fn take_away(&self, customer: &str) -> Result<()> {
        fs::remove_file(self.file(customer)).context("removing a customer's secrets")
    }

    /// Whether this is what a guest must have been given.
    pub(super) fn is_in(&self, delivered: &str) -> bool {
        delivered.contains(&format!("{NAME}={}", self.value))
            || delivered.contains(&format!("{NAME}=\"{}\"", self.value))
    }

    fn file(&self, customer: &str) -> PathBuf {
        let folder: &Path = &self.folder;
        folder.join(format!("{customer}.age"))
    }
}
