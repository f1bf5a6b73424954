//! A call before it is sent: which one of the API's table, with which parameters, all of them checked.

use std::collections::{BTreeMap, BTreeSet};
use std::fmt;

use pve_wire::api::{Given, Method, ParamErrors, Parameters, Verb, check};
use spec::ids::Vmid;

use crate::law::{Rule, rule_of};

/// Parameters as they are gathered.
#[derive(Clone, Default, PartialEq, Eq)]
pub(crate) struct Params(Parameters);

impl Params {
    pub(crate) fn new() -> Self {
        Self::default()
    }

    /// Those of a guest's call.
    pub(crate) fn on(vmid: Vmid) -> Self {
        Self::new().with("vmid", &vmid)
    }

    /// One parameter.
    pub(crate) fn with(mut self, key: impl Into<String>, value: &(impl ToString + ?Sized)) -> Self {
        self.0.insert(key.into(), Given::One(value.to_string()));
        self
    }

    /// One parameter, where there is a value for it.
    pub(crate) fn maybe(self, key: &str, value: Option<impl ToString>) -> Self {
        match value {
            Some(value) => self.with(key, &value),
            None => self,
        }
    }

    /// One parameter, where nobody gave it.
    pub(crate) fn or_with(self, key: &str, value: &str) -> Self {
        if self.names(key) { self } else { self.with(key, value) }
    }

    /// Whether something is said under this name.
    pub(crate) fn names(&self, key: &str) -> bool {
        self.0.contains_key(key)
    }

    /// The one guest that is meant.
    pub(crate) fn guest(&self) -> Option<Vmid> {
        match self.0.get("vmid")? {
            Given::One(text) => text.parse().ok(),
            Given::Many(_) => None,
        }
    }

    /// A flag as REST writes it.
    pub(crate) fn flag(self, key: &str, value: bool) -> Self {
        self.with(key, if value { "1" } else { "0" })
    }

    /// Several texts under one name.
    pub(crate) fn many(mut self, key: &str, values: Vec<String>) -> Self {
        self.0.insert(key.to_owned(), Given::Many(values));
        self
    }

    #[cfg(test)]
    pub(crate) fn get(&self, key: &str) -> Option<&str> {
        match self.0.get(key)? {
            Given::One(text) => Some(text),
            Given::Many(list) => list.first().map(String::as_str),
        }
    }
}

/// Names only: passwords and keys are among the values.
impl fmt::Debug for Params {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_set().entries(self.0.keys()).finish()
    }
}

/// A call that may be sent.
pub(crate) struct Ready {
    pub(crate) verb: Verb,
    /// What holds when it fails.
    pub(crate) rule: &'static Rule,
    /// Below `/api2/json`, percent-encoded.
    pub(crate) path: String,
    /// What does not stand in the path.
    pub(crate) params: Vec<(String, String)>,
    /// The guests that it changes.
    pub(crate) guests: BTreeSet<Vmid>,
}

impl Ready {
    /// Holds the parameters against the table.
    pub(crate) fn of(method: &'static Method, given: Params) -> Result<Self, (String, ParamErrors)> {
        let Params(given) = given;
        let in_path = |key: &str| method.path.contains(&format!("{{{key}}}"));
        let variables: BTreeMap<String, String> = given
            .iter()
            .filter(|(key, _)| in_path(key))
            .filter_map(|(key, value)| Some((key.clone(), texts(value).first()?.clone())))
            .collect();
        let path = method.fill(&variables);
        if let Err(errors) = check(method, &given) {
            return Err((path, without_secrets(errors)));
        }
        let guests = if method.verb == Verb::Get { BTreeSet::new() } else { guests(&given) };
        let left = given.iter().filter(|(key, _)| !in_path(key));
        let params =
            left.flat_map(|(key, value)| texts(value).iter().map(|text| (key.clone(), text.clone()))).collect();
        Ok(Self { verb: method.verb, rule: rule_of(method), path, params, guests })
    }

    pub(crate) fn changes_something(&self) -> bool {
        self.verb != Verb::Get
    }

    /// The same, for people.
    pub(crate) fn outline(&self) -> Outline {
        let shown = |(key, value): &(String, String)| {
            let secret = SECRET.contains(&key.as_str());
            (key.clone(), if secret { "<secret>".to_owned() } else { value.clone() })
        };
        let params = self.params.iter().map(shown).collect();
        Outline { method: self.verb.as_str(), path: self.path.clone(), params }
    }
}

