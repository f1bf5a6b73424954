//! What a boot finds.

use std::path::PathBuf;

use spec::ids::MachineId;

use crate::items::machine_id::machine_id;
use crate::items::ssh_host_keys::{KeyFile, key_paths, look_at_key};
use crate::keys::KeyAlgorithm;
use crate::marker::{self, MarkerFound};
use crate::root::{Root, RootError};

/// A file that switches the unit off.
const DISABLED: &str = "/etc/mintmark/firstboot.disabled";
const SSHD: &str = "/usr/sbin/sshd";
const MAKE_SSL_CERT: &str = "/usr/sbin/make-ssl-cert";
const SNAKEOIL_KEY: &str = "/etc/ssl/private/ssl-cert-snakeoil.key";

/// Everything that the plan is decided from.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Facts {
    /// Somebody switched the unit off.
    pub disabled: bool,
    /// This guest's id; none when the file holds no id.
    pub machine_id: Option<MachineId>,
    /// The marker of an earlier boot.
    pub marker: MarkerFound,
    /// The keys that sshd will look for; none when the guest has no sshd.
    pub keys: Vec<SeenKey>,
    /// The snake-oil certificate of the guest.
    pub snakeoil: Snakeoil,
}

/// The certificate that Debian's package `ssl-cert` makes when it is installed.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Snakeoil {
    /// The package is not installed, and nobody expects one.
    NotWanted,
    /// The package is there and the key is not.
    Missing,
    /// Both are there.
    There,
}

/// One host key that sshd will look for.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct SeenKey {
    /// Its path in the guest.
    pub path: PathBuf,
    /// The type that it should have.
    pub algorithm: KeyAlgorithm,
    /// What is there.
    pub file: KeyFile,
}

/// Looks at the guest.
pub fn look(root: &Root) -> Result<Facts, RootError> {
    let has_sshd = root.stat_followed(SSHD)?.is_some();
    let paths = if has_sshd { key_paths(root)? } else { Vec::new() };
    let keys = paths.into_iter().map(|path| {
        let (algorithm, file) = (KeyAlgorithm::meant_by(&path), look_at_key(root, &path)?);
        Ok(SeenKey { path, algorithm, file })
    });
    Ok(Facts {
        disabled: root.stat(DISABLED)?.is_some(),
        machine_id: machine_id(root)?,
        marker: marker::find(root)?,
        keys: keys.collect::<Result<_, RootError>>()?,
        snakeoil: look_at_snakeoil(root)?,
    })
}

fn look_at_snakeoil(root: &Root) -> Result<Snakeoil, RootError> {
    let (package, key) = (root.stat_followed(MAKE_SSL_CERT)?, root.stat_followed(SNAKEOIL_KEY)?);
    Ok(match (package, key) {
        (None, _) => Snakeoil::NotWanted,
        (Some(_), None) => Snakeoil::Missing,
        (Some(_), Some(_)) => Snakeoil::There,
    })
}
