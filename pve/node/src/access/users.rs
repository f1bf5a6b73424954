//! Users, tokens, groups, roles, pools and grants: what `user.cfg` holds. Pure.

use std::collections::{BTreeMap, BTreeSet};

use super::path::AclPath;
use super::privileges::BUILT_IN_ROLES;

/// A user.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct User {
    /// Whether it may log in.
    pub enable: bool,
    /// When it ends, in seconds since 1970; 0 for never.
    pub expire: u64,
    /// Its first name.
    pub firstname: String,
    /// Its last name.
    pub lastname: String,
    /// Its mail address.
    pub email: String,
    /// A remark.
    pub comment: String,
    /// Keys for a second factor, kept and shown only.
    pub keys: String,
    /// Its API tokens by name.
    pub tokens: BTreeMap<String, Token>,
}

/// An API token.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Token {
    /// When it ends, in seconds since 1970; 0 for never.
    pub expire: u64,
    /// Whether it has privileges of its own, within its user's; else it has its user's.
    pub privsep: bool,
    /// A remark.
    pub comment: String,
}

/// A group of users.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Group {
    /// Its members.
    pub users: BTreeSet<String>,
    /// A remark.
    pub comment: String,
}

/// A pool of guests and storages.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Pool {
    /// A remark.
    pub comment: String,
    /// Its guests. A guest is in one pool at most.
    pub vms: BTreeSet<u64>,
    /// Its storages.
    pub storage: BTreeSet<String>,
}

/// Roles, each with whether it holds below the path too.
pub type Roles = BTreeMap<String, bool>;

/// Who was granted what on one path.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Grants {
    /// By user.
    pub users: BTreeMap<String, Roles>,
    /// By group.
    pub groups: BTreeMap<String, Roles>,
    /// By token's full name.
    pub tokens: BTreeMap<String, Roles>,
}

impl Grants {
    /// Whether nobody was granted anything.
    pub fn is_empty(&self) -> bool {
        [&self.users, &self.groups, &self.tokens].into_iter().all(|of| of.values().all(BTreeMap::is_empty))
    }
}

/// Everything in `user.cfg`.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct UserConfig {
    /// Users by name; `root@pam` is always there.
    pub users: BTreeMap<String, User>,
    /// Groups by name.
    pub groups: BTreeMap<String, Group>,
    /// Pools by name.
    pub pools: BTreeMap<String, Pool>,
    /// The roles that somebody made.
    pub own_roles: BTreeMap<String, BTreeSet<&'static str>>,
    /// Grants by path.
    pub acl: BTreeMap<AclPath, Grants>,
}

impl Default for UserConfig {
    fn default() -> Self {
        let root = User { enable: true, ..User::default() };
        Self {
            users: BTreeMap::from([(super::names::ROOT.to_owned(), root)]),
            groups: BTreeMap::new(),
            pools: BTreeMap::new(),
            own_roles: BTreeMap::new(),
            acl: BTreeMap::new(),
        }
    }
}

impl UserConfig {
    /// A role's privileges, be it built in or made by somebody.
    pub fn role(&self, name: &str) -> Option<&BTreeSet<&'static str>> {
        BUILT_IN_ROLES.get(name).or_else(|| self.own_roles.get(name))
    }

    /// All roles, and whether each is built in.
    pub fn roles(&self) -> impl Iterator<Item = (&str, &BTreeSet<&'static str>, bool)> {
        let built_in = BUILT_IN_ROLES.iter().map(|(name, privileges)| (name.as_str(), privileges, true));
        built_in.chain(self.own_roles.iter().map(|(name, privileges)| (name.as_str(), privileges, false)))
    }

    /// A token by its user and its own name.
    pub fn token(&self, user: &str, token: &str) -> Option<&Token> {
        self.users.get(user)?.tokens.get(token)
    }

    /// The groups that a user belongs to.
    pub fn groups_of<'a>(&'a self, user: &'a str) -> impl Iterator<Item = &'a str> {
        self.groups.iter().filter(move |(_, group)| group.users.contains(user)).map(|(name, _)| name.as_str())
    }

    /// The pool that a guest is in.
    pub fn pool_of(&self, vmid: u64) -> Option<&str> {
        self.pools.iter().find(|(_, pool)| pool.vms.contains(&vmid)).map(|(name, _)| name.as_str())
    }

    /// Forgets grants to nobody.
    pub(super) fn tidy(&mut self) {
        for grants in self.acl.values_mut() {
            for of in [&mut grants.users, &mut grants.groups, &mut grants.tokens] {
                of.retain(|_, roles| !roles.is_empty());
            }
        }
        self.acl.retain(|_, grants| !grants.is_empty());
    }
}
