//! The places, and what may be put there. Pure.

use std::path::{Path, PathBuf};

use super::error::DeliverError;
use crate::protocol::{File, Place};

/// The most bytes of one file.
pub(super) const FILE_CAP: usize = 64 * 1024;

/// What there is to know of a place.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct PlaceRules {
    /// The directory, in the guest.
    pub(super) directory: &'static str,
    /// The names that a delivery may have, and that it replaces.
    pub(super) names: &'static [&'static str],
    /// Permission bits of its files.
    pub(super) mode: u32,
    /// Whether nobody but deliveries writes there, so that what a killed one left unfinished can be told.
    pub(super) ours: bool,
}

impl Place {
    pub(super) const fn rules(self) -> PlaceRules {
        match self {
            Self::Secrets => {
                PlaceRules { directory: "/etc/mintmark", names: &["secrets.env"], mode: 0o600, ours: true }
            }
            // Where cloud-init's data source `NoCloud` looks on a file system; user-data may hold secrets.
            Self::Nocloud => PlaceRules {
                directory: "/var/lib/cloud/seed/nocloud",
                names: &["user-data", "meta-data", "vendor-data", "network-config"],
                mode: 0o600,
                ours: true,
            },
            Self::Attestation => PlaceRules {
                directory: "/var/lib/mintmark",
                names: &["attestation-request.json"],
                mode: 0o600,
                ours: false,
            },
            // sshd's names for the certificates of its default keys.
            Self::HostCertificates => PlaceRules {
                directory: "/etc/ssh",
                names: &["ssh_host_ed25519_key-cert.pub", "ssh_host_ecdsa_key-cert.pub", "ssh_host_rsa_key-cert.pub"],
                mode: 0o644,
                ours: false,
            },
        }
    }
}

impl PlaceRules {
    /// A name's path in the guest.
    pub(super) fn path(&self, name: &str) -> PathBuf {
        Path::new(self.directory).join(name)
    }
}

/// Whether these files may be put there at all.
pub(super) fn admit(place: Place, files: &[File]) -> Result<(), DeliverError> {
    let rules = place.rules();
    for (at, file) in files.iter().enumerate() {
        if !rules.names.contains(&file.name.as_str()) {
            return Err(DeliverError::Name { place, name: file.name.clone(), names: rules.names });
        }
        if files[..at].iter().any(|earlier| earlier.name == file.name) {
            return Err(DeliverError::Twice { name: file.name.clone() });
        }
        if file.content.bytes().len() > FILE_CAP {
            return Err(DeliverError::TooBig { name: file.name.clone(), bytes: file.content.bytes().len() });
        }
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::protocol::Content;

    fn file(name: &str, bytes: usize) -> File {
        File { name: name.into(), content: Content::new(vec![b'x'; bytes]) }
    }

    #[test]
    fn s3_05_only_the_places_own_names_are_taken() {
        for name in
            ["", ".", "..", "/", "/etc/shadow", "../secrets.env", "secrets.env/", "secrets.env\0", "SECRETS.ENV", "a"]
        {
            let refused = admit(Place::Secrets, &[file(name, 1)]);
            assert!(matches!(refused, Err(DeliverError::Name { .. })), "{name:?}");
        }
        assert!(admit(Place::Secrets, &[file("secrets.env", 1)]).is_ok());
        assert!(admit(Place::Nocloud, &[file("user-data", 1), file("meta-data", 0)]).is_ok());
        assert!(admit(Place::Secrets, &[]).is_ok(), "nothing withdraws");
    }

    #[test]
    fn s3_05_sizes_and_counts_are_capped() {
        assert!(admit(Place::Secrets, &[file("secrets.env", FILE_CAP)]).is_ok());
        let large = admit(Place::Secrets, &[file("secrets.env", FILE_CAP + 1)]);
        assert!(matches!(large, Err(DeliverError::TooBig { .. })));
        let twice = admit(Place::Secrets, &[file("secrets.env", 1), file("secrets.env", 2)]);
        assert!(matches!(twice, Err(DeliverError::Twice { .. })));
    }
}
