//! `user.cfg` as text: one line each, fields between colons. Reading is lenient: what cannot be is left out. Pure.

use std::collections::{BTreeMap, BTreeSet};
use std::fmt::Write;

use super::names::{ROOT, is_pool, is_word, split_list, split_token, split_user};
use super::path::{AclPath, normalize};
use super::privileges::{BUILT_IN_ROLES, privilege};
use super::users::{Grants, Group, Pool, Roles, Token, User, UserConfig};

/// Reads the whole file.
pub(super) fn read(text: &str) -> UserConfig {
    let mut config = UserConfig::default();
    for line in text.lines().map(str::trim).filter(|line| !line.is_empty()) {
        let mut fields = line.split(':').map(str::trim);
        let kind = fields.next().unwrap_or_default();
        let fields: Vec<&str> = fields.collect();
        let read = match kind {
            "user" => user(&mut config, &fields),
            "token" => token(&mut config, &fields),
            "group" => group(&mut config, &fields),
            "pool" => pool(&mut config, &fields),
            "role" => role(&mut config, &fields),
            "acl" => grant(&mut config, &fields),
            _ => None,
        };
        if read.is_none() {
            tracing::warn!(line, "user config - ignore config line");
        }
    }
    config.tidy();
    config
}

fn field<'a>(fields: &[&'a str], index: usize) -> &'a str {
    fields.get(index).copied().unwrap_or_default()
}

fn flag(text: &str) -> bool {
    !matches!(text, "" | "0")
}

fn time(text: &str) -> Option<u64> {
    if text.is_empty() { Some(0) } else { text.parse().ok() }
}

fn user(config: &mut UserConfig, fields: &[&str]) -> Option<()> {
    let name = field(fields, 0);
    split_user(name).ok()?;
    let user = User {
        enable: flag(field(fields, 1)),
        expire: time(field(fields, 2))?,
        firstname: decode(field(fields, 3)),
        lastname: decode(field(fields, 4)),
        email: field(fields, 5).to_owned(),
        comment: decode(field(fields, 6)),
        keys: field(fields, 7).to_owned(),
        tokens: BTreeMap::new(),
    };
    config.users.insert(name.to_owned(), user);
    Some(())
}

fn token(config: &mut UserConfig, fields: &[&str]) -> Option<()> {
    let (user, name) = split_token(field(fields, 0))?;
    let token =
        Token { expire: time(field(fields, 1))?, privsep: flag(field(fields, 2)), comment: decode(field(fields, 3)) };
    config.users.get_mut(user)?.tokens.insert(name.to_owned(), token);
    Some(())
}

fn group(config: &mut UserConfig, fields: &[&str]) -> Option<()> {
    let name = Some(field(fields, 0)).filter(|name| is_word(name))?;
    let members = split_list(field(fields, 1)).filter(|user| split_user(user).is_ok()).map(str::to_owned);
    let group = Group { users: members.collect(), comment: decode(field(fields, 2)) };
    config.groups.insert(name.to_owned(), group);
    Some(())
}

fn pool(config: &mut UserConfig, fields: &[&str]) -> Option<()> {
    let name = Some(field(fields, 0)).filter(|name| is_pool(name))?;
    // A pool's parents are there even if no line tells of them.
    for (cut, _) in name.match_indices('/') {
        config.pools.entry(name[..cut].to_owned()).or_default();
    }
    let vms = split_list(field(fields, 2)).filter_map(|vmid| vmid.parse().ok());
    let vms: BTreeSet<u64> = vms.filter(|vmid| config.pool_of(*vmid).is_none()).collect();
    let storage = split_list(field(fields, 3)).map(str::to_owned).collect();
    config.pools.insert(name.to_owned(), Pool { comment: decode(field(fields, 1)), vms, storage });
    Some(())
}

fn role(config: &mut UserConfig, fields: &[&str]) -> Option<()> {
    let name = Some(field(fields, 0)).filter(|name| is_word(name) && !BUILT_IN_ROLES.contains_key(*name))?;
    let privileges = split_list(field(fields, 1)).filter_map(privilege).collect();
    config.own_roles.insert(name.to_owned(), privileges);
    Some(())
}

fn grant(config: &mut UserConfig, fields: &[&str]) -> Option<()> {
    let path = AclPath::of(&normalize(field(fields, 1))?);
    let known = |role: &&str| config.role(role).is_some();
    let roles: Vec<String> = split_list(field(fields, 3)).filter(known).map(str::to_owned).collect();
    let grants: Roles = roles.into_iter().map(|role| (role, flag(field(fields, 0)))).collect();
    for id in split_list(field(fields, 2)) {
        let token = split_token(id).is_some_and(|(user, token)| config.token(user, token).is_some());
        let at = config.acl.entry(path.clone()).or_default();
        let of = match id.strip_prefix('@') {
            Some(group) if is_word(group) => at.groups.entry(group.to_owned()),
            None if token => at.tokens.entry(id.to_owned()),
            None if split_user(id).is_ok() && split_token(id).is_none() => at.users.entry(id.to_owned()),
            _ => continue,
        };
        of.or_default().extend(grants.clone());
    }
    Some(())
}

