//! What is asked for, as a value that a task can be handed.

use std::collections::BTreeMap;

use pve_wire::api::{ParamErrors, Params};
use serde::{Deserialize, Serialize};
use spec::ids::Vmid;

use super::command_line::command_line;
use super::notes;
use crate::access::AccountStore;
use crate::state::Node;

/// A backup job.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub struct VzdumpRequest {
    /// The guests, ascending.
    pub vmids: Vec<Vmid>,
    /// Guests that are meant too and live on other nodes, which leave them to themselves.
    pub elsewhere: Vec<Vmid>,
    /// Whether all guests are meant: those that may not be backed up are then passed over.
    pub all: bool,
    /// The call as a person would type it, for the log.
    pub shown: String,
    /// The options as they were given.
    pub options: BTreeMap<String, String>,
    /// Patterns of what is left out.
    pub exclude_paths: Vec<String>,
    /// Where the archive goes instead of a file: a descriptor below `/proc` that is the caller's standard output.
    pub stdout: Option<String>,
}

impl VzdumpRequest {
    /// What checked parameters ask for. The log tells the node only where the call came over the API.
    pub fn of(node: &Node, params: &Params, by_hand: bool) -> Result<Self, ParamErrors> {
        refuse_contradictions(params)?;
        let listed = |key: &str| -> Vec<Vmid> {
            let text = params.get(key).unwrap_or_default();
            text.split([',', ';', ' ', '\0']).filter_map(|one| one.parse().ok()).collect()
        };
        let all = params.flag("all") || (params.has("exclude") && !params.has("pool"));
        let others = guests_elsewhere(node);
        let (mut vmids, mut elsewhere) = if all {
            let excluded = listed("exclude");
            let meant = |guests: Vec<Vmid>| guests.into_iter().filter(|vmid| !excluded.contains(vmid)).collect();
            (meant(node.guests().list().unwrap_or_default()), meant(others))
        } else {
            let meant = match params.get("pool") {
                Some(pool) => members(node, pool)?,
                None => listed("vmid"),
            };
            // A guest that is nowhere stays, so that its backup can fail.
            meant.into_iter().partition::<Vec<_>, _>(|vmid| !others.contains(vmid))
        };
        vmids.sort_unstable();
        elsewhere.sort_unstable();
        let own = ["vmid", "node", "all", "exclude", "exclude-path", "quiet", "stdout"];
        Ok(Self {
            vmids,
            elsewhere,
            all,
            shown: command_line(params, all, by_hand),
            options: params.filtered(|key| !own.contains(&key)),
            exclude_paths: exclude_paths(params),
            stdout: None,
        })
    }
}

/// The guests of a pool.
fn members(node: &Node, pool: &str) -> Result<Vec<Vmid>, ParamErrors> {
    let config = AccountStore::new(&node.layout).config().ok();
    let found = config.and_then(|config| Some(config.pools.get(pool)?.vms.clone()));
    let refused = || ParamErrors::from([("pool".to_owned(), format!("pool '{pool}' does not exist"))]);
    Ok(found.ok_or_else(refused)?.iter().filter_map(|vmid| vmid.to_string().parse().ok()).collect())
}

fn guests_elsewhere(node: &Node) -> Vec<Vmid> {
    let others = node.cluster().unwrap_or_default().into_iter().filter(|other| other.name() != node.name());
    others.flat_map(|other| other.guests().list().unwrap_or_default()).collect()
}

fn exclude_paths(params: &Params) -> Vec<String> {
    let given = params.list("exclude-path");
    given.iter().flat_map(|text| text.split('\0')).filter(|text| !text.is_empty()).map(str::to_owned).collect()
}

fn refuse_contradictions(params: &Params) -> Result<(), ParamErrors> {
    let refuse = |name: &str, why: String| Err(ParamErrors::from([(name.to_owned(), why)]));
    let vmid = params.get("vmid").is_some_and(|text| !text.is_empty());
    for name in ["all", "exclude", "pool"] {
        let given = if name == "all" { params.flag(name) } else { params.has(name) };
        if vmid && given {
            return refuse(name, "option conflicts with option 'vmid'".to_owned());
        }
    }
    if let Some(why) = params.get("notes-template").and_then(|template| notes::verify(template).err()) {
        return refuse("notes-template", why);
    }
    let some = vmid || params.flag("all") || params.flag("stop") || params.has("pool") || params.has("exclude");
    if some { Ok(()) } else { refuse("vmid", "property is missing".to_owned()) }
}

#[cfg(test)]
pub(super) mod tests {
    use pve_wire::api::{Given, Parameters, calls, check};

    use super::*;
    use crate::state::NodeConfig;

    /// Parameters as the API would hand them on.
    pub(in crate::ops::vzdump) fn params(pairs: &[(&str, &str)]) -> Params {
        let one = |(key, value): &(&str, &str)| {
            let value = (*value).to_owned();
            let given = if *key == "exclude-path" { Given::Many(vec![value]) } else { Given::One(value) };
            ((*key).to_owned(), given)
        };
        check(&calls::VZDUMP, &pairs.iter().map(one).collect::<Parameters>()).unwrap()
    }

    #[test]
    fn contradictions_are_refused_by_name() {
        let dir = tempfile::tempdir().unwrap();
        let node = Node::init(dir.path(), &NodeConfig::default()).unwrap();
        let refused = |pairs: &[(&str, &str)]| VzdumpRequest::of(&node, &params(pairs), false).unwrap_err();
        assert_eq!(refused(&[])["vmid"], "property is missing");
        assert_eq!(refused(&[("vmid", "100"), ("all", "1")])["all"], "option conflicts with option 'vmid'");
        assert_eq!(refused(&[("vmid", "100"), ("exclude", "101")])["exclude"], "option conflicts with option 'vmid'");
        assert_eq!(refused(&[("pool", "none")])["pool"], "pool 'none' does not exist");
        let notes = [("vmid", "100"), ("storage", "local"), ("notes-template", "{{who}}")];
        assert!(refused(&notes)["notes-template"].starts_with("found unknown: variable 'who'"));
    }

    #[test]
    fn all_means_every_guest_but_the_excluded() {
        let dir = tempfile::tempdir().unwrap();
        let node = Node::init(dir.path(), &NodeConfig::default()).unwrap();
        for vmid in ["102", "100", "101"] {
            let conf = spec::pct::PctConf::parse("hostname: x\n");
            node.guests().write(vmid.parse().unwrap(), &conf).unwrap();
        }
        let request = VzdumpRequest::of(&node, &params(&[("exclude", "101")]), false).unwrap();
        assert!(request.all);
        assert_eq!(request.vmids.iter().map(ToString::to_string).collect::<Vec<_>>(), ["100", "102"]);
        let request = VzdumpRequest::of(&node, &params(&[("vmid", "4242,100")]), false).unwrap();
        assert_eq!(request.vmids.iter().map(ToString::to_string).collect::<Vec<_>>(), ["100", "4242"]);
    }
}
