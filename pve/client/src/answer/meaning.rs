//! Proxmox's texts, understood. It has no 404 and no 409: nearly everything is a 500 and a sentence.

use std::collections::BTreeMap;

use super::phrases::{MISSING, PHRASES};

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
    /// A lock file was not free in time (a guest's: 10 s, 5 s at create), or a cluster-wide lock was not.
    LockTimeout,
    /// The configuration bears this lock (`backup`, `create`, …).
    Locked(String),
    /// The lock that an operation had set is gone, or another's: somebody else works on the guest.
    LockLost,
    /// Others depend on it: linked clones on their base, a guest on its volume.
    InUse,
    /// The digest does not fit: somebody else wrote the configuration.
    ModifiedConfiguration,
    /// The cluster has no quorum, or its file system is away: nothing can be written.
    NoQuorum,
    /// 429 or 503.
    Overloaded,
    /// 595 to 599, and what other proxies say: the daemon or the other node was lost; the call may still be carried
    /// out.
    ProxyLost,
    /// The daemon forked and got no worker id back.
    NoWorker,
    /// A worker ended without a last line: it was killed, or the node went down.
    WorkerVanished,
    /// A worker was asked to stop, and did.
    Interrupted,
    /// A disk has that size already.
    SizeAlready,
    /// A disk never shrinks.
    ShrinkRefused,
    /// The guest's `protection` is on, or a volume's, or high availability keeps it.
    Protected,
    /// The guest is a template, which does not do this.
    IsTemplate,
    /// A parameter is wrong, or does not go with the others; the refusal's `errors` name it, or its text.
    ParameterWrong,
    /// A change was written and could not be carried to the running guest.
    HotplugFailed,
    /// 401.
    CredentialsRefused,
    /// 403 with a path and a privilege, or without.
    PermissionMissing,
    /// Only `root@pam` itself may do it, no token.
    RootOnly,
    /// The node does not know the call, or not in this form.
    NoSuchMethod,
    /// Something answers that is no node's API: it redirects.
    NotTheNode,
    /// The cluster has no node of that name.
    NodeMissing,
    /// The named volume is not there.
    VolumeMissing,
    /// The named storage is not there, disabled, or holds other content.
    StorageMissing,
    /// The storage does not answer now.
    StorageOffline,
    /// No space left, or as many backups as there may be.
    StorageFull,
    /// The storage answers with errors of its disks, or has gone read-only.
    StorageBroken,
    /// The storage cannot do this: snapshots, linked clones.
    FeatureMissing,
    /// The named snapshot is not there.
    SnapshotMissing,
    /// The bridge that a NIC names is not there.
    BridgeMissing,
    /// Something else that was named is not there.
    Missing,
    /// Something else of that name is there already.
    Exists,
    /// The archive is no backup of a container, or its configuration cannot be used.
    ArchiveUnusable,
    /// A program that the node ran ended badly.
    ProgramFailed,
    /// The container's init did not come up.
    StartFailed,
    /// At least one guest of a backup job was not backed up; the log tells which.
    BackupFailed,
    /// The node does not know the task.
    UnknownTask,
    /// None of the above.
    Unknown,
}

impl Meaning {
    /// The meaning of a refusal.
    pub fn of(status: u16, text: &str, errors: &BTreeMap<String, String>) -> Self {
        match status {
            300..=399 => Self::NotTheNode,
            401 => Self::CredentialsRefused,
            403 if Self::of_text(text) == Self::RootOnly => Self::RootOnly,
            403 => Self::PermissionMissing,
            429 | 503 => Self::Overloaded,
            408 | 502 | 504 | 595..=599 => Self::ProxyLost,
            501 | 505 | 506 => Self::NoSuchMethod,
            400 => Self::of_parameters(errors),
            _ => Self::of_text(text),
        }
    }

    /// The meaning of a text alone: of a 500, or of a failed task's exit status.
    pub fn of_text(text: &str) -> Self {
        if let Some(lock) = between(text, "is locked (", ")") {
            return Self::Locked(lock.to_owned());
        }
        let found =
            |table: &[(&str, Self)]| table.iter().find(|(phrase, _)| text.contains(phrase)).map(|row| row.1.clone());
        let missing = || text.contains("does not exist").then(|| found(MISSING).unwrap_or(Self::Missing));
        found(PHRASES).or_else(missing).unwrap_or(Self::Unknown)
    }

    /// Errors by parameter are as a rule what the word says; a few of them are facts about the world.
    fn of_parameters(errors: &BTreeMap<String, String>) -> Self {
        let facts = errors.values().map(|text| match () {
            () if text.contains("No such storage") => Self::StorageMissing,
            () if text.contains("does not support") => Self::StorageMissing,
            () if text.contains("already exists") => Self::GuestExists,
            () => Self::of_text(text),
        });
        let told = |fact: &Self| {
            matches!(
                fact,
                Self::UnknownTask | Self::GuestExists | Self::RootOnly | Self::StorageMissing | Self::HotplugFailed
            )
        };
        facts.into_iter().find(told).unwrap_or(Self::ParameterWrong)
    }
}

fn between<'a>(text: &'a str, before: &str, after: &str) -> Option<&'a str> {
    let (_, rest) = text.split_once(before)?;
    rest.split_once(after).map(|(found, _)| found)
}
