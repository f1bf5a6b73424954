//! A node and what scenarios call its parts.

use std::collections::BTreeMap;
use std::time::{SystemTime, UNIX_EPOCH};

use anyhow::{Context, Result, bail, ensure};
use percent_encoding::{AsciiSet, NON_ALPHANUMERIC, utf8_percent_encode};
use serde_json::Value;

use super::client::{Caller, Client, Request};
use super::options::{Options, Vmids};
use super::shell::Shell;
use crate::conformance::script::Need;

/// What may stand in a path as it is.
const PATH: &AsciiSet = &NON_ALPHANUMERIC.remove(b'-').remove(b'_').remove(b'.').remove(b'~');

/// A value within a path.
pub(crate) fn escaped(text: &str) -> String {
    utf8_percent_encode(text, PATH).to_string()
}

/// A word of this run's own, for what leaves traces that cannot be removed.
fn run() -> String {
    let since = SystemTime::now().duration_since(UNIX_EPOCH).unwrap_or_default();
    format!("{:x}", since.as_secs())
}

/// A node that is there.
#[derive(Debug)]
pub(crate) struct Target<'a> {
    pub(crate) client: Client,
    /// The administrator whose token was given.
    pub(crate) root: Caller,
    pub(crate) vmids: Vmids,
    pub(crate) shell: Option<&'a dyn Shell>,
    /// The names that scenarios use: node, storage, bridge, vm1…
    pub(crate) names: BTreeMap<String, String>,
}

impl<'a> Target<'a> {
    /// Looks at the node and gives its parts their names.
    pub(crate) fn find(options: &Options, shell: Option<&'a dyn Shell>) -> Result<Self> {
        let url = options.target.clone().context("a TARGET")?;
        let token = options.token.as_deref().context("a TARGET needs a TOKEN")?;
        let (id, _) = token.split_once('=').context("a token is written USER@REALM!NAME=SECRET")?;
        let (user, tokenid) = id.split_once('!').context("a token is written USER@REALM!NAME=SECRET")?;
        let root = Caller { authorization: Some(format!("PVEAPIToken={token}")), ..Caller::default() };
        let client = Client::new(url, options.fingerprint)?;
        let mut target = Self { client, root, vmids: options.vmids, shell, names: BTreeMap::new() };
        let node = target.node(options)?;
        let template = target.template(options, &node)?;
        let file = template.rsplit('/').next().unwrap_or_default().to_owned();
        for (name, value) in [
            ("node", node),
            ("storage", options.storage.clone()),
            ("template", template),
            ("template_file", file),
            ("bridge", options.bridge.clone().unwrap_or_else(|| "vmbr0".to_owned())),
            ("user", user.to_owned()),
            ("tokenid", tokenid.to_owned()),
            ("none", options.vmids.last.to_string()),
            ("run", run()),
        ] {
            target.names.insert(name.to_owned(), value);
        }
        let bridge2 = options.bridge2.clone().unwrap_or_else(|| target.names["bridge"].clone());
        target.names.insert("bridge2".to_owned(), bridge2);
        let optional = [("storage2", &options.storage2), ("btrfs", &options.btrfs)];
        for (name, value) in optional {
            target.names.extend(value.clone().map(|value| (name.to_owned(), value)));
        }
        let guests = (options.vmids.first..options.vmids.last).enumerate();
        target.names.extend(guests.map(|(index, vmid)| (format!("vm{}", index + 1), vmid.to_string())));
        Ok(target)
    }

    /// Whether the node has what a section needs.
    pub(crate) fn has(&self, need: Need) -> bool {
        match need {
            Need::Shell => self.shell.is_some(),
            Need::Storage2 => self.names.contains_key("storage2"),
            Need::Bridge2 => self.names["bridge2"] != self.names["bridge"],
            Need::Btrfs => self.names.contains_key("btrfs"),
        }
    }

    /// `data` of a call as the administrator, outside of any scenario.
    pub(crate) fn data(&self, method: &str, path: &str) -> Result<Value> {
        let request = Request {
            caller: self.root.clone(),
            method: method.to_owned(),
            path: path.to_owned(),
            ..Request::default()
        };
        let answer = self.client.send(&request).with_context(|| format!("{method} {path}"))?;
        ensure!(answer.status == 200, "{method} {path} answered {} {}", answer.status, answer.reason);
        let mut body: Value = serde_json::from_str(&answer.body).with_context(|| format!("{method} {path}"))?;
        Ok(body["data"].take())
    }

    fn node(&self, options: &Options) -> Result<String> {
        if let Some(node) = &options.node {
            return Ok(node.clone());
        }
        let nodes = self.data("GET", "/nodes")?;
        match nodes.as_array().map(Vec::as_slice) {
            Some([only]) => Ok(only["node"].as_str().unwrap_or_default().to_owned()),
            _ => bail!("there are several nodes: say which is meant with NODE="),
        }
    }

    fn template(&self, options: &Options, node: &str) -> Result<String> {
        if let Some(template) = &options.template {
            return Ok(template.clone());
        }
        let path = format!("/nodes/{node}/storage/{}/content?content=vztmpl", options.storage);
        let content = self.data("GET", &path)?;
        let volids = content.as_array().into_iter().flatten().filter_map(|row| row["volid"].as_str());
        let debian = volids.into_iter().find(|volid| volid.contains("/debian-")).map(str::to_owned);
        debian.with_context(|| {
            format!("no Debian template on {}: download one, or name it with TEMPLATE=", options.storage)
        })
    }
}
