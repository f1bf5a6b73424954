//! `pve-node token …`.

use std::collections::BTreeMap;
use std::fs;

use super::args::{GrantArgs, Token};
use super::dispatch::{Failure, out};
use super::exit;
use crate::access::{Grants, TokenStore};
use crate::error::Die;
use crate::state::Node;

pub(super) fn run(node: &Node, command: Token) -> Result<u8, Failure> {
    let store = TokenStore::new(&node.layout);
    match command {
        Token::Add { token, grants } => {
            let secret = store.add(&token, read_grants(node, &grants)?)?;
            out(&format!("{secret}\n"));
        }
        Token::Grant { token, grants } => store.grant(&token, read_grants(node, &grants)?)?,
        Token::Remove { token } => store.remove(&token)?,
        Token::List => {
            let listed: BTreeMap<String, Grants> =
                store.list()?.into_iter().map(|(token, grants)| (token.to_string(), grants)).collect();
            let text = serde_json::to_string_pretty(&listed).map_err(|error| Die::text(error.to_string()))?;
            out(&format!("{text}\n"));
        }
    }
    Ok(exit::OK)
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

fn read_grants(node: &Node, args: &GrantArgs) -> Result<Grants, Die> {
    let mut grants = Grants::new();
    let mut grant = |path: &str, privileges: &[&str]| {
        grants.entry(path.to_owned()).or_default().extend(privileges.iter().map(|p| (*p).to_owned()));
    };
    match args.role.as_deref() {
        Some("administrator") => grant("/", crate::access::ALL_PRIVILEGES),
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
    known(&grants)?;
    Ok(grants)
}

fn known(grants: &Grants) -> Result<(), Die> {
    let unknown = grants.values().flatten().find(|name| !crate::access::ALL_PRIVILEGES.contains(&name.as_str()));
    match unknown {
        Some(name) => {
            let all = crate::access::ALL_PRIVILEGES.join(", ");
            Err(Die::text(format!("'{name}' is no privilege: use one of {all}")))
        }
        None => Ok(()),
    }
}