/// A call as it would be sent, without its secrets.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Outline {
    /// The HTTP method.
    pub method: &'static str,
    /// The path below `/api2/json`, percent-encoded.
    pub path: String,
    /// What does not stand in the path: the body's, or of a DELETE the query's. Secrets read `<secret>`.
    pub params: Vec<(String, String)>,
}

/// Values that nobody may read in an error.
const SECRET: &[&str] = &["password", "ssh-public-keys", "env"];

/// The node's texts quote what they refuse.
fn without_secrets(mut errors: ParamErrors) -> ParamErrors {
    for (_, text) in errors.iter_mut().filter(|(key, _)| SECRET.contains(&key.as_str())) {
        "the value is refused; it is a secret and not shown".clone_into(text);
    }
    errors
}

fn texts(value: &Given) -> &[String] {
    match value {
        Given::One(text) => std::slice::from_ref(text),
        Given::Many(list) => list,
    }
}

/// The guests that the parameters name: `vmid` (a list for backups), and a clone's `newid`.
fn guests(given: &Parameters) -> BTreeSet<Vmid> {
    let named = ["vmid", "newid"].iter().filter_map(|key| given.get(*key)).flat_map(texts);
    named.flat_map(|text| text.split([',', ';', ' '])).filter_map(|part| part.parse().ok()).collect()
}

#[cfg(test)]
mod tests {
    use pve_wire::api::calls;

    use super::*;

    fn on(vmid: &str) -> Params {
        Params::new().with("node", "pve").with("vmid", vmid)
    }

    #[test]
    fn path_and_parameters_come_from_the_table() {
        let given = on("101").with("disk", "rootfs").with("size", "10G");
        let ready = Ready::of(&calls::RESIZE_VM, given).unwrap();
        assert_eq!((ready.verb, ready.path.as_str()), (Verb::Put, "/nodes/pve/lxc/101/resize"));
        assert_eq!(ready.params, [("disk".into(), "rootfs".into()), ("size".into(), "10G".into())]);
        assert_eq!(ready.guests, ["101".parse().unwrap()].into());
    }

    #[test]
    fn what_the_table_does_not_know_is_not_sent() {
        let (path, errors) = Ready::of(&calls::START, on("101").with("bogus", "1")).map(drop).unwrap_err();
        assert_eq!(
            (path.as_str(), errors.keys().next().unwrap().as_str()),
            ("/nodes/pve/lxc/101/status/start", "bogus")
        );
        assert!(Ready::of(&calls::RESIZE_VM, on("101")).is_err());
        assert!(Ready::of(&calls::CREATE_VM, on("101").with("ostemplate", "x").with("password", "1234")).is_err());
    }

    #[test]
    fn a_call_knows_which_guests_it_changes() {
        let changed = |method, given| Ready::of(method, given).map(|ready| ready.guests.len()).unwrap();
        assert_eq!(changed(&calls::CURRENT_STATUS, on("101")), 0);
        assert_eq!(changed(&calls::CLONE_VM, on("101").with("newid", "102")), 2);
        assert_eq!(changed(&calls::VZDUMP, on("101,102")), 2);
        assert_eq!(changed(&calls::STOP_TASK, Params::new().with("node", "pve").with("upid", "UPID:x")), 0);
    }

    #[test]
    fn secrets_are_never_shown() {
        let shown = format!("{:?}", on("101").with("password", "correct horse"));
        assert!(shown.contains("password") && !shown.contains("horse"), "{shown}");
        let (_, errors) = Ready::of(&calls::UPDATE_CONFIG, on("101").with("env", "horse")).map(drop).unwrap_err();
        assert!(errors.contains_key("env") && !format!("{errors:?}").contains("horse"), "{errors:?}");
        let ready = Ready::of(&calls::CREATE_VM, on("101").with("ostemplate", "x").with("password", "correct horse"));
        let outline = ready.unwrap().outline();
        assert_eq!((outline.method, outline.path.as_str()), ("POST", "/nodes/pve/lxc"));
        assert!(outline.params.contains(&("password".into(), "<secret>".into())), "{outline:?}");
    }
}
