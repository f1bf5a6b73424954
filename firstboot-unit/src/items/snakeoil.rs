//! Debian's snake-oil certificate has a second name: a link by its subject's hash.

use std::ffi::OsStr;
use std::path::{Path, PathBuf};

use crate::root::{Kind, Root, RootError};

/// The catalog item.
pub(crate) const ITEM: &str = "snakeoil-key";
const CERTIFICATES: &str = "/etc/ssl/certs";
const CERTIFICATE: &str = "ssl-cert-snakeoil.pem";

/// The links to the certificate among the hash links. `/etc/ssl/certs` has some 300 of them.
pub(crate) fn hash_links(root: &Root) -> Result<Vec<PathBuf>, RootError> {
    let mut links = Vec::new();
    for entry in root.list(CERTIFICATES)?.unwrap_or_default() {
        let path = Path::new(CERTIFICATES).join(&entry.name);
        let to_certificate = |target: PathBuf| target.file_name() == Some(OsStr::new(CERTIFICATE));
        if entry.kind == Kind::Link && root.read_link(&path)?.is_some_and(to_certificate) {
            links.push(path);
        }
    }
    Ok(links)
}
