//! Who may ask.

use std::collections::BTreeSet;

/// The users whose processes get an answer (`SO_PEERCRED`). The socket's mode keeps others from connecting at all;
/// this holds even when somebody widens it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct AllowedPeers(BTreeSet<u32>);

impl AllowedPeers {
    /// These users and nobody else, not even root.
    pub fn only(uids: impl IntoIterator<Item = u32>) -> Self {
        Self(uids.into_iter().collect())
    }

    /// Root, the user that the helper runs as, and these.
    pub fn with(uids: impl IntoIterator<Item = u32>) -> Self {
        let own = rustix::process::geteuid().as_raw();
        Self(uids.into_iter().chain([0, own]).collect())
    }

    /// Whether this user may ask.
    pub fn allows(&self, uid: u32) -> bool {
        self.0.contains(&uid)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn root_the_own_user_and_the_named_ones_may_ask() {
        let allowed = AllowedPeers::with([4711]);
        assert!(allowed.allows(0) && allowed.allows(4711) && allowed.allows(rustix::process::geteuid().as_raw()));
        assert!(!allowed.allows(65_534));
    }
}
