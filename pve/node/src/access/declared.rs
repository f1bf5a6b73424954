//! The permission that a call declares, judged. Pure.

use pve_wire::api::{Check, Given, GroupsParam, Method, Parameters, Permission};

use super::Principal;
use super::names::{split_list, split_user};
use super::path::normalize;
use crate::api::ApiError;

/// Whether a refusal names what is missing. Inside an `or` it does not: several things would have done.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Tell {
    What,
    Nothing,
}

impl Principal {
    /// Refuses a token where a ticket is asked for, whatever the token is worth.
    pub fn refuse_token(&self, method: &Method, path: &[String]) -> Result<(), ApiError> {
        if method.tokens || !self.by_token {
            return Ok(());
        }
        let path = path.join("/");
        // The line break is Proxmox's: it cuts the status line short.
        Err(ApiError::forbidden(&format!("URI '/{path}' not available with API token, need proper ticket.\n")))
    }

    /// Refuses, in Proxmox's words, who may not make a call. `given` fills the variables of the permission's paths.
    pub fn may(&self, permission: &Permission, given: &Parameters) -> Result<(), ApiError> {
        match permission {
            Permission::World => Ok(()),
            _ if self.auth_id.is_empty() => Err(ApiError::forbidden("user != null")),
            _ if self.is_root() => Ok(()),
            Permission::All => Ok(()),
            Permission::Root => Err(ApiError::forbidden("user != root@pam")),
            Permission::Of(check) => self.passes(check, given, Tell::What),
        }
    }

    fn passes(&self, check: &Check, given: &Parameters, tell: Tell) -> Result<(), ApiError> {
        match check {
            Check::And(checks) => checks.iter().try_for_each(|check| self.passes(check, given, Tell::What)),
            Check::Or(checks) => self.passes_one(checks, given),
            Check::Privileges { needs: Some(name), .. } if !given.contains_key(*name) => {
                Err(ApiError::forbidden_somehow())
            }
            Check::Privileges { path, privileges, any, .. } => {
                // A path that cannot be has no name either.
                let path = normalize(&filled(path, given)).unwrap_or_default();
                if *any { self.require_any(&path, privileges) } else { self.require_all(&path, privileges) }
            }
            Check::Modify { path } => match normalize(&filled(path, given)) {
                Some(path) => self.require_modify(&path),
                // The call itself will refuse the path.
                None => Ok(()),
            },
            Check::Oneself => self.is_oneself(given),
            Check::RealmOfUser => {
                let realm = split_user(text(given, "userid")).map_err(|why| ApiError::new(500, why))?.1;
                self.require(&format!("/access/realm/{realm}"), "Realm.AllocateUser")
            }
            Check::GroupOfUser { privileges, groups } => self.has_group_of_user(privileges, *groups, given, tell),
        }
    }

    /// The first check that passes will do. What is no question of permission is an error of its own.
    fn passes_one(&self, checks: &[Check], given: &Parameters) -> Result<(), ApiError> {
        for check in checks {
            match self.passes(check, given, Tell::Nothing) {
                Err(error) if error.status == 403 && !matches!(check, Check::And(_)) => (),
                done => return done,
            }
        }
        Err(ApiError::forbidden_somehow())
    }

    fn is_oneself(&self, given: &Parameters) -> Result<(), ApiError> {
        let user = text(given, "userid");
        split_user(user).map_err(|why| ApiError::new(500, why))?;
        if user == self.auth_id { Ok(()) } else { Err(ApiError::forbidden_somehow()) }
    }

    fn has_group_of_user(
        &self,
        privileges: &[&str],
        groups: GroupsParam,
        given: &Parameters,
        tell: Tell,
    ) -> Result<(), ApiError> {
        let user = text(given, "userid");
        if groups != GroupsParam::Create && !self.config().users.contains_key(user) {
            let unknown = || ApiError::new(500, format!("no such user ('{user}')"));
            let why = split_user(user).err().map(|why| ApiError::new(500, why));
            return Err(if tell == Tell::What { why.unwrap_or_else(unknown) } else { ApiError::forbidden_somehow() });
        }
        if self.has_any("/access/groups", privileges) {
            return Ok(());
        }
        let mine: Vec<&str> = self.groups_with(privileges).collect();
        if groups != GroupsParam::None {
            let wanted: Vec<&str> = split_list(text(given, "groups")).collect();
            if wanted.is_empty() {
                return self.require_any("/access/groups", privileges);
            }
            wanted
                .into_iter()
                .try_for_each(|group| self.require_any(&format!("/access/groups/{group}"), privileges))?;
        }
        let is_member = |group: &&str| self.config().groups[*group].users.contains(user);
        if groups == GroupsParam::Create || mine.iter().any(is_member) {
            return Ok(());
        }
        Err(ApiError::forbidden_somehow())
    }
}

