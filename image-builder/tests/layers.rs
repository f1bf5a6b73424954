//! Several recipes, layers of goldens, and builds only where something has changed, against a node without containers.
#![allow(clippy::unwrap_used, clippy::panic, reason = "a test fails by panicking")]

mod stand_in;

use std::fs;

use serde_json::Value;
use spec::release::Manifest;
use stand_in::{Node, RECIPE, said};

/// A recipe on top of the golden `small`.
fn layer(name: &str, parent: &str) -> String {
    let recipe = RECIPE.replace("template = \"local:vztmpl/template.tar.zst\"", &format!("golden = \"{parent}\""));
    recipe.replace("name = \"small\"", &format!("name = \"{name}\""))
}

fn json(output: &std::process::Output) -> Value {
    serde_json::from_slice(&output.stdout).unwrap_or_else(|_| panic!("{}", said(output)))
}

fn manifest(result: &Value) -> Manifest {
    serde_json::from_slice(&fs::read(result["manifest"].as_str().unwrap()).unwrap()).unwrap()
}

#[test]
fn a_layer_is_restored_from_its_parent_and_inherits_what_no_guest_may_have() {
    let node = Node::new();
    let parent = manifest(&json(&node.build(&["--json"])));
    // The next guest of this node has another tree and another archive's name.
    node.write("tree/etc/machine-id", "fedcba9876543210fedcba9876543210\n");
    node.write("tree/etc/hostname", "layer\n");
    node.write("clock", "2026_11_20-14_00_00");
    node.write("recipe.toml", &layer("layer", "small"));
    node.write("calls", "");
    let built = node.build(&["--json"]);
    assert!(built.status.success(), "{}", said(&built));
    let child = manifest(&json(&built));
    let ancestor = child.parent.clone().unwrap();
    assert_eq!((ancestor.golden.as_str(), &ancestor.release), ("small", &parent.release));
    assert_eq!(child.base.sha256, parent.archive.sha256);
    assert!(parent.forbidden.is_subset(&child.forbidden) && child.forbidden.len() > parent.forbidden.len());
    let calls = node.read("calls");
    assert!(calls.contains(&format!("pct restore 9000 {} --hostname layer", parent.archive.volid)), "{calls}");
}

#[test]
fn a_parent_that_is_not_there_or_not_what_its_manifest_says_is_refused() {
    let node = Node::new();
    let parent = json(&node.build(&["--json"]));
    node.write("recipe.toml", &layer("layer", "other"));
    let built = node.build(&[]);
    assert_eq!(built.status.code(), Some(1), "{}", said(&built));
    assert!(said(&built).contains("base.golden = \"other\" leads to no release"), "{}", said(&built));
    node.write("recipe.toml", &layer("layer", "small"));
    let archive = format!("dump/{}", parent["archive"]["file"].as_str().unwrap());
    node.write(&archive, "another archive");
    let built = node.build(&[]);
    assert!(said(&built).contains("it is not the release"), "{}", said(&built));
    assert!(node.names("guests").is_empty());
}

#[test]
fn all_recipes_of_a_folder_are_built_parents_first() {
    let node = Node::new();
    node.write("recipes/a/golden.toml", &layer("layer", "small"));
    node.write("recipes/b/golden.toml", RECIPE);
    node.write("names", "each archive its own");
    let built = node.run(&["build", "--all", node.path("recipes").to_str().unwrap(), "--json"]);
    assert!(built.status.success(), "{}", said(&built));
    let builds = json(&built)["builds"].as_array().unwrap().clone();
    let told: Vec<_> =
        builds.iter().map(|one| (one["golden"].as_str().unwrap(), one["outcome"].as_str().unwrap())).collect();
    assert_eq!(told, [("small", "built"), ("layer", "built")]);
}

#[test]
fn what_a_failed_golden_carries_is_skipped_and_the_rest_only_with_keep_going() {
    let node = Node::new();
    node.write("recipes/a.toml", &RECIPE.replace("run = \"true\"", "run = \"check-that-fails\""));
    node.write("recipes/b.toml", &layer("layer", "small"));
    node.write("recipes/c.toml", &RECIPE.replace("name = \"small\"", "name = \"alone\""));
    let folder = node.path("recipes");
    for (flags, last) in [(&[][..], "skipped"), (&["--keep-going"][..], "built")] {
        let arguments = ["build", "--all", folder.to_str().unwrap(), "--json"];
        let built = node.run(&[&arguments[..], flags].concat());
        assert_eq!(built.status.code(), Some(1), "{}", said(&built));
        let builds = json(&built)["builds"].as_array().unwrap().clone();
        let told: Vec<_> = builds.iter().map(|one| one["outcome"].as_str().unwrap()).collect();
        assert_eq!(told, ["failed", "skipped", last]);
    }
}

