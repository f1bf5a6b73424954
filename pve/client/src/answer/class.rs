//! What follows from an error: the one decision that retrying, looking and giving up hang on.

use pve_wire::ExitStatus;

use super::meaning::Meaning;

/// What a caller does next.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Class {
    /// Nothing happened and it may pass: send the same again, with a pause.
    Transient,
    /// It may have happened: look at the world before anything else.
    Ambiguous,
    /// The world is not as it was believed: look again and decide anew.
    Conflict,
    /// It will never work like this: give up and undo.
    Permanent,
    /// The credentials do not reach: a person must grant something.
    Authority,
    /// Only a person on the node can move it.
    Operator,
}

impl Meaning {
    /// The class of every meaning; a new meaning does not compile without one.
    pub fn class(&self) -> Class {
        match self {
            // `create` and `destroyed` are left behind by killed workers, and no API call removes them; the others
            // belong to a task that ends.
            Self::Locked(lock) if matches!(lock.as_str(), "create" | "destroyed") => Class::Operator,
            Self::StorageBroken => Class::Operator,
            Self::LockTimeout | Self::NoQuorum | Self::Overloaded | Self::StorageOffline | Self::Locked(_) => {
                Class::Transient
            }
            // A text that nobody has met says nothing about the world: neither that it may be tried again, nor that
            // nothing happened. Nor does a task that the node forgot, by a restart for one.
            Self::ProxyLost | Self::NoWorker | Self::WorkerVanished | Self::UnknownTask | Self::Unknown => {
                Class::Ambiguous
            }
            Self::GuestExists
            | Self::GuestMissing
            | Self::AlreadyRunning
            | Self::NotRunning
            | Self::StillRunning
            | Self::ModifiedConfiguration
            | Self::SizeAlready
            | Self::SnapshotMissing
            | Self::HotplugFailed
            | Self::LockLost
            | Self::InUse
            | Self::Interrupted
            | Self::Exists => Class::Conflict,
            Self::CredentialsRefused | Self::PermissionMissing | Self::RootOnly => Class::Authority,
            Self::ParameterWrong
            | Self::NoSuchMethod
            | Self::NotTheNode
            | Self::NodeMissing
            | Self::Protected
            | Self::IsTemplate
            | Self::ShrinkRefused
            | Self::VolumeMissing
            | Self::StorageMissing
            | Self::StorageFull
            | Self::FeatureMissing
            | Self::BridgeMissing
            | Self::Missing
            | Self::ArchiveUnusable
            | Self::ProgramFailed
            | Self::StartFailed
            | Self::BackupFailed => Class::Permanent,
        }
    }
}

/// The class of a task that failed; `None` for one that did its work, with warnings or without.
///
/// A worker that could say why it failed has undone what it did: also where its text is unknown, its end is not unclear.
pub fn class_of_task(status: &ExitStatus) -> Option<Class> {
    match status {
        ExitStatus::Ok | ExitStatus::Warnings(_) => None,
        ExitStatus::Unexpected => Some(Class::Ambiguous),
        ExitStatus::Error(text) => Some(match Meaning::of_text(text) {
            Meaning::Unknown => Class::Permanent,
            known => known.class(),
        }),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn class_of(text: &str) -> Option<Class> {
        class_of_task(&ExitStatus::from(text.to_owned()))
    }

    #[test]
    fn a_vanished_worker_is_never_taken_for_a_clean_failure() {
        assert_eq!(class_of("OK"), None);
        assert_eq!(class_of("WARNINGS: 2"), None);
        assert_eq!(class_of("unexpected status"), Some(Class::Ambiguous));
        assert_eq!(class_of("unable to restore CT 130 - command 'tar' failed: exit code 2"), Some(Class::Permanent));
        assert_eq!(class_of("403 Permission check failed (/vms/160, VM.Backup)"), Some(Class::Authority));
        assert_eq!(class_of("CT is locked (backup)"), Some(Class::Transient));
        assert_eq!(class_of("CT is locked (create)"), Some(Class::Operator));
        assert_eq!(class_of("bridge 'nosuch0' does not exist"), Some(Class::Permanent));
        assert_eq!(class_of("a text that nobody has met"), Some(Class::Permanent));
        assert_eq!(class_of("unable to get last line from task log - x"), Some(Class::Ambiguous));
    }

    #[test]
    fn an_unknown_refusal_is_never_tried_again_blindly() {
        assert_eq!(Meaning::of_text("a text that nobody has met").class(), Class::Ambiguous);
    }
}