fn text<'a>(given: &'a Parameters, name: &str) -> &'a str {
    match given.get(name) {
        Some(Given::One(text)) => text,
        _ => "",
    }
}

/// A path with its variables filled in: `/vms/{vmid}` → `/vms/9101`. What was not given is a hyphen.
fn filled(path: &str, given: &Parameters) -> String {
    let mut filled = String::with_capacity(path.len());
    let mut rest = path;
    while let Some((before, (name, after))) = rest.split_once('{').and_then(|(b, r)| Some((b, r.split_once('}')?))) {
        let value = text(given, name);
        filled.push_str(before);
        filled.push_str(if matches!(value, "" | "0") { "-" } else { value });
        rest = after;
    }
    filled + rest
}

#[cfg(test)]
mod tests {
    use std::sync::Arc;

    use pve_wire::api::calls;

    use super::super::text::read;
    use super::*;

    const CONFIG: &str = "\
user:a@pve:1:0::::::
user:boss@pve:1:0::::::
user:b@pve:1:0::::::
token:a@pve!t:0:0::
group:g:b@pve::
role:M:User.Modify:
role:R:Realm.AllocateUser:
role:V:VM.Audit:
acl:1:/access/groups/g:boss@pve:M:
acl:1:/access/realm/pve:boss@pve:R:
acl:1:/vms/100:a@pve:V:
";

    fn given(pairs: &[(&str, &str)]) -> Parameters {
        pairs.iter().map(|(name, value)| ((*name).to_owned(), Given::One((*value).to_owned()))).collect()
    }

    fn asked(who: &str, permission: &Permission, pairs: &[(&str, &str)]) -> String {
        let who = Principal::new(who, Arc::new(read(CONFIG)));
        who.may(permission, &given(pairs))
            .map_or_else(|error| format!("{} {}", error.status, error.text), |()| "ok".into())
    }

    #[test]
    fn paths_are_filled_from_parameters() {
        let read_config = &calls::READ_CONFIG.permission;
        assert_eq!(asked("a@pve", read_config, &[("vmid", "100")]), "ok");
        let refused = asked("a@pve", read_config, &[("vmid", "4242")]);
        assert_eq!(refused, "403 Permission check failed (/vms/4242, VM.Audit)");
        let content = asked("a@pve", &calls::LIST_CONTENT.permission, &[("storage", "local")]);
        assert_eq!(content, "403 Permission check failed (/storage/local, Datastore.Audit|Datastore.AllocateSpace)");
        assert_eq!(filled("/pool/{poolid}", &given(&[])), "/pool/-");
    }

    #[test]
    fn tokens_are_listed_by_their_user_and_by_who_rules_over_it() {
        let permission = &calls::LIST_TOKENS.permission;
        assert_eq!(asked("a@pve", permission, &[("userid", "a@pve")]), "ok");
        assert_eq!(asked("boss@pve", permission, &[("userid", "b@pve")]), "ok");
        assert_eq!(asked("root@pam", permission, &[("userid", "b@pve")]), "ok");
        let bare = "403 Permission check failed";
        assert_eq!(asked("a@pve", permission, &[("userid", "b@pve")]), bare);
        assert_eq!(asked("boss@pve", permission, &[("userid", "a@pve")]), bare);
        // A token is not its user, and nobody has what there is not.
        assert_eq!(asked("a@pve!t", permission, &[("userid", "a@pve")]), bare);
        assert_eq!(asked("a@pve", permission, &[("userid", "gone@pve")]), bare);
    }

    #[test]
    fn users_are_made_in_a_realm_and_in_groups() {
        let permission = &calls::CREATE_USER.permission;
        assert_eq!(asked("boss@pve", permission, &[("userid", "n@pve"), ("groups", "g")]), "ok");
        let no_group = asked("boss@pve", permission, &[("userid", "n@pve")]);
        assert_eq!(no_group, "403 Permission check failed (/access/groups, User.Modify)");
        let realm = asked("boss@pve", permission, &[("userid", "n@pam"), ("groups", "g")]);
        assert_eq!(realm, "403 Permission check failed (/access/realm/pam, Realm.AllocateUser)");
        let group = asked("boss@pve", permission, &[("userid", "n@pve"), ("groups", "g,h")]);
        assert_eq!(group, "403 Permission check failed (/access/groups/h, User.Modify)");
        let gone = asked("boss@pve", &calls::READ_USER.permission, &[("userid", "gone@pve")]);
        assert_eq!(gone, "500 no such user ('gone@pve')");
    }

    #[test]
    fn whoever_did_not_say_who_they_are_may_ask_what_the_world_may() {
        assert_eq!(asked("", &Permission::World, &[]), "ok");
        assert_eq!(asked("", &Permission::All, &[]), "403 Permission check failed (user != null)");
        assert_eq!(asked("a@pve", &Permission::Root, &[]), "403 Permission check failed (user != root@pam)");
    }
}
