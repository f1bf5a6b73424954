//! `pve-node token …`.

use std::collections::BTreeMap;
use std::fs;

use super::args::{GrantArgs, Token};
use super::dispatch::{Failure, out};
use super::exit;
use crate::access::changes::provision::{self, Wanted};
use crate::access::changes::tokens;
use crate::access::{ALL_PRIVILEGES, AccountStore};
use crate::error::Die;
use crate::state::Node;

pub(super) fn run(node: &Node, command: Token) -> Result<u8, Failure> {
    let store = AccountStore::new(&node.layout);
    match command {
        Token::Add { token, grants } => {
            let wanted = read_grants(node, &grants)?;
            let secret = store.change("unable to add token", |config, secrets| {
                provision::add(config, secrets, token.user(), token.name(), &wanted)
            })?;
            out(&format!("{secret}\n"));
        }
        Token::Grant { token, grants } => {
            let wanted = read_grants(node, &grants)?;
            store.change("unable to change token", |config, _| {
                tokens::require(config, token.user(), token.name())?;
                provision::grant(config, token.user(), &wanted)
            })?;
        }
        Token::Remove { token } => store.change("unable to remove token", |config, secrets| {
            provision::remove(config, secrets, token.user(), token.name())
        })?,
        Token::List => out(&list(&store)?),
    }
    Ok(exit::OK)
}

/// Every token with its privileges by path.
fn list(store: &AccountStore) -> Result<String, Die> {
    let config = store.config()?;
    let mut listed: BTreeMap<String, Wanted> = BTreeMap::new();
    for (name, user) in &config.users {
        let named = |token: &String| (format!("{name}!{token}"), provision::granted(&config, name));
        listed.extend(user.tokens.keys().map(named));
    }
    let text = serde_json::to_string_pretty(&listed).map_err(|error| Die::text(error.to_string()))?;
    Ok(format!("{text}\n"))
}

/// What a provisioner needs on its guests: to restore, configure, start, read, back up and destroy them.
const ON_GUESTS: &[&str] = &[
    "VM.Allocate",
    "VM.Audit",
    "VM.Backup",
    "VM.Config.CPU",
    "VM.Config.Disk",
    "VM.Config.Memory",
    "VM.Config.Network",
    "VM.Config.Options",
    "VM.PowerMgmt",
];

fn read_grants(node: &Node, args: &GrantArgs) -> Result<Wanted, Die> {
    let mut grants = Wanted::new();
    let mut grant = |path: &str, privileges: &[&str]| {
        grants.entry(path.to_owned()).or_default().extend(privileges.iter().map(|p| (*p).to_owned()));
    };
    match args.role.as_deref() {
        Some("administrator") => grant("/", ALL_PRIVILEGES),
        Some(_) => {
            let everywhere = ["/vms".to_owned()];
            let paths = if args.vms.is_empty() { &everywhere[..] } else { &args.vms[..] };
            for path in paths {
                grant(path, ON_GUESTS);
            }
            for storage in node.storages().all() {
                grant(&format!("/storage/{}", storage.id), &["Datastore.AllocateSpace", "Datastore.Audit"]);
            }
            grant(&format!("/sdn/zones/localnetwork/{}", node.config.bridge), &["SDN.Use"]);
        }
        None => (),
    }
    for text in &args.privileges {
        let (path, list) = text.split_once('=').filter(|(path, _)| path.starts_with('/')).ok_or_else(|| {
            Die::text(format!("--privs '{text}': write PATH=PRIVILEGE,… with a path that begins with /"))
        })?;
        grant(path, &list.split([',', ' ']).filter(|name| !name.is_empty()).collect::<Vec<_>>());
    }
    if let Some(file) = &args.privs_file {
        let text = fs::read_to_string(file).map_err(Die::io("read", file))?;
        let read: BTreeMap<String, Vec<String>> =
            toml::from_str(&text).map_err(|error| Die::text(format!("{}: {error}", file.display())))?;
        for (path, list) in &read {
            grant(path, &list.iter().map(String::as_str).collect::<Vec<_>>());
        }
    }
    provision::check(&grants)?;
    Ok(grants)
}
