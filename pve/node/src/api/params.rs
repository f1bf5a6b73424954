//! A call's parameters: checked against what the call knows, then read by name.

use std::collections::BTreeMap;

use spec::ids::Vmid;

use super::schema::{self, Param};

/// What is wrong with which parameter.
pub type ParamErrors = BTreeMap<String, String>;

/// Parameters that were checked: every one is known and of its kind.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Params(BTreeMap<String, String>);

/// Checks what a caller gave against `known` parameters (several tables, one after the other).
pub fn check(given: &BTreeMap<String, String>, known: &[&[Param]]) -> Result<Params, ParamErrors> {
    let mut errors = ParamErrors::new();
    let mut kept = BTreeMap::new();
    let find = |key: &str| known.iter().flat_map(|table| table.iter()).find(|param| param.is(key));
    for (key, value) in given {
        let checked = match find(key) {
            Some(param) => schema::check(param.kind, key, value),
            None => {
                Err("property is not defined in schema and the schema does not allow additional properties".to_owned())
            }
        };
        match checked {
            Ok(value) => drop(kept.insert(key.clone(), value)),
            Err(why) => drop(errors.insert(key.clone(), why)),
        }
    }
    for param in known.iter().flat_map(|table| table.iter()).filter(|param| param.required) {
        if !given.contains_key(param.name) {
            errors.insert(param.name.to_owned(), "property is missing and it is not optional".to_owned());
        }
    }
    if errors.is_empty() { Ok(Params(kept)) } else { Err(errors) }
}

impl Params {
    /// A parameter's value.
    pub fn get(&self, key: &str) -> Option<&str> {
        self.0.get(key).map(String::as_str)
    }

    /// A parameter's value as a text of its own.
    pub fn owned(&self, key: &str) -> Option<String> {
        self.0.get(key).cloned()
    }

    /// A boolean; absent reads as false.
    pub fn flag(&self, key: &str) -> bool {
        self.get(key) == Some("1")
    }

    /// A boolean, where it was given.
    pub fn optional_flag(&self, key: &str) -> Option<bool> {
        self.get(key).map(|value| value == "1")
    }

    /// A number.
    pub fn number(&self, key: &str) -> Option<u64> {
        self.get(key)?.parse().ok()
    }

    /// A guest's number.
    pub fn vmid(&self, key: &str) -> Option<Vmid> {
        self.get(key)?.parse().ok()
    }

    /// All that satisfy `wanted`.
    pub fn filtered(&self, wanted: impl Fn(&str) -> bool) -> BTreeMap<String, String> {
        self.0.iter().filter(|(key, _)| wanted(key)).map(|(key, value)| (key.clone(), value.clone())).collect()
    }

    /// Whether nothing was given.
    pub fn is_empty(&self) -> bool {
        self.0.is_empty()
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::api::{CONFIG_KEYS, Kind};

    fn given(pairs: &[(&str, &str)]) -> BTreeMap<String, String> {
        pairs.iter().map(|(key, value)| ((*key).to_owned(), (*value).to_owned())).collect()
    }

    #[test]
    fn unknown_missing_and_wrong_parameters_are_all_named() {
        let known = [Param::required("ostemplate", Kind::Text(1, 255)), Param::required("vmid", Kind::Vmid)];
        let errors = check(&given(&[("vmid", "99"), ("bogus", "1")]), &[&known, CONFIG_KEYS]).unwrap_err();
        assert_eq!(errors.keys().collect::<Vec<_>>(), ["bogus", "ostemplate", "vmid"]);
        assert_eq!(errors["ostemplate"], "property is missing and it is not optional");
    }

    #[test]
    fn values_are_read_by_name() {
        let params =
            check(&given(&[("onboot", "1"), ("memory", "64"), ("net0", "name=eth0")]), &[CONFIG_KEYS]).unwrap();
        assert!(params.flag("onboot") && !params.flag("protection"));
        assert_eq!((params.number("memory"), params.get("net0")), (Some(64), Some("name=eth0")));
    }
}
