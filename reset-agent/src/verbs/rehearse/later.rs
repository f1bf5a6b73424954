//! Names for what only the run will know. A dry run draws its own, as the run would, and shows a name in their place.

use std::collections::BTreeMap;

use pve_client::Outline;
use spec::ids::{MacAddr, RunId, Vmid};

use super::rehearsal::{Act, Does};

/// In place of a configuration's digest.
pub(super) const DIGEST: &str = "<digest>";
const RUN: &str = "<run>";
const VMID: &str = "<VMID>";
const SECRET: &str = "<secret>";

/// The parameters that hold a guest's number and nothing else.
const NUMBERS: &[&str] = &["vmid", "newid"];

/// What was drawn, and what it is called.
#[derive(Debug, Clone, Default)]
pub(super) struct Later {
    vmid: Option<Vmid>,
    /// Value → name.
    texts: BTreeMap<String, String>,
}

impl Later {
    /// A guest's number that the run will choose.
    pub(super) fn vmid(&mut self, vmid: Vmid) {
        self.vmid = Some(vmid);
    }

    /// The run's own id.
    pub(super) fn run(&mut self, run: &RunId) {
        self.texts.insert(run.to_string(), RUN.to_owned());
    }

    /// An address that the run will draw.
    pub(super) fn mac(&mut self, key: &str, mac: MacAddr) {
        self.texts.insert(mac.to_string(), format!("<MAC of {key}>"));
    }

    /// A text with names in it.
    pub(super) fn named(&self, text: &str) -> String {
        self.texts.iter().fold(text.to_owned(), |text, (value, name)| text.replace(value, name))
    }

    /// A call with names in it.
    pub(super) fn call(&self, outline: &Outline) -> Does {
        let is_ours = |text: &str| self.vmid.is_some_and(|vmid| vmid.to_string() == text);
        let segment = |text| if is_ours(text) { VMID.to_owned() } else { self.named(text) };
        let param = |(key, value): &(String, String)| {
            let number = NUMBERS.contains(&key.as_str()) && is_ours(value);
            (key.clone(), if number { VMID.to_owned() } else { self.named(value) })
        };
        Does::Call {
            method: outline.method,
            path: outline.path.split('/').map(segment).collect::<Vec<_>>().join("/"),
            params: outline.params.iter().map(param).collect(),
        }
    }

    /// What the names stand for that occur in any of these.
    pub(super) fn legend(&self, acts: &[Act]) -> BTreeMap<String, String> {
        let all = self.texts.values().map(|name| (name.clone(), meaning(name))).chain([
            (DIGEST.to_owned(), "of the configuration, as it is read right before".to_owned()),
            (SECRET.to_owned(), "a value that is never shown".to_owned()),
        ]);
        let vmid = self.vmid.map(|vmid| (VMID.to_owned(), format!("{vmid}, unless somebody takes it before")));
        all.chain(vmid).filter(|(name, _)| acts.iter().any(|act| mentions(&act.does, name))).collect()
    }
}

fn meaning(name: &str) -> String {
    let what = if name == RUN { "the run's own id" } else { "drawn, and reserved in the ledger for ever" };
    what.to_owned()
}

fn mentions(does: &Does, name: &str) -> bool {
    match does {
        Does::Call { path, params, .. } => path.contains(name) || params.values().any(|value| value.contains(name)),
        other => other.in_words().1.contains(name),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_what_the_run_will_choose_gets_a_name() {
        let mut later = Later::default();
        later.vmid("200".parse().unwrap());
        later.mac("net0", "BC:24:11:00:02:00".parse().unwrap());
        let params = [("newid", "200"), ("hostname", "200"), ("net0", "hwaddr=BC:24:11:00:02:00,ip=10.0.200.1/24")];
        let params = params.map(|(key, value)| (key.to_owned(), value.to_owned())).to_vec();
        let call = later.call(&Outline { method: "POST", path: "/nodes/n200/lxc/200/clone".into(), params });
        let Does::Call { path, params, .. } = &call else { panic!("{call:?}") };
        assert_eq!(path, "/nodes/n200/lxc/<VMID>/clone");
        assert_eq!((params["newid"].as_str(), params["hostname"].as_str()), ("<VMID>", "200"));
        assert_eq!(params["net0"], "hwaddr=<MAC of net0>,ip=10.0.200.1/24");
        let legend = later.legend(&[Act { step: "restore", does: call }]);
        assert_eq!(legend.keys().collect::<Vec<_>>(), ["<MAC of net0>", "<VMID>"]);
    }
}
