//! What stands in Proxmox's texts, and what it says. Nothing here decides anything.

use super::meaning::Meaning;

/// Phrases that stand anywhere in a text; the first that fits wins, so the more particular ones come first.
pub(super) const PHRASES: &[(&str, Meaning)] = &[
    // Who may.
    ("only allowed for root@pam", Meaning::RootOnly),
    ("only possible for root", Meaning::RootOnly),
    ("Only root can", Meaning::RootOnly),
    ("Only root may", Meaning::RootOnly),
    ("Permission check failed", Meaning::PermissionMissing),
    ("missing privileges", Meaning::PermissionMissing),
    // Tasks and the node itself.
    ("got no worker upid", Meaning::NoWorker),
    ("unexpected status", Meaning::WorkerVanished),
    ("unable to get last line from task log", Meaning::WorkerVanished),
    ("received interrupt", Meaning::Interrupted),
    ("no such task", Meaning::UnknownTask),
    ("job errors", Meaning::BackupFailed),
    ("no quorum", Meaning::NoQuorum),
    ("got timeout", Meaning::LockTimeout),
    ("got lock request timeout", Meaning::LockTimeout),
    ("hostname lookup", Meaning::NodeMissing),
    // How a guest is.
    ("detected modified configuration", Meaning::ModifiedConfiguration),
    ("already exists on node", Meaning::GuestExists),
    ("already running", Meaning::AlreadyRunning),
    ("container is running", Meaning::StillRunning),
    ("of a running container", Meaning::StillRunning),
    ("overwrite running container", Meaning::StillRunning),
    ("not running", Meaning::NotRunning),
    ("protection mode enabled", Meaning::Protected),
    ("used in HA resources", Meaning::Protected),
    ("cannot remove protected volume", Meaning::Protected),
    ("it's a template", Meaning::IsTemplate),
    ("a template to a template", Meaning::IsTemplate),
    ("startup for container", Meaning::StartFailed),
    ("unable to hotplug", Meaning::HotplugFailed),
    // Storages, volumes, archives.
    ("already at specified size", Meaning::SizeAlready),
    ("unable to shrink disk size", Meaning::ShrinkRefused),
    ("No space left on device", Meaning::StorageFull),
    ("not enough free space", Meaning::StorageFull),
    ("insufficient free space", Meaning::StorageFull),
    ("out of space", Meaning::StorageFull),
    ("max backup limit", Meaning::StorageFull),
    ("is not online", Meaning::StorageOffline),
    ("unable to activate storage", Meaning::StorageOffline),
    ("' is disabled", Meaning::StorageMissing),
    ("is not available on node", Meaning::StorageMissing),
    ("is not available on storage", Meaning::StorageMissing),
    ("does not support container directories", Meaning::StorageMissing),
    ("feature is not available", Meaning::FeatureMissing),
    ("Linked clone feature for", Meaning::FeatureMissing),
    ("archive contains no configuration file", Meaning::ArchiveUnusable),
    ("couldn't determine archive info", Meaning::ArchiveUnusable),
    ("could not be recovered", Meaning::ArchiveUnusable),
    ("please specify rootfs", Meaning::ArchiveUnusable),
    ("by specifying -rootfs manually", Meaning::ArchiveUnusable),
    // What was asked for does not make sense.
    ("content type needs to be", Meaning::ParameterWrong),
    ("unable to parse", Meaning::ParameterWrong),
    ("no options specified", Meaning::ParameterWrong),
    ("required option", Meaning::ParameterWrong),
    ("read-only option", Meaning::ParameterWrong),
    ("reserved name", Meaning::ParameterWrong),
    ("validation error", Meaning::ParameterWrong),
    ("format error", Meaning::ParameterWrong),
    ("not set - aborting", Meaning::ParameterWrong),
    ("at character offset", Meaning::ParameterWrong),
    ("failed - no format", Meaning::ParameterWrong),
    // A program's end says least: it stands last.
    ("already exists", Meaning::Exists),
    ("already used", Meaning::Exists),
    ("' failed: ", Meaning::ProgramFailed),
];

/// What it is that `does not exist`.
pub(super) const MISSING: &[(&str, Meaning)] = &[
    ("Configuration file '", Meaning::GuestMissing),
    ("bridge '", Meaning::BridgeMissing),
    ("volume '", Meaning::VolumeMissing),
    ("storage '", Meaning::StorageMissing),
    ("snapshot '", Meaning::SnapshotMissing),
];
