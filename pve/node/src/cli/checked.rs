//! A tool's words as parameters of the call that it makes.

use std::collections::BTreeMap;

use pve_wire::api::{Given, Kind, Method, Parameters, Params, check};

use super::dispatch::Failure;
use crate::state::Node;

/// Checks options, with operands by their parameters' names, as the API checks them.
pub(super) fn checked(
    node: &Node,
    method: &Method,
    operands: &[(&str, &str)],
    options: &BTreeMap<String, String>,
) -> Result<Params, Failure> {
    let one = |(key, value): (&str, &str)| {
        let is_list = method.param(key).is_some_and(|param| param.kind == Kind::List);
        let value = value.to_owned();
        (key.to_owned(), if is_list { Given::Many(vec![value]) } else { Given::One(value) })
    };
    let mut given: Parameters = options.iter().map(|(key, value)| one((key, value))).collect();
    given.extend(operands.iter().copied().map(one));
    if method.is_on_node() {
        given.entry("node".to_owned()).or_insert_with(|| Given::One(node.name().to_owned()));
    }
    Ok(check(method, &given)?)
}
