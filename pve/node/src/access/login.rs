//! Logging in: by token, by ticket, by password. Whoever fails is not told why.

use std::time::{SystemTime, UNIX_EPOCH};

use super::names::{REALMS, split_token, split_user};
use super::users::UserConfig;
use super::{AccountStore, Principal};
use crate::error::Die;

/// Seconds since 1970.
pub fn now() -> i64 {
    let since = SystemTime::now().duration_since(UNIX_EPOCH).map_or(0, |since| since.as_secs());
    i64::try_from(since).unwrap_or(i64::MAX)
}

impl AccountStore {
    /// Who shows a token: `USER@REALM!NAME=SECRET`.
    pub fn by_token(&self, shown: &str) -> Result<Option<Principal>, Die> {
        let config = self.config()?;
        let Some((id, secret)) = shown.rsplit_once('=') else { return Ok(None) };
        let Some((user, name)) = split_token(id) else { return Ok(None) };
        let valid = config.token(user, name).is_some_and(|token| !is_over(token.expire));
        let known = valid && is_enabled(&config, user) && self.secrets()?.is_token(id, secret);
        Ok(known.then(|| Principal::new(id, config)))
    }

    /// Who shows a ticket.
    pub fn by_ticket(&self, ticket: &str) -> Result<Option<Principal>, Die> {
        let config = self.config()?;
        let user = self.ticket_key()?.user_of(ticket, now());
        Ok(user.filter(|user| is_enabled(&config, user)).map(|user| Principal::new(&user, config)))
    }

    /// Whether a user proves to be one by a password. A ticket of its own, or of root's, will do too.
    pub fn by_password(&self, user: &str, password: &str) -> Result<Option<Principal>, Die> {
        let config = self.config()?;
        let Ok((account, realm)) = split_user(user) else { return Ok(None) };
        if !is_enabled(&config, user) {
            return Ok(None);
        }
        let of_ticket = self.ticket_key()?.user_of(password, now());
        let by_ticket = of_ticket.is_some_and(|owner| owner == user || owner == super::names::ROOT);
        let known = by_ticket || (REALMS.contains(&realm) && self.secrets()?.is_password(account, realm, password));
        Ok(known.then(|| Principal::new(user, config)))
    }
}

fn is_enabled(config: &UserConfig, user: &str) -> bool {
    config.users.get(user).is_some_and(|user| user.enable && !is_over(user.expire))
}

fn is_over(expire: u64) -> bool {
    expire != 0 && i64::try_from(expire).is_ok_and(|expire| expire < now())
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::access::users::{Token, User};
    use crate::state::Layout;

    #[test]
    fn tokens_tickets_and_passwords_open_while_their_user_may_log_in() {
        let dir = tempfile::tempdir().unwrap();
        std::fs::create_dir(dir.path().join("priv")).unwrap();
        let store = AccountStore::new(&Layout::new(dir.path().to_owned()));
        let change = |change: &dyn Fn(&mut User)| {
            let of = |config: &mut UserConfig, _: &mut _| {
                change(config.users.entry("ci@pve".to_owned()).or_default());
                Ok(())
            };
            store.change("x", of).unwrap();
        };
        change(&|user| {
            user.enable = true;
            user.tokens.insert("t1".to_owned(), Token::default());
        });
        let secret = store.change("x", |_, secrets| Ok(secrets.new_token("ci@pve!t1"))).unwrap();
        store.change("x", |_, secrets| secrets.set_password("ci", "pve", "pw12345678")).unwrap();
        let ticket = store.ticket_key().unwrap().ticket("ci@pve", now());
        let token = format!("ci@pve!t1={secret}");
        let opens = || {
            [store.by_token(&token), store.by_ticket(&ticket), store.by_password("ci@pve", "pw12345678")]
                .map(|who| who.unwrap().is_some())
        };
        assert_eq!(opens(), [true; 3]);
        assert!(store.by_password("ci@pve", &ticket).unwrap().is_some());
        assert!(store.by_password("ci@pve", "wrong").unwrap().is_none());
        assert!(store.by_token("ci@pve!t1=x").unwrap().is_none());
        change(&|user| drop(user.tokens.insert("t1".to_owned(), Token { expire: 1_000_000_000, ..Token::default() })));
        assert_eq!(opens(), [false, true, true]);
        change(&|user| user.enable = false);
        assert_eq!(opens(), [false; 3]);
        change(&|user| (user.enable, user.expire) = (true, 1_000_000_000));
        assert_eq!(opens(), [false; 3]);
    }
}
