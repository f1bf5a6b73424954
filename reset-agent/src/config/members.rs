//! `[[nodes]]`: further nodes of the cluster that `[node]` belongs to.

use std::path::PathBuf;

use serde::Deserialize;
use spec::ids::{BridgeName, NodeName, StorageId};

use super::guests::GuestSettings;
use super::node::{NodeSettings, TrustSource, pins};
use super::setting::{BadSetting, accept};

/// One of `[[nodes]]`
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Written {
    /// The node's name in the cluster.
    pub name: String,
    /// `https://HOST:8006`: its own API, asked while the ones before it cannot be reached.
    pub url: Option<String>,
    /// SHA-256 fingerprints of its certificate.
    #[serde(default)]
    pub fingerprints: Vec<String>,
    /// PEM file of the authority that issues its certificate; `node.ca`, where neither is given.
    pub ca: Option<PathBuf>,
    /// Storage for the disks of guests there, instead of `guests.storage`.
    pub storage: Option<String>,
    /// Bridge for the interfaces of guests there, instead of `guests.bridge`.
    pub bridge: Option<String>,
    /// Socket of the helper that looks into guests there.
    pub helper: Option<PathBuf>,
}

/// A node on which guests may be.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Member {
    /// Its name in the cluster.
    pub name: NodeName,
    /// Storage for the disks of guests there.
    pub storage: StorageId,
    /// Bridge for the interfaces of guests there.
    pub bridge: BridgeName,
    /// The socket of the helper there, where there is one.
    pub helper: Option<PathBuf>,
    /// Another way into the cluster.
    pub door: Option<Door>,
}

/// An API that answers for the whole cluster.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Door {
    /// Its address.
    pub url: String,
    /// Whose certificate is accepted.
    pub trust: TrustSource,
}

/// Accepts the list; `[node]` itself is the first of what comes of it.
pub(super) fn accepted(
    node: &NodeSettings,
    guests: &GuestSettings,
    helper: Option<&PathBuf>,
    written: Vec<Written>,
) -> Result<Vec<Member>, BadSetting> {
    let mut members = vec![Member {
        name: node.name.clone(),
        storage: guests.storage.clone(),
        bridge: guests.bridge.clone(),
        helper: helper.cloned(),
        door: None,
    }];
    for one in written {
        let member = member(node, guests, one)?;
        if members.iter().any(|known| known.name == member.name) {
            let why = "it is named twice: [node] is one of the nodes already";
            return Err(BadSetting { key: "nodes.name", value: member.name.to_string(), why: why.into() });
        }
        members.push(member);
    }
    Ok(members)
}

fn member(node: &NodeSettings, guests: &GuestSettings, written: Written) -> Result<Member, BadSetting> {
    let name: NodeName = accept("nodes.name", &written.name)?;
    let door = door(node, &name, &written)?;
    Ok(Member {
        storage: written.storage.map_or(Ok(guests.storage.clone()), |id| accept("nodes.storage", &id))?,
        bridge: written.bridge.map_or(Ok(guests.bridge.clone()), |bridge| accept("nodes.bridge", &bridge))?,
        helper: written.helper,
        name,
        door,
    })
}

fn door(node: &NodeSettings, name: &NodeName, written: &Written) -> Result<Option<Door>, BadSetting> {
    let refuse =
        |why: String| Err(BadSetting { key: "nodes.fingerprints", value: written.fingerprints.join(","), why });
    let Some(url) = written.url.clone() else {
        if written.fingerprints.is_empty() && written.ca.is_none() {
            return Ok(None);
        }
        return refuse(format!("node {name} has no `url` to which they could belong"));
    };
    let trust = match (&written.ca, &node.trust) {
        (Some(_), _) if !written.fingerprints.is_empty() => {
            return refuse(format!("choose one for node {name}: fingerprints, or ca"));
        }
        (None, _) if !written.fingerprints.is_empty() => {
            TrustSource::Pins(pins("nodes.fingerprints", &written.fingerprints)?)
        }
        (Some(ca), _) | (None, TrustSource::Authority(ca)) => TrustSource::Authority(ca.clone()),
        (None, TrustSource::Pins(_)) => {
            return refuse(format!("pin the certificate of node {name}, or name its authority in `ca`"));
        }
    };
    Ok(Some(Door { url, trust }))
}
