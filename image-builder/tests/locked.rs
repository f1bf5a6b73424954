//! Builds that write a lock, and builds that follow one, against a node without containers.
#![allow(clippy::unwrap_used, reason = "a test fails by panicking")]

mod stand_in;

use std::fs;

use spec::release::{Lock, Manifest};
use stand_in::{Node, RECIPE, said};

const INSTALLED: &str = "installed\tdpkg\tamd64\t1.22.21\ninstalled\tcurl\tamd64\t8.14-2\n";
const OFFERED: &str = "Package: curl\nVersion: 8.14-2\nArchitecture: amd64\nSHA256: \
    1111111111111111111111111111111111111111111111111111111111111111\n";

/// A node whose guest has two packages, and the lock of a build on it.
fn locked() -> (Node, Lock) {
    let node = Node::new();
    node.write("dpkg", INSTALLED);
    node.write("apt-cache", OFFERED);
    let built = node.build(&["--update-lock"]);
    assert!(built.status.success(), "{}", said(&built));
    let lock = serde_json::from_str(&node.read("recipe.lock")).unwrap();
    (node, lock)
}

#[test]
fn s4_08_the_lock_lists_every_package_with_its_digest_and_lies_beside_the_release_too() {
    let (node, lock) = locked();
    assert_eq!(lock.golden.as_str(), "small");
    assert_eq!((lock.packages["curl"].version.as_str(), lock.packages["dpkg"].version.as_str()), ("8.14-2", "1.22.21"));
    assert_eq!(lock.packages["curl"].sha256.as_ref().map(|digest| &digest.as_str()[..4]), Some("1111"));
    assert_eq!(lock.packages["dpkg"].sha256, None, "no index offers it");
    assert_eq!(lock.sources.first().unwrap().suite, "trixie");
    let archive = "vzdump-lxc-9000-2026_11_20-13_45_00.tar.zst";
    assert_eq!(node.read(&format!("dump/{archive}.lock.json")), node.read("recipe.lock"));
    let manifest: Manifest = serde_json::from_str(&node.read(&format!("dump/{archive}.manifest.json"))).unwrap();
    let sum = std::process::Command::new("sha256sum").arg(node.path("recipe.lock")).output().unwrap();
    assert!(String::from_utf8(sum.stdout).unwrap().starts_with(manifest.lock.as_str()));
}

#[test]
fn s2_12_a_locked_build_takes_the_time_and_the_pins_of_its_lock_and_leaves_neither() {
    let (node, lock) = locked();
    node.write("calls", "");
    let built = node.build(&["--locked", "--json"]);
    assert!(built.status.success(), "{}", said(&built));
    let calls = node.read("calls");
    assert!(calls.contains(&format!("SOURCE_DATE_EPOCH={}", lock.epoch)), "{calls}");
    assert!(calls.contains("Package: curl\nPin: version 8.14-2\nPin-Priority: 1001"), "{calls}");
    assert!(calls.contains("rm -f \"$1\"* sh /etc/apt/preferences.d/mintmark-lock-"), "{calls}");
}

#[test]
fn a_locked_build_refuses_other_inputs_before_it_touches_anything() {
    let (node, _) = locked();
    node.write("calls", "");
    for (recipe, named) in [
        (RECIPE.replace("apt = [\"curl\"]", "apt = [\"wget\"]"), "the recipe: locked "),
        (RECIPE.replace("name = \"small\"", "name = \"other\""), "it locks the golden small, the recipe makes other"),
    ] {
        node.write("recipe.toml", &recipe);
        let built = node.build(&["--locked"]);
        assert_eq!(built.status.code(), Some(2), "{}", said(&built));
        assert!(said(&built).contains(named), "{}", said(&built));
    }
    node.write("recipe.toml", RECIPE);
    let built = node.build(&["--locked", "--set", "container.cores=7"]);
    assert!(said(&built).contains("--set container.cores: 7 is not in the lock"), "{}", said(&built));
    fs::remove_file(node.path("recipe.lock")).unwrap();
    let built = node.build(&["--locked"]);
    assert_eq!(built.status.code(), Some(2));
    assert!(said(&built).contains("--update-lock` writes one"), "{}", said(&built));
    assert_eq!(node.read("calls"), "");
}

#[test]
fn a_bridge_of_the_nodes_own_is_no_other_input() {
    let (node, _) = locked();
    let built = node.build(&["--locked", "--set", "container.net0.bridge=vmbr9"]);
    assert!(built.status.success(), "{}", said(&built));
}

#[test]
fn s4_08_packages_that_are_gone_are_all_named_and_nothing_is_left() {
    let (node, _) = locked();
    for file in fs::read_dir(node.path("dump")).unwrap() {
        fs::remove_file(file.unwrap().path()).unwrap();
    }
    node.write("dpkg", "installed\tdpkg\tamd64\t1.22.21\n");
    node.write("apt-cache", &OFFERED.replace("8.14-2", "8.14-3"));
    let built = node.build(&["--locked"]);
    assert_eq!(built.status.code(), Some(1), "{}", said(&built));
    assert!(said(&built).contains("curl 8.14-2 (amd64) is not in the archive any more"), "{}", said(&built));
    node.assert_empty();
}

#[test]
fn what_is_installed_in_the_end_is_held_against_the_lock() {
    let (node, _) = locked();
    for file in fs::read_dir(node.path("dump")).unwrap() {
        fs::remove_file(file.unwrap().path()).unwrap();
    }
    node.write("dpkg", &format!("{INSTALLED}installed\tsneaked-in\tall\t1\n"));
    let built = node.build(&["--locked"]);
    assert_eq!(built.status.code(), Some(1), "{}", said(&built));
    assert!(said(&built).contains("package sneaked-in: 1 all is not in the lock"), "{}", said(&built));
    node.assert_empty();
}

#[test]
fn a_failed_build_writes_no_lock() {
    let node = Node::new();
    node.write("fail-vzdump", "");
    let built = node.build(&["--update-lock"]);
    assert_eq!(built.status.code(), Some(1));
    assert!(!node.path("recipe.lock").exists());
}
