//! Which names users, tokens, groups, roles and pools may have. Pure.

/// The user who may do anything, and asks by the command line.
pub const ROOT: &str = "root@pam";

/// The realms that this node knows.
pub const REALMS: &[&str] = &["pam", "pve"];

/// A user's name, split into account and realm; or Proxmox's text for what is wrong with it.
pub fn split_user(name: &str) -> Result<(&str, &str), String> {
    let length = name.chars().count();
    match length {
        0..3 => return Err(format!("user name '{name}' is too short")),
        65.. => return Err(format!("user name '{name}' is too long ({length} > 64)")),
        _ => (),
    }
    let split = name.rsplit_once('@').filter(|(account, realm)| is_account(account) && is_realm(realm));
    split.ok_or_else(|| format!("value '{name}' does not look like a valid user name"))
}

/// A token's full name, split into user and token; none when it is not one.
pub fn split_token(id: &str) -> Option<(&str, &str)> {
    let (user, token) = id.rsplit_once('!')?;
    let (account, realm) = user.rsplit_once('@')?;
    (is_account(account) && is_realm(realm) && is_realm(token)).then_some((user, token))
}

fn is_account(text: &str) -> bool {
    !text.is_empty() && !text.contains(|c: char| c.is_whitespace() || matches!(c, ':' | '/'))
}

/// Realms and tokens: a letter, and one or more letters, digits, dots, hyphens, underscores.
pub fn is_realm(text: &str) -> bool {
    text.len() > 1 && text.starts_with(|c: char| c.is_ascii_alphabetic()) && is_word(text)
}

/// Groups, roles, and the levels of pools: letters, digits, dots, hyphens, underscores.
pub fn is_word(text: &str) -> bool {
    !text.is_empty() && text.bytes().all(|b| b.is_ascii_alphanumeric() || matches!(b, b'.' | b'-' | b'_'))
}

/// Pools: up to three levels.
pub fn is_pool(text: &str) -> bool {
    text.split('/').count() <= 3 && text.split('/').all(is_word)
}

/// The items of a list in Proxmox's manner: commas, semicolons, blanks and NULs separate.
pub fn split_list(text: &str) -> impl Iterator<Item = &str> {
    text.split([',', ';', ' ', '\t', '\n', '\r', '\0']).filter(|item| !item.is_empty())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_are_split_and_refused_in_proxmox_words() {
        assert_eq!(split_user("a@b@pve"), Ok(("a@b", "pve")));
        assert_eq!(split_user("x"), Err("user name 'x' is too short".to_owned()));
        assert_eq!(split_user("ci-pve"), Err("value 'ci-pve' does not look like a valid user name".to_owned()));
        assert!(split_user("a:b@pve").is_err() && split_user("ci@p").is_err());
        assert_eq!(split_token("ci@pve!t1"), Some(("ci@pve", "t1")));
        assert_eq!((split_token("ci@pve"), split_token("ci@pve!t")), (None, None));
    }

    #[test]
    fn lists_and_pools() {
        assert_eq!(split_list("a, b;c\0d").collect::<Vec<_>>(), ["a", "b", "c", "d"]);
        assert!(is_pool("a/b/c") && !is_pool("a/b/c/d") && !is_pool("a//b") && !is_pool(""));
    }
}
