//! What is chosen before packing, and what is known after it.

use serde::Serialize;
use spec::ids::Sha256Hex;

/// What is chosen before packing.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct PackOptions {
    /// No member is newer than this, seconds since 1970; without it times stay as they are.
    pub newest: Option<u64>,
    /// The host's id of the guest's root, where the tree is that of an unprivileged guest as its node sees it.
    pub id_base: u32,
    /// Threads that compress; the bytes do not depend on it. At least one.
    pub threads: u32,
}

/// What was packed.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Packed {
    /// Bytes of the file.
    pub file_bytes: u64,
    /// SHA-256 of the file.
    pub file_sha256: Sha256Hex,
    /// Bytes of the tar stream in it.
    pub tar_bytes: u64,
    /// Members.
    pub members: u64,
    /// Sockets, which no archive holds: they are made by who listens.
    pub sockets: u64,
}
