//! A user, a token and a role per path, made in one go: what somebody who sets a node up for a program wants.

use std::collections::{BTreeMap, BTreeSet};

use super::super::names::ROOT;
use super::super::privileges::{ALL_PRIVILEGES, privilege};
use super::super::secrets::Secrets;
use super::super::users::UserConfig;
use super::{acl, roles, tokens, users};
use crate::error::Die;

/// Privileges by path.
pub type Wanted = BTreeMap<String, BTreeSet<String>>;

/// Makes a token that may do what is wanted and nothing else, with a user of its own. The privileges are the user's: the
/// token is not separated from it.
pub fn add(
    config: &mut UserConfig,
    secrets: &mut Secrets,
    user: &str,
    name: &str,
    wanted: &Wanted,
) -> Result<String, Die> {
    if config.token(user, name).is_some() {
        return Err(Die::text(format!("token '{user}!{name}' already exists: remove it first with `token remove`")));
    }
    if user != ROOT {
        if config.users.contains_key(user) {
            let why = format!("user '{user}' already exists: give the token a user of its own, or use pveum");
            return Err(Die::text(why));
        }
        users::create(config, secrets, user, &users::Fields::default(), None)?;
        grant(config, user, wanted)?;
    }
    tokens::create(config, secrets, user, name, tokens::Fields { privsep: Some(false), ..tokens::Fields::default() })
}

/// Replaces what a user may do.
pub fn grant(config: &mut UserConfig, user: &str, wanted: &Wanted) -> Result<(), Die> {
    users::require(config, user)?;
    revoke(config, user);
    for (path, list) in wanted {
        let role = if list.len() == ALL_PRIVILEGES.len() { "Administrator".to_owned() } else { role_name(user, path) };
        if config.role(&role).is_none() {
            roles::create(config, &role, &list.iter().map(String::as_str).collect::<Vec<_>>().join(","))?;
        }
        acl::change(
            config,
            &acl::Change { path, roles: &role, users: user, propagate: true, ..acl::Change::default() },
        )?;
    }
    config.tidy();
    Ok(())
}

/// Removes a token, and its user with it when that has no other.
pub fn remove(config: &mut UserConfig, secrets: &mut Secrets, user: &str, name: &str) -> Result<(), Die> {
    tokens::delete(config, secrets, user, name)?;
    if user != ROOT && config.users.get(user).is_some_and(|user| user.tokens.is_empty()) {
        revoke(config, user);
        users::delete(config, secrets, user);
    }
    Ok(())
}

/// What a user was granted, by path.
pub fn granted(config: &UserConfig, user: &str) -> Wanted {
    if user == ROOT {
        return Wanted::from([("/".to_owned(), ALL_PRIVILEGES.iter().map(|name| (*name).to_owned()).collect())]);
    }
    let of = |roles: &super::super::users::Roles| -> BTreeSet<String> {
        roles.keys().filter_map(|role| config.role(role)).flatten().map(|name| (*name).to_owned()).collect()
    };
    config.acl.iter().filter_map(|(path, grants)| Some((path.to_string(), of(grants.users.get(user)?)))).collect()
}

/// Refuses names that are no privileges'.
pub fn check(wanted: &Wanted) -> Result<(), Die> {
    match wanted.values().flatten().find(|name| privilege(name).is_none()) {
        Some(name) => Err(Die::text(format!("'{name}' is no privilege: use one of {}", ALL_PRIVILEGES.join(", ")))),
        None => Ok(()),
    }
}

/// Takes away all grants, and the roles that were made for them.
fn revoke(config: &mut UserConfig, user: &str) {
    for grants in config.acl.values_mut() {
        grants.users.remove(user);
    }
    config.tidy();
    let own = role_name(user, "");
    config.own_roles.retain(|role, _| !role.starts_with(&own));
}

/// `prov@pve` on `/vms/9101` → `prov.pve-vms.9101`.
fn role_name(user: &str, path: &str) -> String {
    let word = |text: &str| -> String {
        text.chars().map(|c| if c.is_ascii_alphanumeric() || matches!(c, '-' | '_') { c } else { '.' }).collect()
    };
    let place = path.trim_matches('/');
    format!("{}-{}", word(user), if path == "/" { "root".to_owned() } else { word(place) })
}

#[cfg(test)]
mod tests {
    use super::super::super::effective::privileges;
    use super::super::super::text::{read, write};
    use super::*;

    fn wanted(pairs: &[(&str, &[&str])]) -> Wanted {
        let set = |list: &[&str]| list.iter().map(|name| (*name).to_owned()).collect();
        pairs.iter().map(|(path, list)| ((*path).to_owned(), set(list))).collect()
    }

    #[test]
    fn a_token_with_its_user_and_a_role_per_path_comes_and_goes() {
        let (mut config, mut secrets) = (read(""), Secrets::default());
        let before = write(&config);
        let list = wanted(&[("/vms", &["VM.Audit"]), ("/storage/local", &["Datastore.Audit"])]);
        add(&mut config, &mut secrets, "prov@pve", "agent", &list).unwrap();
        assert!(privileges(&config, "prov@pve!agent", "/vms/9101").contains_key("VM.Audit"));
        assert_eq!(granted(&config, "prov@pve"), list);
        assert!(add(&mut config, &mut secrets, "prov@pve", "agent", &list).is_err());
        assert!(add(&mut config, &mut secrets, "prov@pve", "other", &list).is_err());
        grant(&mut config, "prov@pve", &wanted(&[("/", &["VM.Clone"])])).unwrap();
        assert!(!privileges(&config, "prov@pve!agent", "/vms/9101").contains_key("VM.Audit"));
        assert_eq!(config.own_roles.keys().collect::<Vec<_>>(), ["prov.pve-root"]);
        remove(&mut config, &mut secrets, "prov@pve", "agent").unwrap();
        assert_eq!((write(&config), secrets), (before, Secrets::default()));
    }

    #[test]
    fn a_token_of_root_needs_no_grants() {
        let (mut config, mut secrets) = (read(""), Secrets::default());
        add(&mut config, &mut secrets, ROOT, "ci", &Wanted::new()).unwrap();
        assert!(privileges(&config, "root@pam!ci", "/vms/9101").contains_key("VM.Allocate"));
        assert!(check(&wanted(&[("/", &["VM.Monitor"])])).is_err());
    }
}
