//! API tokens.

use super::super::names::split_list;
use super::super::secrets::Secrets;
use super::super::users::{Token, UserConfig};
use crate::error::Die;

/// A token's fields, where they are given.
#[derive(Debug, Clone, Copy, Default)]
pub struct Fields<'a> {
    /// When it ends.
    pub expire: Option<u64>,
    /// Whether it has privileges of its own.
    pub privsep: Option<bool>,
    /// A remark.
    pub comment: Option<&'a str>,
}

/// Makes a token and its secret.
pub fn create(
    config: &mut UserConfig,
    secrets: &mut Secrets,
    user: &str,
    name: &str,
    fields: Fields<'_>,
) -> Result<String, Die> {
    super::users::require(config, user)?;
    if config.token(user, name).is_some() {
        return Err(Die::text("Token already exists."));
    }
    let token = Token {
        expire: fields.expire.unwrap_or_default(),
        privsep: fields.privsep.unwrap_or(true),
        comment: fields.comment.unwrap_or_default().to_owned(),
    };
    config.users.entry(user.to_owned()).or_default().tokens.insert(name.to_owned(), token);
    Ok(secrets.new_token(&format!("{user}!{name}")))
}

/// Changes a token. `delete` lists settings to be forgotten.
pub fn update(config: &mut UserConfig, user: &str, name: &str, fields: Fields<'_>, delete: &str) -> Result<Token, Die> {
    let mut token = require(config, user, name)?.clone();
    token.privsep = fields.privsep.unwrap_or(token.privsep);
    token.expire = fields.expire.unwrap_or(token.expire);
    if let Some(comment) = fields.comment {
        comment.clone_into(&mut token.comment);
    }
    for key in split_list(delete) {
        if key != "comment" {
            return Err(Die::text(format!("400 Parameter verification failed.\ndelete: unknown option '{key}'\n")));
        }
        token.comment.clear();
    }
    config.users.entry(user.to_owned()).or_default().tokens.insert(name.to_owned(), token.clone());
    Ok(token)
}

/// Removes a token with its secret and its grants.
pub fn delete(config: &mut UserConfig, secrets: &mut Secrets, user: &str, name: &str) -> Result<(), Die> {
    require(config, user, name)?;
    let id = format!("{user}!{name}");
    if let Some(user) = config.users.get_mut(user) {
        user.tokens.remove(name);
    }
    for grants in config.acl.values_mut() {
        grants.tokens.remove(&id);
    }
    secrets.tokens.remove(&id);
    Ok(())
}

/// Refuses a token that there is not.
pub fn require<'a>(config: &'a UserConfig, user: &str, name: &str) -> Result<&'a Token, Die> {
    let known = super::users::require(config, user)?.tokens.get(name);
    known.ok_or_else(|| Die::text(format!("no such token '{name}' for user '{user}'")))
}

#[cfg(test)]
mod tests {
    use super::super::super::text::read;
    use super::*;

    #[test]
    fn tokens_come_change_and_go() {
        let mut config = read("user:ci@pve:1:0::::::\n");
        let mut secrets = Secrets::default();
        let secret = create(&mut config, &mut secrets, "ci@pve", "t1", Fields::default()).unwrap();
        assert!(secrets.is_token("ci@pve!t1", &secret));
        let again = create(&mut config, &mut secrets, "ci@pve", "t1", Fields::default()).unwrap_err();
        assert_eq!(again.to_string(), "Token already exists.");
        let fields = Fields { privsep: Some(false), comment: Some("x"), ..Fields::default() };
        let token = update(&mut config, "ci@pve", "t1", fields, "").unwrap();
        assert_eq!(token, Token { expire: 0, privsep: false, comment: "x".to_owned() });
        assert_eq!(update(&mut config, "ci@pve", "t1", Fields::default(), "comment").unwrap().comment, "");
        assert!(update(&mut config, "ci@pve", "t1", Fields::default(), "expire").is_err());
        delete(&mut config, &mut secrets, "ci@pve", "t1").unwrap();
        assert!(!secrets.is_token("ci@pve!t1", &secret));
        let gone = delete(&mut config, &mut secrets, "ci@pve", "t1").unwrap_err();
        assert_eq!(gone.to_string(), "no such token 't1' for user 'ci@pve'");
    }
}
