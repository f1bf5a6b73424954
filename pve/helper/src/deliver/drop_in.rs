//! What the helper itself says to sshd of certificates that were delivered. Pure.
//!
//! sshd reads no certificate that its configuration does not name. The lines follow from the delivered names alone: no
//! caller writes into sshd's configuration.

use super::places::PlaceRules;
use crate::protocol::{Content, File, Place};

const NAME: &str = "20-mintmark-host-certificates.conf";

const RULES: PlaceRules = PlaceRules { directory: "/etc/ssh/sshd_config.d", names: &[NAME], mode: 0o644, ours: false };

/// What goes along with a delivery, and where to: nothing where the files speak for themselves.
pub(super) fn of(place: Place, files: &[File]) -> Option<(PlaceRules, Vec<File>)> {
    if place != Place::HostCertificates {
        return None;
    }
    let directory = place.rules().directory;
    let lines = files.iter().map(|file| format!("HostCertificate {directory}/{}\n", file.name));
    let lines = lines.collect::<Vec<_>>().concat();
    let content = format!("# Written by mintmark-helper with the certificates of this guest's host keys.\n{lines}");
    let along = File { name: NAME.to_owned(), content: Content::new(content.into_bytes()) };
    // Withdrawn certificates are named no more.
    Some((RULES, Some(along).filter(|_| !files.is_empty()).into_iter().collect()))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn certificate(name: &str) -> File {
        File { name: name.into(), content: Content::new(b"Match all\nPermitRootLogin yes\n".to_vec()) }
    }

    #[test]
    fn sshd_is_told_of_what_was_delivered_and_of_nothing_that_stands_in_it() {
        let names = ["ssh_host_ed25519_key-cert.pub", "ssh_host_rsa_key-cert.pub"];
        let (rules, files) = of(Place::HostCertificates, &names.map(certificate)).unwrap();
        assert_eq!(
            rules.path(&files[0].name).to_str(),
            Some("/etc/ssh/sshd_config.d/20-mintmark-host-certificates.conf")
        );
        let text = std::str::from_utf8(files[0].content.bytes()).unwrap();
        let lines: Vec<&str> = text.lines().filter(|line| !line.starts_with('#')).collect();
        assert_eq!(lines, names.map(|name| format!("HostCertificate /etc/ssh/{name}")));
    }

    #[test]
    fn withdrawn_certificates_are_named_no_more_and_other_places_bring_nothing_along() {
        assert!(of(Place::HostCertificates, &[]).unwrap().1.is_empty());
        assert!(of(Place::Secrets, &[]).is_none() && of(Place::Nocloud, &[]).is_none());
    }
}
