//! The table of calls, held against Proxmox VE's own schema.

#![expect(clippy::unwrap_used, reason = "a test says what it found by failing")]

use std::collections::{BTreeMap, BTreeSet};

use pve_wire::api::{Check, Format, GroupsParam, Kind, Method, Param, Permission, calls};
use serde_json::{Value, json};

/// Served, and not in the recorded schema.
const UNRECORDED: &[&str] = &[
    "GET /nodes/{node}/network",
    "GET /access",
    "GET /access/domains",
    "PUT /access/password",
    "GET /access/groups",
    "POST /access/groups",
    "GET /access/groups/{groupid}",
    "PUT /access/groups/{groupid}",
    "DELETE /access/groups/{groupid}",
];

/// The recording left out every key of this name, and with it the parameters that bear it.
const LEFT_OUT: &str = "description";

fn schema() -> BTreeMap<String, BTreeMap<String, Value>> {
    serde_json::from_str(include_str!("fixtures/pve-observed/api-schema.json")).unwrap()
}

fn name(method: &Method) -> String {
    format!("{} {}", method.verb, method.path)
}

#[test]
fn every_call_is_proxmox_s() {
    let schema = schema();
    let mut compared = 0;
    for method in calls::all().filter(|method| !UNRECORDED.contains(&name(method).as_str())) {
        let recorded = schema.get(method.path).and_then(|verbs| verbs.get(method.verb.as_str()));
        let recorded = recorded.unwrap_or_else(|| panic!("{} is unknown to Proxmox", name(method)));
        same_parameters(method, &recorded["parameters"]["properties"]);
        assert_eq!(permission(method.permission), recorded["permissions"], "{}", name(method));
        assert_eq!(u64::from(method.tokens), recorded["allowtoken"].as_u64().unwrap_or(0), "{}", name(method));
        assert_eq!(method.is_on_node(), method.path.starts_with("/nodes/{node}"));
        compared += 1;
    }
    println!("{compared} calls as Proxmox declares them");
    assert!(compared > 80);
}

fn same_parameters(method: &Method, recorded: &Value) {
    let empty = serde_json::Map::new();
    let recorded = recorded.as_object().unwrap_or(&empty);
    let ours: BTreeSet<&str> = compared(method).map(|param| param.name).collect();
    let theirs: BTreeSet<&str> = recorded.keys().map(String::as_str).collect();
    assert_eq!(ours, theirs, "{}", name(method));
    for param in compared(method) {
        let theirs = &recorded[param.name];
        let what = format!("{} {}", name(method), param.name);
        assert_eq!(described(param), wanted(theirs), "{what}");
        assert_eq!(param.format.is_some(), theirs.get("format").is_some(), "{what}");
        if let Some(Value::String(format)) = theirs.get("format") {
            assert_eq!(param.format.and_then(Format::name), Some(format.as_str()), "{what}");
        }
        assert_eq!(param.pattern.is_some(), theirs.get("pattern").is_some(), "{what}");
    }
}

fn compared(method: &Method) -> impl Iterator<Item = &'static Param> + use<> {
    method.params().filter(|param| param.name != LEFT_OUT)
}

/// What can be compared word for word.
fn described(param: &Param) -> Value {
    json!({
        "type": match param.kind {
            Kind::Boolean => "boolean",
            Kind::Integer => "integer",
            Kind::Number => "number",
            Kind::Text => "string",
            Kind::List => "array",
        },
        "optional": param.optional,
        "requires": param.requires,
        "words": param.words.list(),
        "min": param.min,
        "max": param.max,
    })
}

fn wanted(recorded: &Value) -> Value {
    let is_text = recorded["type"] == "string";
    let (min, max) = if is_text { ("minLength", "maxLength") } else { ("minimum", "maximum") };
    // Perl writes some numbers as text.
    let number = |key: &str| match recorded.get(key) {
        Some(Value::String(text)) => text.parse::<i64>().ok(),
        other => other.and_then(Value::as_i64),
    };
    let words: Option<Vec<String>> = recorded.get("enum").map(|words| {
        let words = words.as_array().unwrap().iter();
        words.map(|word| word.as_str().map_or_else(|| word.to_string(), str::to_owned)).collect()
    });
    json!({
        "type": recorded["type"],
        "optional": recorded["optional"] == 1,
        "requires": recorded.get("requires"),
        "words": words,
        "min": number(min),
        "max": number(max),
    })
}

fn permission(permission: Permission) -> Value {
    match permission {
        Permission::Root => Value::Null,
        Permission::World => json!({"user": "world"}),
        Permission::All => json!({"user": "all"}),
        Permission::Of(check) => json!({"check": checked(check)}),
    }
}

fn checked(check: &Check) -> Value {
    let several = |word: &str, checks: &[Check]| {
        let all = std::iter::once(json!(word)).chain(checks.iter().map(checked));
        Value::Array(all.collect())
    };
    match check {
        Check::Privileges { path, privileges, any, needs } => {
            let mut parts = vec![json!("perm"), json!(path), json!(privileges)];
            if *any {
                parts.extend([json!("any"), json!(1)]);
            }
            if let Some(parameter) = needs {
                parts.extend([json!("require_param"), json!(parameter)]);
            }
            Value::Array(parts)
        }
        Check::Modify { path } => json!(["perm-modify", path]),
        Check::Oneself => json!(["userid-param", "self"]),
        Check::RealmOfUser => json!(["userid-param", "Realm.AllocateUser"]),
        Check::GroupOfUser { privileges, groups } => match groups {
            GroupsParam::None => json!(["userid-group", privileges]),
            GroupsParam::Create => json!(["userid-group", privileges, "groups_param", "create"]),
            GroupsParam::Update => json!(["userid-group", privileges, "groups_param", "update"]),
        },
        Check::And(checks) => several("and", checks),
        Check::Or(checks) => several("or", checks),
    }
}

#[test]
fn every_pattern_compiles() {
    for param in calls::all().flat_map(Method::params) {
        if let Some(pattern) = param.pattern {
            assert!(regex::Regex::new(pattern).is_ok(), "{}: {pattern}", param.name);
        }
    }
}
