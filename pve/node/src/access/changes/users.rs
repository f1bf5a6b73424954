//! Users.

use super::super::names::{REALMS, ROOT, split_list, split_user};
use super::super::secrets::Secrets;
use super::super::users::{User, UserConfig};
use crate::error::Die;

/// A user's fields, where they are given.
#[derive(Debug, Clone, Default)]
pub struct Fields<'a> {
    /// Whether it may log in.
    pub enable: Option<bool>,
    /// When it ends.
    pub expire: Option<u64>,
    /// Its first name.
    pub firstname: Option<&'a str>,
    /// Its last name.
    pub lastname: Option<&'a str>,
    /// Its mail address.
    pub email: Option<&'a str>,
    /// A remark.
    pub comment: Option<&'a str>,
    /// Keys for a second factor.
    pub keys: Option<&'a str>,
    /// Its groups, a list.
    pub groups: Option<&'a str>,
}

/// Makes a user.
pub fn create(
    config: &mut UserConfig,
    secrets: &mut Secrets,
    name: &str,
    fields: &Fields<'_>,
    password: Option<&str>,
) -> Result<(), Die> {
    if config.users.contains_key(name) {
        return Err(Die::text(format!("user '{name}' already exists")));
    }
    if let Some(password) = password {
        set_password(secrets, name, password)?;
    }
    config.users.insert(name.to_owned(), User { enable: true, ..User::default() });
    update(config, name, fields, false)
}

/// Changes a user; its groups are replaced, or with `append` added to.
pub fn update(config: &mut UserConfig, name: &str, fields: &Fields<'_>, append: bool) -> Result<(), Die> {
    let user = config.users.get_mut(name).ok_or_else(|| unknown(name))?;
    user.enable = fields.enable.unwrap_or(user.enable);
    user.expire = fields.expire.unwrap_or(user.expire);
    let texts = [
        (&mut user.firstname, fields.firstname),
        (&mut user.lastname, fields.lastname),
        (&mut user.email, fields.email),
        (&mut user.comment, fields.comment),
        (&mut user.keys, fields.keys),
    ];
    for (field, given) in texts {
        if let Some(given) = given {
            given.clone_into(field);
        }
    }
    if let Some(groups) = fields.groups {
        if !append {
            leave_groups(config, name);
        }
        for group in split_list(groups) {
            let known = config.groups.get_mut(group).ok_or_else(|| Die::text(format!("no such group '{group}'")))?;
            known.users.insert(name.to_owned());
        }
    }
    Ok(())
}

/// Removes a user, and all that was its own. `root@pam` loses its tokens and remains.
pub fn delete(config: &mut UserConfig, secrets: &mut Secrets, name: &str) {
    config.users.remove(name);
    leave_groups(config, name);
    for grants in config.acl.values_mut() {
        grants.users.remove(name);
        grants.tokens.retain(|id, _| super::super::names::split_token(id).is_none_or(|(user, _)| user != name));
    }
    if let Ok((account, realm)) = split_user(name) {
        secrets.forget_user(name, account, realm);
    }
    if name == ROOT {
        config.users.insert(ROOT.to_owned(), User { enable: true, ..User::default() });
    }
}

fn leave_groups(config: &mut UserConfig, name: &str) {
    for group in config.groups.values_mut() {
        group.users.remove(name);
    }
}

/// Sets a user's password, whoever it is, as long as its realm is known.
pub fn set_password(secrets: &mut Secrets, name: &str, password: &str) -> Result<(), Die> {
    let (account, realm) = split_user(name).map_err(Die::text)?;
    if !REALMS.contains(&realm) {
        return Err(Die::text(format!("auth domain '{realm}' does not exist")));
    }
    secrets.set_password(account, realm, password)
}

/// Refuses a user that there is not.
pub fn require<'a>(config: &'a UserConfig, name: &str) -> Result<&'a User, Die> {
    split_user(name).map_err(Die::text)?;
    config.users.get(name).ok_or_else(|| unknown(name))
}

fn unknown(name: &str) -> Die {
    Die::text(format!("no such user ('{name}')"))
}

#[cfg(test)]
mod tests {
    use super::super::super::text::{read, write};
    use super::*;

    #[test]
    fn users_come_change_and_go() {
        let (mut config, mut secrets) = (read("group:g:::\ngroup:h:::\n"), Secrets::default());
        let fields = Fields { comment: Some("test"), groups: Some("g"), ..Fields::default() };
        create(&mut config, &mut secrets, "ci@pve", &fields, Some("pw12345678")).unwrap();
        assert!(secrets.is_password("ci", "pve", "pw12345678"));
        let again = create(&mut config, &mut secrets, "ci@pve", &fields, None).unwrap_err();
        assert_eq!(again.to_string(), "user 'ci@pve' already exists");
        update(&mut config, "ci@pve", &Fields { groups: Some("h"), ..Fields::default() }, true).unwrap();
        assert_eq!(config.groups_of("ci@pve").collect::<Vec<_>>(), ["g", "h"]);
        update(&mut config, "ci@pve", &Fields { enable: Some(false), groups: Some(""), ..Fields::default() }, false)
            .unwrap();
        assert!(write(&config).starts_with("user:ci@pve:0:0::::test::\n"));
        let gone = update(&mut config, "x@pve", &fields, false).unwrap_err();
        assert_eq!(gone.to_string(), "no such user ('x@pve')");
        let group =
            update(&mut config, "ci@pve", &Fields { groups: Some("no"), ..Fields::default() }, false).unwrap_err();
        assert_eq!(group.to_string(), "no such group 'no'");
        delete(&mut config, &mut secrets, "ci@pve");
        assert_eq!((config.users.len(), secrets), (1, Secrets::default()));
        delete(&mut config, &mut Secrets::default(), ROOT);
        assert!(config.users[ROOT].enable);
    }
}
