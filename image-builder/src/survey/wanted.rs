//! Which files of an archive are read.

use spec::software::{APK_INSTALLED, DPKG_DIVERSIONS, DPKG_STATUS, dpkg_listed};

/// What is done with a file's content.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Want {
    /// It is skipped.
    Nothing,
    /// Only its digest is noted.
    Digest,
    /// The whole text, and its digest.
    Text,
}

/// What of the file at a path is wanted.
pub(super) fn wanted(path: &str) -> Want {
    let database = [DPKG_STATUS, DPKG_DIVERSIONS, APK_INSTALLED].contains(&path) || dpkg_listed(path).is_some();
    let told =
        path == "/etc/passwd" || path == "/etc/group" || path == "/etc/os-release" || path == "/usr/lib/os-release";
    if database || told || is_copyright(path) || is_socket_unit(path) {
        Want::Text
    } else if path.starts_with("/etc/") {
        Want::Digest
    } else {
        Want::Nothing
    }
}

/// The package that a copyright file stands for.
pub(crate) fn copyright_of(path: &str) -> Option<&str> {
    let name = path.strip_prefix("/usr/share/doc/")?.strip_suffix("/copyright")?;
    (!name.contains('/')).then_some(name)
}

fn is_copyright(path: &str) -> bool {
    copyright_of(path).is_some()
}

fn is_socket_unit(path: &str) -> bool {
    let folders = ["/etc/systemd/system/", "/usr/lib/systemd/system/", "/lib/systemd/system/"];
    let ends = std::path::Path::new(path).extension().is_some_and(|end| end == "socket");
    ends && folders.iter().any(|folder| path.starts_with(folder))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn databases_and_licences_are_read_and_configuration_is_compared() {
        assert_eq!(wanted("/var/lib/dpkg/info/libc6:amd64.list"), Want::Text);
        assert_eq!(wanted("/usr/share/doc/bash/copyright"), Want::Text);
        assert_eq!(wanted("/usr/lib/systemd/system/docker.socket"), Want::Text);
        assert_eq!(wanted("/etc/ssh/sshd_config"), Want::Digest);
        assert_eq!(wanted("/usr/bin/dockerd"), Want::Nothing);
        assert_eq!(copyright_of("/usr/share/doc/a/b/copyright"), None);
    }
}
