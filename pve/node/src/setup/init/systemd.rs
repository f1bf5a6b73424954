//! Whether systemd is the guest's init, and which.

use crate::setup::rooted::Root;

/// Where init is, a link resolved.
pub(in crate::setup) fn init_path(tree: &Root) -> String {
    let init = "/sbin/init";
    let real = if tree.is_link(init) { tree.real(init) } else { None };
    real.unwrap_or_else(|| init.to_owned())
}

/// Whether init is a link to systemd.
pub(in crate::setup) fn is_init(tree: &Root) -> bool {
    tree.target("/sbin/init").is_some_and(|target| target.ends_with("/systemd"))
}

/// Whether systemd is installed, running or not.
pub(in crate::setup) fn is_installed(tree: &Root) -> bool {
    ["/lib/systemd/systemd", "/usr/lib/systemd/systemd"].iter().any(|path| tree.is_executable(path))
}

/// Where its units are.
pub(in crate::setup) fn unit_directory(tree: &Root) -> &'static str {
    if tree.is_executable("/lib/systemd/systemd") { "/lib/systemd/system" } else { "/usr/lib/systemd/system" }
}

/// The version in the name of the library that a systemd is linked with.
pub(in crate::setup) fn version(tree: &Root, init: &str) -> Option<u32> {
    let bytes = tree.bytes(init).ok()??;
    library_versions(&bytes).next_back()
}

fn library_versions(bytes: &[u8]) -> impl DoubleEndedIterator<Item = u32> + '_ {
    let names = bytes.split(|byte| *byte == 0).filter_map(|name| name.strip_prefix(b"libsystemd-shared-"));
    names.filter_map(|name| {
        let name = str::from_utf8(name).ok()?.strip_suffix(".so")?;
        let end = name.find(|c: char| !c.is_ascii_digit()).unwrap_or(name.len());
        name.get(..end)?.parse().ok()
    })
}

#[cfg(test)]
mod tests {
    use super::library_versions;

    #[test]
    fn the_library_tells_the_version() {
        let of = |name: &str| library_versions(format!("\0libc.so.6\0{name}\0").as_bytes()).next();
        assert_eq!(of("libsystemd-shared-257.so"), Some(257));
        assert_eq!(of("libsystemd-shared-252.22-1~deb12u1.so"), Some(252));
        assert_eq!(of("libsystemd-shared-.so"), None);
        assert_eq!(of("libsystemd.so.0"), None);
    }
}