/// The whole file's text. Built-in roles and what concerns `root@pam` need not be told.
pub(super) fn write(config: &UserConfig) -> String {
    let mut text = String::new();
    for (name, user) in &config.users {
        let (first, last, comment) = (encode(&user.firstname), encode(&user.lastname), encode(&user.comment));
        let (enable, User { expire, email, keys, .. }) = (u8::from(user.enable), user);
        line(&mut text, &format!("user:{name}:{enable}:{expire}:{first}:{last}:{email}:{comment}:{keys}:"));
        for (token, Token { expire, privsep, comment }) in &user.tokens {
            let (privsep, comment) = (u8::from(*privsep), encode(comment));
            line(&mut text, &format!("token:{name}!{token}:{expire}:{privsep}:{comment}:"));
        }
    }
    line(&mut text, "");
    for (name, group) in &config.groups {
        line(&mut text, &format!("group:{name}:{}:{}:", joined(&group.users), encode(&group.comment)));
    }
    line(&mut text, "");
    for (name, Pool { comment, vms, storage }) in &config.pools {
        // Proxmox sorts the numbers as texts.
        let vms: BTreeSet<String> = vms.iter().map(u64::to_string).collect();
        line(&mut text, &format!("pool:{name}:{}:{}:{}:", encode(comment), joined(&vms), joined(storage)));
    }
    line(&mut text, "");
    for (name, privileges) in &config.own_roles {
        line(&mut text, &format!("role:{name}:{}:", joined(privileges)));
    }
    line(&mut text, "");
    for (path, grants) in &config.acl {
        write_grants(&mut text, path, grants);
    }
    text
}

/// Whoever has the same roles stands in one line.
fn write_grants(text: &mut String, path: &AclPath, grants: &Grants) {
    let mut lines: BTreeMap<(bool, String), BTreeSet<String>> = BTreeMap::new();
    let groups = grants.groups.iter().map(|(name, roles)| (format!("@{name}"), roles));
    let users = grants.users.iter().filter(|(name, _)| *name != ROOT).map(|(name, roles)| (name.clone(), roles));
    let tokens = grants.tokens.iter().map(|(name, roles)| (name.clone(), roles));
    for (id, roles) in groups.chain(users).chain(tokens) {
        for propagate in [false, true] {
            let list: Vec<&str> =
                roles.iter().filter(|(_, p)| **p == propagate).map(|(role, _)| role.as_str()).collect();
            if !list.is_empty() {
                lines.entry((propagate, list.join(","))).or_default().insert(id.clone());
            }
        }
    }
    for ((propagate, roles), ids) in lines {
        line(text, &format!("acl:{}:{path}:{}:{roles}:", u8::from(propagate), joined(&ids)));
    }
}

fn line(text: &mut String, line: &str) {
    text.push_str(line);
    text.push('\n');
}

fn joined(items: &BTreeSet<impl AsRef<str>>) -> String {
    items.iter().map(AsRef::as_ref).collect::<Vec<&str>>().join(",")
}

/// What would end a field or a line is percent-encoded, as bytes of UTF-8.
fn encode(text: &str) -> String {
    let mut encoded = String::with_capacity(text.len());
    for byte in text.bytes() {
        match byte {
            b':' | b'%' | 0..0x20 | 0x7f.. => drop(write!(encoded, "%{byte:02X}")),
            _ => encoded.push(char::from(byte)),
        }
    }
    encoded
}

fn decode(text: &str) -> String {
    percent_encoding::percent_decode_str(text).decode_utf8_lossy().into_owned()
}

#[cfg(test)]
mod tests {
    use super::*;

    /// The file that Proxmox wrote while it was asked about permissions.
    const RECORDED: &str = "\
user:ci@pve:1:0::::test::
token:ci@pve!t1:0:0::
user:root@pam:1:0::::::
token:root@pam!ci:0:0::



role:Rstoragelocal:Datastore.AllocateSpace:
role:Rvms110:VM.Backup:
role:Rvms160:VM.Allocate,VM.Audit,VM.Backup,VM.Config.CPU,VM.Config.Disk:

acl:1:/storage/local:ci@pve:Rstoragelocal:
acl:1:/vms/110:ci@pve:Rvms110:
acl:1:/vms/160:ci@pve:Rvms160:
";

    #[test]
    fn proxmoxs_own_file_is_read_and_written_unchanged() {
        let config = read(RECORDED);
        assert_eq!(config.users["ci@pve"].comment, "test");
        assert_eq!(config.token("ci@pve", "t1"), Some(&Token::default()));
        assert_eq!(write(&config), RECORDED);
    }

    #[test]
    fn every_kind_of_line_survives() {
        let text = "\
user:a@pve:1:0:Ä%3A::a@b.c:::
token:a@pve!t1:7:1:two%0Alines:
user:root@pam:1:0::::::

group:ops:a@pve:they:

pool:big::100,9:local:
pool:big/small::200::

role:R:VM.Audit:

acl:0:/:@ops:PVEAuditor:
acl:1:/:a@pve:PVEAuditor,R:
acl:1:/vms:@ops,a@pve!t1:R:
";
        let config = read(text);
        assert_eq!(config.users["a@pve"].firstname, "Ä:");
        assert_eq!(config.pool_of(200), Some("big/small"));
        assert_eq!(write(&config), text.replace('Ä', "%C3%84"));
    }

    #[test]
    fn what_cannot_be_is_left_out() {
        let config =
            read("user:x:1:0:\ntoken:no@pve!t:0:0:\nrole:R:VM.Audit,VM.Monitor:\nacl:1:/:a@pve:Gone:\nfoo:1:\n");
        assert_eq!(config.users.len(), 1);
        assert_eq!(config.own_roles["R"], BTreeSet::from(["VM.Audit"]));
        assert!(config.acl.is_empty());
    }
}
