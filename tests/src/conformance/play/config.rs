//! A guest's configuration as the API tells it, compared as a whole or by what changed.

use std::collections::BTreeMap;

use anyhow::{Context, Result};
use serde_json::{Map, Value};

use super::expect::Verdict;
use super::scope::Scope;
use crate::conformance::pattern::json as pattern;
use crate::conformance::script::Base;
use crate::conformance::target::Target;

/// The configurations as they were when they were last compared.
pub(super) type Known = BTreeMap<String, Map<String, Value>>;

/// Keys and texts as a scenario writes them; no text: the key is gone.
type Keys = [(String, Option<String>)];

/// Compares, and remembers what is there now.
pub(super) fn compared(
    target: &Target<'_>,
    scope: &Scope,
    known: &mut Known,
    vmid: &str,
    base: &Base,
    keys: &Keys,
) -> Result<Verdict> {
    let vmid = scope.value(vmid)?;
    let path = format!("/nodes/{}/lxc/{vmid}/config", scope.get("node")?);
    let mut actual = target.data("GET", &path)?.as_object().cloned().context("a configuration is an object")?;
    let before = |vmid: &str| known.get(vmid).cloned().with_context(|| format!("{vmid} was not compared before"));
    let mut expected = match base {
        Base::Nothing => Map::new(),
        Base::Before => before(&vmid)?,
        Base::Guest(other) => before(&scope.value(other)?)?,
    };
    for (key, text) in keys {
        match text {
            Some(text) => expected.insert(key.clone(), value(&scope.pattern(text))),
            None => expected.remove(key),
        };
    }
    let mut verdict = Verdict::default();
    let digest = actual.remove("digest").unwrap_or_default();
    verdict.differences = pattern::compare(&Value::from("{digest}"), &digest, &mut verdict.captures);
    known.insert(vmid, actual.clone());
    let (expected, actual) = (Value::Object(expected), Value::Object(actual));
    verdict.differences.extend(pattern::compare(&expected, &actual, &mut verdict.captures));
    Ok(verdict)
}

/// An integer or a quoted JSON string as it stands; everything else is a string without its quotes.
fn value(text: &str) -> Value {
    let literal = text.starts_with('"') || text.starts_with('[') || text.parse::<i64>().is_ok();
    let parsed = literal.then(|| serde_json::from_str(text).ok()).flatten();
    parsed.unwrap_or_else(|| Value::from(text))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn numbers_are_numbers_unless_quoted() {
        assert_eq!(value("512"), Value::from(512));
        assert_eq!(value("\"512\""), Value::from("512"));
        assert_eq!(value("1.5"), Value::from("1.5"));
        assert_eq!(value("name=eth0,hwaddr={mac}"), Value::from("name=eth0,hwaddr={mac}"));
    }
}
