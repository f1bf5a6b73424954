//! Roles.

use super::super::names::split_list;
use super::super::privileges::{BUILT_IN_ROLES, privilege};
use super::super::users::UserConfig;
use crate::error::Die;

/// Makes a role.
pub fn create(config: &mut UserConfig, name: &str, privileges: &str) -> Result<(), Die> {
    if config.role(name).is_some() {
        return Err(Die::text(format!("role '{name}' already exists")));
    }
    config.own_roles.insert(name.to_owned(), super::roles::privileges(privileges)?.collect());
    Ok(())
}

/// Changes a role: its privileges are replaced, or with `append` added to.
pub fn update(config: &mut UserConfig, name: &str, privileges: &str, append: bool) -> Result<(), Die> {
    let role = config.own_roles.get_mut(name).ok_or_else(|| unknown(name))?;
    if !append {
        role.clear();
    }
    role.extend(super::roles::privileges(privileges)?);
    Ok(())
}

/// Removes a role. Whoever held it does not any more.
pub fn delete(config: &mut UserConfig, name: &str) -> Result<(), Die> {
    config.own_roles.remove(name).ok_or_else(|| unknown(name))?;
    for grants in config.acl.values_mut() {
        for of in [&mut grants.users, &mut grants.groups, &mut grants.tokens] {
            for roles in of.values_mut() {
                roles.remove(name);
            }
        }
    }
    Ok(())
}

/// Refuses to touch what nobody made; `done` is what was to be done with it.
pub fn refuse_built_in(name: &str, done: &str) -> Result<(), Die> {
    if BUILT_IN_ROLES.contains_key(name) {
        Err(Die::text(format!("auto-generated role '{name}' cannot be {done}")))
    } else {
        Ok(())
    }
}

/// What Proxmox says of a role that there is not.
pub fn unknown(name: &str) -> Die {
    Die::text(format!("role '{name}' does not exist"))
}

fn privileges(list: &str) -> Result<impl Iterator<Item = &'static str>, Die> {
    let known = |name: &str| privilege(name).ok_or_else(|| Die::text(format!("invalid privilege '{name}'")));
    Ok(split_list(list).map(known).collect::<Result<Vec<_>, Die>>()?.into_iter())
}

#[cfg(test)]
mod tests {
    use super::super::super::text::read;
    use super::*;

    #[test]
    fn roles_come_change_and_go() {
        let mut config = read("");
        create(&mut config, "R", "VM.Audit VM.Clone").unwrap();
        assert_eq!(create(&mut config, "R", "").unwrap_err().to_string(), "role 'R' already exists");
        assert_eq!(
            create(&mut config, "Administrator", "").unwrap_err().to_string(),
            "role 'Administrator' already exists"
        );
        assert_eq!(create(&mut config, "S", "VM.Monitor").unwrap_err().to_string(), "invalid privilege 'VM.Monitor'");
        update(&mut config, "R", "VM.Backup", true).unwrap();
        assert_eq!(config.own_roles["R"].len(), 3);
        update(&mut config, "R", "VM.Backup", false).unwrap();
        assert_eq!(config.own_roles["R"].len(), 1);
        super::super::acl::change(
            &mut config,
            &super::super::acl::Change { path: "/", roles: "R", users: "root@pam", ..Default::default() },
        )
        .unwrap();
        delete(&mut config, "R").unwrap();
        config.tidy();
        assert!(config.acl.is_empty());
        assert_eq!(delete(&mut config, "R").unwrap_err().to_string(), "role 'R' does not exist");
        let built_in = refuse_built_in("PVEAdmin", "modified").unwrap_err();
        assert_eq!(built_in.to_string(), "auto-generated role 'PVEAdmin' cannot be modified");
    }
}
