//! A package's name in the world: a package URL.

use std::fmt::Write as _;

use super::bill::System;
use crate::software::{Manager, Package};

/// `pkg:deb/debian/libc6@2.41-12?arch=amd64&distro=debian-13&upstream=glibc`.
pub fn purl(package: &Package, system: &System) -> String {
    let (kind, vendor) = match package.manager {
        Manager::Dpkg => ("deb", if system.id.is_empty() { "debian" } else { &system.id }),
        Manager::Apk => ("apk", if system.id.is_empty() { "alpine" } else { &system.id }),
    };
    let mut purl = format!("pkg:{kind}/{}/{}@{}", encoded(vendor), encoded(&package.name), encoded(&package.version));
    let _ = write!(purl, "?arch={}", encoded(&package.architecture));
    if !system.version.is_empty() {
        let _ = write!(purl, "&distro={}-{}", encoded(vendor), encoded(&system.version));
    }
    if let Some(source) = package.source.as_ref().filter(|source| **source != package.name) {
        let _ = write!(purl, "&upstream={}", encoded(source));
    }
    purl
}

/// Percent encoding of everything that is not unreserved.
fn encoded(text: &str) -> String {
    let mut encoded = String::with_capacity(text.len());
    for byte in text.bytes() {
        if byte.is_ascii_alphanumeric() || b"-._~".contains(&byte) {
            encoded.push(char::from(byte));
        } else {
            // Writing to a string does not fail.
            let _ = write!(encoded, "%{byte:02X}");
        }
    }
    encoded
}

#[cfg(test)]
mod tests {
    use super::super::bill::tests::bill;
    use super::*;

    #[test]
    fn a_purl_names_vendor_version_architecture_and_source() {
        let bill = bill();
        let purls: Vec<String> = bill.components.iter().map(|one| purl(&one.package, &bill.system)).collect();
        assert_eq!(purls[0], "pkg:deb/debian/bash@1%3A2.0%2Bdfsg-1?arch=amd64&distro=debian-13");
        assert!(purls[1].ends_with("&distro=debian-13&upstream=glibc"), "{}", purls[1]);
    }
}
