//! The plain archive's tree: as little of a Debian as a restore looks at.

/// Directories, in the order in which they stand in the archive.
pub(super) const DIRECTORIES: &[&str] =
    &["", "etc", "etc/network", "root", "usr", "usr/bin", "usr/lib", "sbin", "dev", "proc", "sys", "var", "tmp", "run"];

/// A file: its name, mode and text.
pub(super) struct File {
    pub(super) name: &'static str,
    pub(super) mode: u32,
    pub(super) text: &'static str,
}

const fn file(name: &'static str, mode: u32, text: &'static str) -> File {
    File { name, mode, text }
}

/// The files.
pub(super) const FILES: &[File] = &[
    file("etc/debian_version", 0o644, "13.1\n"),
    file("etc/os-release", 0o644, "ID=debian\nVERSION_ID=\"13\"\n"),
    file("etc/hosts", 0o644, "127.0.0.1 localhost\n"),
    file("etc/hostname", 0o644, "orig\n"),
    file("etc/passwd", 0o644, "root:x:0:0::/root:/bin/sh\n"),
    file("etc/shadow", 0o640, "root:*:19000:0:99999:7\n"),
    file("etc/network/interfaces", 0o644, "auto lo\niface lo inet loopback\n"),
    file("etc/resolv.conf", 0o644, "nameserver 9.9.9.9\n"),
    file("usr/bin/x", 0o4755, "#!/bin/sh\n"),
];
