//! A member's PAX records: only those that vzdump's tar writes are taken, and none twice.

use tar_core::PaxExtensions;
use tar_core::parse::ParsedEntry;

use crate::error::Refusal;
use crate::member::{Attribute, shown};

/// Records that say what a header cannot.
const PLAIN: &[&str] = &["path", "linkpath", "size", "uid", "gid", "uname", "gname", "mtime", "atime", "ctime"];
/// Records of a sparse file in the form that GNU tar writes today, 1.0; the older forms are read differently by
/// different readers.
const SPARSE: &[&str] =
    &["GNU.sparse.major", "GNU.sparse.minor", "GNU.sparse.name", "GNU.sparse.realsize", "GNU.sparse.size"];
/// What `tar --acls --xattrs-include=user.* --xattrs-include=security.capability` writes, and what Proxmox unpacks.
const ATTRIBUTES: &[&str] = &["xattr.user.", "xattr.security.capability", "acl.access", "acl.default"];
/// The most that fits a size field of a header.
const MOST_IN_HEADER: u64 = 0o777_7777_7777;

/// The extended attributes, sorted by name.
pub(crate) fn attributes(entry: &ParsedEntry<'_>, sparse: bool) -> Result<Vec<Attribute>, Refusal> {
    let mut keys: Vec<&[u8]> = Vec::new();
    let mut attributes = Vec::new();
    for record in PaxExtensions::new(entry.pax.unwrap_or_default()) {
        let record = record.map_err(|_| Refusal::PaxRecord { key: "a record that does not read".to_owned() })?;
        let key = record.key_bytes();
        if keys.contains(&key) {
            return Err(Refusal::PaxRecord { key: format!("{} twice", shown(key)) });
        }
        keys.push(key);
        let known = |table: &[&str]| table.iter().any(|known| known.as_bytes() == key);
        let attribute = key.strip_prefix(b"SCHILY.").and_then(|name| std::str::from_utf8(name).ok());
        match attribute.filter(|name| is_attribute(name)) {
            Some(name) => {
                attributes.push(Attribute { name: name.to_owned(), value: record.value_bytes().to_vec() });
            }
            None if known(PLAIN) || (sparse && known(SPARSE)) => {}
            None => return Err(Refusal::PaxRecord { key: shown(key) }),
        }
    }
    check_size(entry, sparse)?;
    attributes.sort_unstable();
    Ok(attributes)
}

fn is_attribute(name: &str) -> bool {
    ATTRIBUTES.iter().any(|known| if known.ends_with('.') { name.starts_with(known) } else { name == *known })
}

/// A `size` record stands where the header's field is too small, or says the same. Readers that take the other of two
/// different sizes find members where these find content (CVE-2025-62518).
fn check_size(entry: &ParsedEntry<'_>, sparse: bool) -> Result<(), Refusal> {
    let Some(record) = PaxExtensions::new(entry.pax.unwrap_or_default()).get_u64("size") else { return Ok(()) };
    let header = entry.header.entry_size().unwrap_or_default();
    if record == header || record > MOST_IN_HEADER || sparse {
        return Ok(());
    }
    Err(Refusal::TwoSizes { header, record })
}
