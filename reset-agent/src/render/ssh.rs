//! Revoked host certificates as `ssh-keygen -k` reads them.

use crate::verbs::ssh::Revoked;

/// A specification of a key revocation list (ssh-keygen(1), KEY REVOCATION LISTS): serials of one CA, without end of line.
pub fn revoked(revoked: &Revoked) -> String {
    let mut text = format!("# revoked host certificates of the CA {}\n", revoked.ca);
    for certificate in &revoked.revoked {
        text = format!("{text}# {} {}\nserial: {}\n", certificate.key_id, certificate.host_key, certificate.serial);
    }
    text.trim_end().to_owned()
}
