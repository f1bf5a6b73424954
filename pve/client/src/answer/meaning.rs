//! Proxmox's texts, understood. It has no 404 and no 409: nearly everything is a 500 and a sentence.

use std::collections::BTreeMap;

/// What a refusal, or a failed task's exit status, means.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Meaning {
    /// The VMID is taken, by a container or a virtual machine, on any node.
    GuestExists,
    /// There is no such guest on this node.
    GuestMissing,
    /// A start found the guest running.
    AlreadyRunning,
    /// A stop found the guest stopped.
    NotRunning,
    /// A destroy or restore found the guest running.
    StillRunning,
    /// The per-guest lock file was not free in time (10 s, 5 s at create).
    LockTimeout,
    /// The configuration bears this lock (`backup`, `create`, …).
    Locked(String),
    /// The digest does not fit: somebody else wrote the configuration.
    ModifiedConfiguration,
    /// The cluster has no quorum.
    NoQuorum,
    /// 429 or 503.
    Overloaded,
    /// 595 to 599: pveproxy lost the daemon or the other node; the call may still be carried out.
    ProxyLost,
    /// The daemon forked and got no worker id back.
    NoWorker,
    /// A worker ended without a last line: it was killed, or the node went down.
    WorkerVanished,
    /// A disk has that size already.
    SizeAlready,
    /// A disk never shrinks.
    ShrinkRefused,
    /// The guest's `protection` is on.
    Protected,
    /// A parameter is wrong; the refusal's `errors` name it.
    ParameterWrong,
    /// 401.
    CredentialsRefused,
    /// 403 with a path and a privilege, or without.
    PermissionMissing,
    /// Only `root@pam` itself may do it, no token.
    RootOnly,
    /// The node does not know the call.
    NoSuchMethod,
    /// The named volume is not there.
    VolumeMissing,
    /// The named storage is not there, disabled, or holds other content.
    StorageMissing,
    /// No space left.
    StorageFull,
    /// The bridge that a NIC names is not there.
    BridgeMissing,
    /// The node does not know the task.
    UnknownTask,
    /// None of the above.
    Unknown,
}

/// Texts that stand anywhere in a message, first match wins: the more particular ones come first.
const PHRASES: &[(&str, Meaning)] = &[
    ("only allowed for root@pam", Meaning::RootOnly),
    ("Only root can", Meaning::RootOnly),
    ("Only root may", Meaning::RootOnly),
    ("Permission check failed", Meaning::PermissionMissing),
    ("got no worker upid", Meaning::NoWorker),
    ("unexpected status", Meaning::WorkerVanished),
    ("no quorum", Meaning::NoQuorum),
    ("got timeout", Meaning::LockTimeout),
    ("detected modified configuration", Meaning::ModifiedConfiguration),
    ("already exists on node", Meaning::GuestExists),
    ("already running", Meaning::AlreadyRunning),
    ("container is running", Meaning::StillRunning),
    ("can't overwrite running container", Meaning::StillRunning),
    ("not running", Meaning::NotRunning),
    ("protection mode enabled", Meaning::Protected),
    ("already at specified size", Meaning::SizeAlready),
    ("unable to shrink disk size", Meaning::ShrinkRefused),
    ("no such task", Meaning::UnknownTask),
    ("No space left on device", Meaning::StorageFull),
    ("not enough free space", Meaning::StorageFull),
];

impl Meaning {
    /// The meaning of a refusal.
    pub fn of(status: u16, text: &str, errors: &BTreeMap<String, String>) -> Self {
        match status {
            401 => Self::CredentialsRefused,
            429 | 503 => Self::Overloaded,
            595..=599 => Self::ProxyLost,
            501 => Self::NoSuchMethod,
            400 => Self::of_parameters(errors),
            _ => Self::of_text(text),
        }
    }

    /// The meaning of a text alone: of a 500, or of a failed task's exit status.
    pub fn of_text(text: &str) -> Self {
        if let Some(lock) = between(text, "is locked (", ")") {
            return Self::Locked(lock.to_owned());
        }
        if let Some((_, meaning)) = PHRASES.iter().find(|(phrase, _)| text.contains(phrase)) {
            return meaning.clone();
        }
        let missing = text.contains("does not exist");
        match () {
            () if missing && text.contains("Configuration file") => Self::GuestMissing,
            () if missing && text.contains("bridge '") => Self::BridgeMissing,
            () if missing && text.contains("volume '") => Self::VolumeMissing,
            () if missing && text.contains("storage '") => Self::StorageMissing,
            () => Self::Unknown,
        }
    }

    fn of_parameters(errors: &BTreeMap<String, String>) -> Self {
        let says = |phrase: &str| errors.values().any(|text| text.contains(phrase));
        match () {
            () if says("no such task") => Self::UnknownTask,
            () if says("already exists") => Self::GuestExists,
            () if says("Only root may") => Self::RootOnly,
            () if says("No such storage") || says("does not support container directories") => Self::StorageMissing,
            () => Self::ParameterWrong,
        }
    }
}

fn between<'a>(text: &'a str, before: &str, after: &str) -> Option<&'a str> {
    let (_, rest) = text.split_once(before)?;
    rest.split_once(after).map(|(found, _)| found)
}
