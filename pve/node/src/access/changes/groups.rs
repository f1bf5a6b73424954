//! Groups.

use super::super::users::{Group, UserConfig};
use crate::error::Die;

/// Makes a group.
pub fn create(config: &mut UserConfig, name: &str, comment: Option<&str>) -> Result<(), Die> {
    if config.groups.contains_key(name) {
        return Err(Die::text(format!("group '{name}' already exists")));
    }
    let comment = comment.unwrap_or_default().to_owned();
    config.groups.insert(name.to_owned(), Group { comment, ..Group::default() });
    Ok(())
}

/// Changes a group.
pub fn update(config: &mut UserConfig, name: &str, comment: Option<&str>) -> Result<(), Die> {
    let group = config.groups.get_mut(name).ok_or_else(|| unknown(name))?;
    if let Some(comment) = comment {
        comment.clone_into(&mut group.comment);
    }
    Ok(())
}

/// Removes a group and what was granted to it.
pub fn delete(config: &mut UserConfig, name: &str) -> Result<(), Die> {
    config.groups.remove(name).ok_or_else(|| unknown(name))?;
    for grants in config.acl.values_mut() {
        grants.groups.remove(name);
    }
    Ok(())
}

/// What Proxmox says of a group that there is not.
pub fn unknown(name: &str) -> Die {
    Die::text(format!("group '{name}' does not exist"))
}
