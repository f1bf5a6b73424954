//! Pools.

use super::super::path::AclPath;
use super::super::users::{Pool, UserConfig};
use crate::error::Die;

/// Makes a pool: below one that there is, or at the top.
pub fn create(config: &mut UserConfig, name: &str, comment: Option<&str>) -> Result<(), Die> {
    if config.pools.contains_key(name) {
        return Err(Die::text(format!("pool '{name}' already exists")));
    }
    let (parent, leaf) = name.rsplit_once('/').map_or((None, name), |(parent, leaf)| (Some(parent), leaf));
    if let Some(parent) = parent.filter(|parent| !config.pools.contains_key(*parent)) {
        return Err(Die::text(format!("parent '{parent}' of pool '{name}' does not exist")));
    }
    if !leaf.starts_with(|c: char| c.is_ascii_alphabetic()) {
        return Err(Die::text("pool name must start with a letter"));
    }
    let comment = comment.unwrap_or_default().to_owned();
    config.pools.insert(name.to_owned(), Pool { comment, ..Pool::default() });
    Ok(())
}

/// Removes a pool without members. `is_there` says whether a guest or a storage still is.
pub fn delete(
    config: &mut UserConfig,
    name: &str,
    guest_is_there: impl Fn(u64) -> bool,
    storage_is_there: impl Fn(&str) -> bool,
) -> Result<(), Die> {
    let pool = require(config, name)?;
    let not_empty = |with: String| Err(Die::text(format!("pool '{name}' is not empty (contains {with})")));
    let below = format!("{name}/");
    if let Some(child) = config.pools.keys().find(|other| other.starts_with(&below)) {
        return not_empty(format!("pool '{child}'"));
    }
    if let Some(vmid) = pool.vms.iter().find(|vmid| guest_is_there(**vmid)) {
        return not_empty(format!("VM {vmid}"));
    }
    if let Some(storage) = pool.storage.iter().find(|storage| storage_is_there(storage)) {
        return not_empty(format!("storage '{storage}'"));
    }
    config.pools.remove(name);
    let place = AclPath::default().below("pool").below(name);
    config.acl.retain(|path, _| !path.is_at_or_below(&place));
    Ok(())
}

/// Sets a pool's remark.
pub fn comment(config: &mut UserConfig, name: &str, comment: &str) -> Result<(), Die> {
    comment.clone_into(&mut pool_mut(config, name)?.comment);
    Ok(())
}

/// Puts a guest into a pool. With `leave`, out of the pool that it is in.
pub fn add_guest(config: &mut UserConfig, name: &str, vmid: u64, leave: bool) -> Result<(), Die> {
    if require(config, name)?.vms.contains(&vmid) {
        return Err(Die::text(format!("VM {vmid} is already a pool member")));
    }
    if let Some(other) = config.pool_of(vmid).map(str::to_owned) {
        if !leave {
            return Err(Die::text(format!("VM {vmid} belongs already to pool '{other}' and 'allow-move' is not set")));
        }
        pool_mut(config, &other)?.vms.remove(&vmid);
    }
    pool_mut(config, name)?.vms.insert(vmid);
    Ok(())
}

/// Takes a guest out of a pool.
pub fn remove_guest(config: &mut UserConfig, name: &str, vmid: u64) -> Result<(), Die> {
    if pool_mut(config, name)?.vms.remove(&vmid) {
        Ok(())
    } else {
        Err(Die::text(format!("VM {vmid} is not a pool member")))
    }
}

/// Puts a storage into a pool.
pub fn add_storage(config: &mut UserConfig, name: &str, storage: &str) -> Result<(), Die> {
    if pool_mut(config, name)?.storage.insert(storage.to_owned()) {
        Ok(())
    } else {
        Err(Die::text(format!("Storage '{storage}' is already a pool member")))
    }
}

/// Takes a storage out of a pool.
pub fn remove_storage(config: &mut UserConfig, name: &str, storage: &str) -> Result<(), Die> {
    if pool_mut(config, name)?.storage.remove(storage) {
        Ok(())
    } else {
        Err(Die::text(format!("Storage '{storage}' is not a pool member")))
    }
}

/// Refuses a pool that there is not.
pub fn require<'a>(config: &'a UserConfig, name: &str) -> Result<&'a Pool, Die> {
    config.pools.get(name).ok_or_else(|| unknown(name))
}

fn pool_mut<'a>(config: &'a mut UserConfig, name: &str) -> Result<&'a mut Pool, Die> {
    config.pools.get_mut(name).ok_or_else(|| unknown(name))
}

fn unknown(name: &str) -> Die {
    Die::text(format!("pool '{name}' does not exist"))
}

#[cfg(test)]
mod tests {
    use super::super::super::text::read;
    use super::*;

    #[test]
    fn pools_come_fill_empty_and_go() {
        let mut config = read("");
        create(&mut config, "p", Some("x")).unwrap();
        create(&mut config, "q", None).unwrap();
        let text = |result: Result<(), Die>| result.unwrap_err().to_string();
        assert_eq!(text(create(&mut config, "p", None)), "pool 'p' already exists");
        assert_eq!(text(create(&mut config, "r/s", None)), "parent 'r' of pool 'r/s' does not exist");
        assert_eq!(text(create(&mut config, "1", None)), "pool name must start with a letter");
        add_guest(&mut config, "p", 100, false).unwrap();
        assert_eq!(text(add_guest(&mut config, "p", 100, false)), "VM 100 is already a pool member");
        let other = "VM 100 belongs already to pool 'p' and 'allow-move' is not set";
        assert_eq!(text(add_guest(&mut config, "q", 100, false)), other);
        add_guest(&mut config, "q", 100, true).unwrap();
        assert_eq!(config.pool_of(100), Some("q"));
        assert_eq!(text(remove_guest(&mut config, "p", 100)), "VM 100 is not a pool member");
        assert_eq!(text(delete(&mut config, "q", |_| true, |_| true)), "pool 'q' is not empty (contains VM 100)");
        add_storage(&mut config, "q", "local").unwrap();
        let storage = "pool 'q' is not empty (contains storage 'local')";
        assert_eq!(text(delete(&mut config, "q", |_| false, |_| true)), storage);
        remove_storage(&mut config, "q", "local").unwrap();
        delete(&mut config, "q", |_| false, |_| true).unwrap();
        assert_eq!(text(delete(&mut config, "q", |_| false, |_| true)), "pool 'q' does not exist");
    }
}
