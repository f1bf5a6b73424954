//! Who may ask: what a call declares, judged before its parameters are checked.

/// Who may make a call.
#[derive(Debug, Clone, Copy, PartialEq)]
pub enum Permission {
    /// `root@pam` alone: Proxmox declares nothing.
    Root,
    /// Anyone, without credentials.
    World,
    /// Anyone who is known; the call itself looks closer.
    All,
    /// Whoever passes a check.
    Of(&'static Check),
}

/// A check of privileges. Paths hold variables in braces, filled from the call's parameters.
#[derive(Debug, Clone, Copy, PartialEq)]
pub enum Check {
    /// Privileges on a path: all of them, or any.
    Privileges {
        /// The path.
        path: &'static str,
        /// The privileges.
        privileges: &'static [&'static str],
        /// Whether one of them is enough.
        any: bool,
        /// A parameter without which this check cannot pass.
        needs: Option<&'static str>,
    },
    /// Whoever may change permissions on a path.
    Modify {
        /// The path.
        path: &'static str,
    },
    /// The user in parameter `userid` is the one who asks.
    Oneself,
    /// `Realm.AllocateUser` on the realm of parameter `userid`.
    RealmOfUser,
    /// One of these privileges on a group of the user in parameter `userid`, or on all groups.
    GroupOfUser {
        /// The privileges.
        privileges: &'static [&'static str],
        /// Whether the call also sets the user's groups, and how.
        groups: GroupsParam,
    },
    /// All of them.
    And(&'static [Check]),
    /// One of them.
    Or(&'static [Check]),
}

/// Whether a call's parameter `groups` is judged too.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum GroupsParam {
    /// There is none.
    None,
    /// The groups of a user to be made.
    Create,
    /// The groups of a user that is changed.
    Update,
}

impl Check {
    /// All of these privileges on a path.
    pub const fn all(path: &'static str, privileges: &'static [&'static str]) -> Self {
        Self::Privileges { path, privileges, any: false, needs: None }
    }

    /// Any of these privileges on a path.
    pub const fn any(path: &'static str, privileges: &'static [&'static str]) -> Self {
        Self::Privileges { path, privileges, any: true, needs: None }
    }
}