#[test]
fn bad_input_in_one_of_many_recipes_touches_nothing() {
    let node = Node::new();
    node.write("recipes/a.toml", RECIPE);
    node.write("recipes/b.toml", RECIPE);
    let folder = node.path("recipes");
    let built = node.run(&["build", "--all", folder.to_str().unwrap()]);
    assert_eq!(built.status.code(), Some(2));
    assert!(said(&built).contains("two recipes make the golden small"), "{}", said(&built));
    node.write("recipes/b.toml", "[golden]\n");
    assert_eq!(node.run(&["build", "--all", folder.to_str().unwrap()]).status.code(), Some(2));
    let two = node.run(&["build", node.path("recipe.toml").to_str().unwrap(), folder.to_str().unwrap()]);
    assert_eq!(two.status.code(), Some(2));
    assert_eq!(node.read("calls"), "");
    node.assert_empty();
}

#[test]
fn a_build_if_changed_builds_first_then_nothing_then_what_changed() {
    let node = Node::new();
    let first = node.build(&["--if-changed", "--json"]);
    assert!(first.status.success() && said(&first).contains("there is no release yet"), "{}", said(&first));
    let release = json(&first)["release"].clone();
    node.write("calls", "");
    let second = node.build(&["--if-changed", "--json"]);
    assert!(second.status.success(), "{}", said(&second));
    assert_eq!((&json(&second)["unchanged"], &json(&second)["release"]), (&Value::Bool(true), &release));
    assert!(!node.read("calls").contains("pct create"), "{}", node.read("calls"));
    node.write("template.tar.zst", "a newer template");
    let third = node.build(&["--if-changed"]);
    assert!(third.status.success(), "{}", said(&third));
    assert!(said(&third).contains("the template local:vztmpl/template.tar.zst is new"), "{}", said(&third));
}

#[test]
fn what_cannot_be_looked_at_is_no_reason_to_build_nor_to_say_that_nothing_changed() {
    let node = Node::new();
    let built = json(&node.build(&["--json"]));
    let lock = format!("dump/{}.lock.json", built["archive"]["file"].as_str().unwrap());
    fs::remove_file(node.path(&lock)).unwrap();
    let built = node.build(&["--if-changed"]);
    assert_eq!(built.status.code(), Some(3), "{}", said(&built));
    assert!(built.stdout.is_empty());
}

#[test]
fn s2_12_a_rebuild_is_equal_or_every_difference_is_told_and_it_leaves_nothing() {
    let node = Node::new();
    let built = json(&node.build(&["--json"]));
    let before = node.names("dump");
    node.write("clock", "2026_11_20-15_00_00");
    let recipe = node.path("recipe.toml");
    let check = |node: &Node| node.run(&["rebuild-check", "small", recipe.to_str().unwrap(), "--json"]);
    let equal = check(&node);
    assert_eq!(equal.status.code(), Some(0), "{}", said(&equal));
    assert_eq!(json(&equal)["equal"], true);
    node.write("tree/opt/clock", "now");
    let different = check(&node);
    assert_eq!(different.status.code(), Some(1), "{}", said(&different));
    assert_eq!(json(&different)["differences"][0]["path"], "/opt");
    assert_eq!(json(&different)["differences"][1]["path"], "/opt/clock");
    node.write("recipe.toml", &RECIPE.replace("run = \"true\"", "run = \":\""));
    let inputs = json(&check(&node))["inputs"].clone();
    assert_eq!(inputs[0]["what"], "the recipe");
    let left = |name: &String| !before.contains(name) && !name.contains(".log");
    assert!(!node.names("dump").iter().any(left), "{:?}", node.names("dump"));
    assert!(node.names("guests").is_empty());
    let unknown = node.run(&["rebuild-check", "nobody", recipe.to_str().unwrap()]);
    assert_eq!(unknown.status.code(), Some(2), "{}", said(&unknown));
    assert!(built["release"].is_string());
}
