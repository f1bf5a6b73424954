//! The id map of unprivileged guests: Proxmox's own, 65536 ids from 100000 on.

use crate::exec::Program;

/// The host's id of an unprivileged guest's root.
pub const FIRST: u32 = 100_000;
/// How many ids a guest has.
pub const COUNT: u32 = 65_536;

/// The host's id of a guest's root.
pub fn root_of(unprivileged: bool) -> u32 {
    if unprivileged { FIRST } else { 0 }
}

/// A program that runs as the guest's root would: in its user namespace when the guest is unprivileged.
pub fn as_guest_root(unprivileged: bool, name: &str) -> Program {
    if unprivileged {
        let map = |kind: char| format!("{kind}:0:{FIRST}:{COUNT}");
        Program::new("lxc-usernsexec").args(["-m", &map('u'), "-m", &map('g'), "--", name])
    } else {
        Program::new(name)
    }
}
