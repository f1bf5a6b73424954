//! Whether a build follows a lock.

use spec::release::Lock;

/// Whether a build follows a lock.
#[derive(Debug, Clone, Copy)]
pub enum Locking<'l> {
    /// It takes what is newest, and writes down what that was.
    Newest,
    /// The same, with the archives' indices: where packages come from, and the digest of each.
    NewestWithDigests,
    /// It takes what the lock says, or fails.
    Locked(&'l Lock),
}

impl<'l> Locking<'l> {
    /// The lock that is followed.
    pub fn lock(self) -> Option<&'l Lock> {
        match self {
            Self::Locked(lock) => Some(lock),
            Self::Newest | Self::NewestWithDigests => None,
        }
    }
}
