//! The files of users, grants and secrets: read whole, replaced whole, one change at a time.

use std::collections::BTreeMap;
use std::fs;
use std::path::Path;
use std::sync::Arc;

use super::secrets::{self, Secrets};
use super::ticket::TicketKey;
use super::users::UserConfig;
use super::{Principal, text};
use crate::error::{Die, chain};
use crate::state::{Layout, locks, replace};

/// The users of a node.
pub struct AccountStore {
    layout: Layout,
}

impl AccountStore {
    /// The store of a node.
    pub fn new(layout: &Layout) -> Self {
        Self { layout: layout.clone() }
    }

    /// Users, groups, roles, pools and grants, as they are now.
    pub fn config(&self) -> Result<Arc<UserConfig>, Die> {
        Ok(Arc::new(text::read(&read(&self.layout.user_cfg())?)))
    }

    /// What proves who somebody is.
    pub fn secrets(&self) -> Result<Secrets, Die> {
        let lines = |path: &Path, separator| Ok::<BTreeMap<_, _>, Die>(secrets::read(&read(path)?, separator));
        Ok(Secrets {
            tokens: lines(&self.layout.token_cfg(), ' ')?,
            pve: lines(&self.layout.shadow_cfg("pve"), ':')?,
            pam: lines(&self.layout.shadow_cfg("pam"), ':')?,
        })
    }

    /// Somebody whose name was proven elsewhere: root at the command line, or whoever a worker was started for.
    pub fn principal(&self, auth_id: &str) -> Result<Principal, Die> {
        Ok(Principal::new(auth_id, self.config()?))
    }

    /// Changes users and secrets, one process at a time. Nothing is written when the change fails; its reason is then
    /// told behind `failing`, as in `create user failed: …`.
    pub fn change<T>(
        &self,
        failing: &str,
        change: impl FnOnce(&mut UserConfig, &mut Secrets) -> Result<T, Die>,
    ) -> Result<T, Die> {
        let changed = self.lock().and_then(|_lock| {
            let (config, secrets) = (self.config()?, self.secrets()?);
            let (mut new_config, mut new_secrets) = (UserConfig::clone(&config), secrets.clone());
            let done = change(&mut new_config, &mut new_secrets)?;
            // Secrets first: a token that has a name has a secret.
            self.write_secrets(&secrets, &new_secrets)?;
            new_config.tidy();
            if new_config != *config {
                replace(&self.layout.user_cfg(), text::write(&new_config).as_bytes(), 0o640)?;
            }
            Ok(done)
        });
        changed.map_err(|why| Die::text(format!("{failing}: {}", chain(&why))))
    }

    fn write_secrets(&self, old: &Secrets, new: &Secrets) -> Result<(), Die> {
        if old.tokens != new.tokens {
            replace(&self.layout.token_cfg(), secrets::write_tokens(&new.tokens).as_bytes(), 0o600)?;
        }
        for (realm, old, new) in [("pve", &old.pve, &new.pve), ("pam", &old.pam, &new.pam)] {
            if old != new {
                replace(&self.layout.shadow_cfg(realm), secrets::write_shadow(new).as_bytes(), 0o600)?;
            }
        }
        Ok(())
    }

    fn lock(&self) -> Result<locks::Held, Die> {
        locks::acquire(&self.layout.user_lock(), locks::PATIENCE, &|_| ()).map_err(|error| match error {
            Die::LockTimeout { .. } => Die::text("cfs-lock 'file-user_cfg' error: got lock request timeout"),
            other => other,
        })
    }

    /// The key of tickets, made when there is none.
    pub fn ticket_key(&self) -> Result<TicketKey, Die> {
        let path = self.layout.ticket_key();
        let known = || fs::read(&path).ok().filter(|bytes| bytes.len() == KEY);
        if let Some(bytes) = known() {
            return Ok(TicketKey::of(bytes));
        }
        let _lock = self.lock()?;
        if let Some(bytes) = known() {
            return Ok(TicketKey::of(bytes));
        }
        let bytes: [u8; KEY] = rand::random();
        replace(&path, &bytes, 0o600)?;
        Ok(TicketKey::of(bytes.to_vec()))
    }
}

/// Bytes of the tickets' key.
const KEY: usize = 64;

fn read(path: &Path) -> Result<String, Die> {
    match fs::read_to_string(path) {
        Err(error) if error.kind() == std::io::ErrorKind::NotFound => Ok(String::new()),
        read => read.map_err(Die::io("read", path)),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::access::changes::groups;

    fn store() -> (tempfile::TempDir, AccountStore) {
        let dir = tempfile::tempdir().unwrap();
        fs::create_dir(dir.path().join("priv")).unwrap();
        let layout = Layout::new(dir.path().to_owned());
        (dir, AccountStore::new(&layout))
    }

    fn add(config: &mut UserConfig, name: &str) -> Result<(), Die> {
        groups::create(config, name, None)
    }

    #[test]
    fn changes_are_kept_and_failures_are_not() {
        let (_dir, store) = store();
        let failed = store.change("create group failed", |config, _| {
            add(config, "g")?;
            Err::<(), _>(Die::text("no"))
        });
        assert_eq!(failed.unwrap_err().to_string(), "create group failed: no");
        assert!(store.config().unwrap().groups.is_empty());
        store.change("create group failed", |config, _| add(config, "g")).unwrap();
        assert!(store.config().unwrap().groups.contains_key("g"));
    }

    #[test]
    fn no_change_is_lost_among_many_at_once() {
        let (_dir, store) = store();
        let store = &store;
        std::thread::scope(|scope| {
            for thread in 0..4 {
                scope.spawn(move || {
                    for index in 0..10 {
                        store.change("x", |config, _| add(config, &format!("g{thread}-{index}"))).unwrap();
                    }
                });
            }
        });
        assert_eq!(store.config().unwrap().groups.len(), 40);
    }

    #[test]
    fn the_key_stays() {
        let (_dir, store) = store();
        let ticket = store.ticket_key().unwrap().ticket("root@pam", 1);
        assert_eq!(store.ticket_key().unwrap().user_of(&ticket, 1).as_deref(), Some("root@pam"));
    }
}
