//! What the calls answer, as far as it matters for printing: recorded from Proxmox.
//!
//! `results.txt` has a line for every call: verb, path, shape (with the field that names its children), fields in the
//! order of their columns, each with what it holds where that is not text.

use std::collections::BTreeMap;
use std::sync::LazyLock;

use pve_wire::api::Method;
use serde_json::Value;

use crate::cli::output::{Cell, Field, Shape};

struct Result {
    shape: &'static str,
    child: Option<&'static str>,
    fields: Vec<Field>,
}

static RESULTS: LazyLock<BTreeMap<(&str, &str), Result>> =
    LazyLock::new(|| include_str!("results.txt").lines().filter_map(read).collect());

fn read(line: &'static str) -> Option<((&'static str, &'static str), Result)> {
    let mut words = line.split(' ');
    let (verb, path, shape) = (words.next()?, words.next()?, words.next()?);
    let (shape, child) = shape.split_once('/').map_or((shape, None), |(shape, child)| (shape, Some(child)));
    Some(((verb, path), Result { shape, child, fields: words.map(field).collect() }))
}

fn field(word: &'static str) -> Field {
    let (name, kind) = word.split_once(':').unwrap_or((word, "text"));
    let cell = match kind {
        "flag" => Cell::Boolean,
        "number" => Cell::Number,
        "bytes" => Cell::Bytes,
        "duration" => Cell::Duration,
        "time" => Cell::Time,
        "share" => Cell::Share,
        text => Cell::Text(text.trim_start_matches("text").parse().unwrap_or(0)),
    };
    (name, cell, None)
}

/// How a call's answer is printed.
pub(super) fn shape(method: &Method, data: &Value) -> Shape {
    match RESULTS.get(&(method.verb.as_str(), method.path)) {
        Some(Result { shape: "nothing", .. }) => Shape::Nothing,
        Some(Result { shape: "scalar", .. }) => Shape::Scalar,
        Some(Result { shape: "scalars", .. }) => Shape::Scalars,
        Some(Result { shape: "object", fields, .. }) => Shape::Object(fields),
        Some(Result { fields, .. }) => Shape::List(fields),
        None => guessed(data),
    }
}

fn guessed(data: &Value) -> Shape {
    match data {
        Value::Null => Shape::Nothing,
        Value::Object(_) => Shape::Object(&[]),
        Value::Array(list) if list.first().is_some_and(Value::is_object) => Shape::List(&[]),
        Value::Array(_) => Shape::Scalars,
        _ => Shape::Scalar,
    }
}

/// The field that names what lies below a call's path.
pub(super) fn child(method: &Method) -> Option<&'static str> {
    RESULTS.get(&(method.verb.as_str(), method.path))?.child
}

#[cfg(test)]
mod tests {
    use super::*;
    use pve_wire::api::calls;

    #[test]
    fn every_line_is_about_a_call_of_the_table() {
        let known = |verb: &str, path: &str| calls::all().any(|call| call.verb.as_str() == verb && call.path == path);
        let strange: Vec<_> = RESULTS.keys().filter(|(verb, path)| !known(verb, path)).collect();
        assert!(strange.is_empty(), "{strange:?}");
        assert_eq!(child(&calls::LIST_GUESTS), Some("vmid"));
        assert!(matches!(
            shape(&calls::LIST_GUESTS, &Value::Null),
            Shape::List([("status", ..), ("vmid", Cell::Number, _), ..])
        ));
        assert_eq!(shape(&calls::UPDATE_CONFIG, &Value::Null), Shape::Nothing);
    }
}
