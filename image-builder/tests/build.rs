//! A whole build against a node without containers: what is left, and what is not, whether it succeeds or fails.
#![allow(clippy::unwrap_used, reason = "a test fails by panicking")]

mod stand_in;

use std::fs;

use serde_json::Value;
use spec::identity::{IdentityKind, Verdict};
use spec::ids::Sha256Hex;
use spec::release::{Manifest, Need, RowState, Statement};
use stand_in::{Node, RECIPE, said};

#[test]
fn s4_17_a_build_leaves_a_golden_with_its_manifest_and_nothing_else() {
    let node = Node::new();
    let built = node.build(&["--json"]);
    assert!(built.status.success(), "{}", said(&built));
    let result: Value = serde_json::from_slice(&built.stdout).unwrap();
    let manifest: Manifest = serde_json::from_slice(&fs::read(result["manifest"].as_str().unwrap()).unwrap()).unwrap();

    assert_eq!(manifest.golden.as_str(), "small");
    let forbidden = |kind: IdentityKind| manifest.forbidden.iter().find(|id| id.kind == kind).map(|id| &*id.value);
    assert_eq!(forbidden(IdentityKind::Mac), Some("BC:24:11:00:00:01"));
    assert_eq!(forbidden(IdentityKind::Hostname), Some("small"));
    assert_eq!(forbidden(IdentityKind::MachineId), Some("0123456789abcdef0123456789abcdef"));
    assert_eq!(fs::metadata(node.path("tree/etc/machine-id")).unwrap().len(), 0);
    assert!(!node.path("tree/var/log/syslog").exists());

    let archive = "vzdump-lxc-9000-2026_11_20-13_45_00.tar.zst";
    let log = "vzdump-lxc-9000-2026_11_20-13_45_00.log";
    let documents = ["lock.json", "manifest.json", "notes", "sbom.cdx.json", "sbom.spdx.json", "verdict.json"]
        .map(|ending| format!("{archive}.{ending}"));
    let beside: Vec<String> = [log.to_owned(), archive.to_owned()].into_iter().chain(documents).collect();
    assert_eq!(node.names("dump"), beside);
    assert_eq!(node.names("guests"), Vec::<String>::new());
    assert_eq!(node.names("mintmark-builds"), Vec::<String>::new());

    let verdict = fs::read(node.path(&format!("dump/{archive}.verdict.json"))).unwrap();
    assert_eq!(manifest.verdict.sha256, Sha256Hex::of(&verdict));
    let bill = fs::read(node.path(&format!("dump/{archive}.sbom.cdx.json"))).unwrap();
    assert_eq!(manifest.bills.cyclonedx, Sha256Hex::of(&bill));
    let again = node.run(&["sbom", &format!("local:backup/{archive}")]);
    assert_eq!(again.stdout, bill, "the same archive gives the same bytes");
    let verdict: Statement = serde_json::from_slice(&verdict).unwrap();
    assert_eq!((verdict.result, verdict.rows["machine-id"].clone()), (Verdict::Pass, RowState::Clean));
    assert_eq!((verdict.archive, verdict.release), (manifest.archive.sha256, manifest.release));

    let listed: Value = serde_json::from_slice(&node.run(&["releases", "--json"]).stdout).unwrap();
    assert_eq!(listed["releases"][0]["golden"], "small");
    assert!(node.run(&["show", "small"]).status.success());
    assert!(node.run(&["inspect", &format!("local:backup/{archive}")]).status.success());
}

#[test]
fn the_builders_name_servers_do_not_travel() {
    let node = Node::new();
    node.write("tree/etc/resolv.conf", "nameserver 192.0.2.53\n");
    assert!(node.build(&[]).status.success());
    assert_eq!(fs::metadata(node.path("tree/etc/resolv.conf")).unwrap().len(), 0);
    // A link into /run is the guest's own arrangement.
    let linked = Node::new();
    std::os::unix::fs::symlink("../run/resolv.conf", linked.path("tree/etc/resolv.conf")).unwrap();
    assert!(linked.build(&[]).status.success());
    assert!(fs::symlink_metadata(linked.path("tree/etc/resolv.conf")).unwrap().is_symlink());
}

#[test]
fn s4_10_whatever_fails_nothing_is_left_and_the_exit_code_says_so() {
    for verb in ["pct-create", "pct-start", "pct-shutdown", "pct-mount", "vzdump"] {
        let node = Node::new();
        node.write(&format!("fail-{verb}"), "");
        node.write(
            "recipe.toml",
            &RECIPE.replace("apt = [\"curl\"]", "copy = { from = \"recipe.toml\", to = \"/x\" }"),
        );
        let built = node.build(&[]);
        assert_eq!(built.status.code(), Some(1), "{verb}: {}", said(&built));
        assert!(said(&built).contains("refused by the test"), "{verb}: {}", said(&built));
        assert!(built.stdout.is_empty(), "{verb}");
        node.assert_empty();
    }
}

#[test]
fn a_failing_check_is_named_with_what_it_said() {
    let node = Node::new();
    node.write("recipe.toml", &RECIPE.replace("run = \"true\"", "run = \"check-that-fails\""));
    let built = node.build(&[]);
    assert_eq!(built.status.code(), Some(1));
    let said = said(&built);
    assert!(said.contains("check[1] (check-that-fails) failed") && said.contains("the check says no"), "{said}");
    node.assert_empty();
}

#[test]
fn s4_11_what_strip_may_not_remove_stops_the_build_before_it_is_archived() {
    let node = Node::new();
    node.write("tree/root/.ssh/id_ed25519", "not even a real key");
    let built = node.build(&[]);
    assert_eq!(built.status.code(), Some(1));
    assert!(said(&built).contains("/root/.ssh/id_ed25519"), "{}", said(&built));
    assert!(!node.read("calls").contains("vzdump"));
    assert!(!said(&built).contains("warning"), "{}", said(&built));
    node.assert_empty();
}

#[test]
fn a_secret_that_no_catalog_item_names_is_found_in_the_archive_which_is_then_deleted() {
    let node = Node::new();
    let key =
        "-----BEGIN OPENSSH PRIVATE KEY-----\nb3BlbnNzaC1rZXktdjEAAAAABG5vbmUAAAAEbm9uZQAAAAAAAAABAAAAMwAAAAtzc2gtZW\n";
    node.write("tree/opt/deploy/key", &format!("{key}-----END OPENSSH PRIVATE KEY-----\n"));
    let built = node.build(&[]);
    assert_eq!(built.status.code(), Some(1));
    assert!(said(&built).contains("/opt/deploy/key"), "{}", said(&built));
    assert!(node.read("calls").contains("vzdump 9000"));
    node.assert_empty();
}

#[test]
fn an_archive_over_its_budget_is_no_release() {
    let node = Node::new();
    node.write("recipe.toml", &format!("{RECIPE}size_budget = \"1K\"\n"));
    // Digests do not shrink when they are compressed.
    let digests: Vec<String> = (0..200_u8).map(|n| Sha256Hex::of(&[n]).to_string()).collect();
    node.write("tree/opt-digests", &digests.join("\n"));
    let built = node.build(&[]);
    assert_eq!(built.status.code(), Some(1));
    assert!(said(&built).contains("release.size_budget = 1K"), "{}", said(&built));
    node.assert_empty();
}

#[test]
fn bad_input_exits_2_and_touches_nothing() {
    let node = Node::new();
    node.write("recipe.toml", &RECIPE.replace("size = \"2G\"", "sizee = \"2G\""));
    let built = node.build(&[]);
    assert_eq!(built.status.code(), Some(2));
    assert!(said(&built).contains("container.rootfs.sizee: unknown key; did you mean size?"), "{}", said(&built));
    node.write("recipe.toml", &RECIPE.replace("run = \"true\"", "run = \"scripts/missing.sh\""));
    let built = node.build(&[]);
    assert_eq!(built.status.code(), Some(2));
    assert!(said(&built).contains("scripts/missing.sh"), "{}", said(&built));
    node.write("recipe.toml", RECIPE);
    node.write("operator_ca", "-----BEGIN OPENSSH PRIVATE KEY-----\n");
    let built = node.build(&["--set", "access.user_ca=operator_ca"]);
    assert_eq!(built.status.code(), Some(2));
    assert!(said(&built).contains("this is a PRIVATE key"), "{}", said(&built));
    node.write("scripts/folder/file", "");
    node.write("recipe.toml", &RECIPE.replace("run = \"true\"", "run = \"scripts/folder\""));
    let built = node.build(&[]);
    assert_eq!(built.status.code(), Some(2));
    assert!(said(&built).contains("it is no regular file"), "{}", said(&built));
    assert_eq!(node.run(&["build", "/nowhere/golden.toml"]).status.code(), Some(2));
    assert_eq!(node.read("calls"), "");
}

#[test]
fn s2_18_s4_02_a_node_that_cannot_carry_the_build_stops_it_before_anything_is_made() {
    for (storages, why) in [
        ("local 999 rootdir,backup,vztmpl\n", "storage local: needs 2.0 GiB"),
        ("local 9999999 rootdir,vztmpl\n", "storage local: it lacks the content type backup"),
        ("local 9999999 backup,vztmpl\n", "storage local: it lacks the content type rootdir"),
        ("other 9999999 rootdir,backup\n", "storage local: the node has no such storage"),
    ] {
        let node = Node::new();
        node.write("storages", storages);
        let built = node.build(&[]);
        assert_eq!(built.status.code(), Some(2), "{why}: {}", said(&built));
        assert!(said(&built).contains(why), "{why}: {}", said(&built));
        let calls = node.read("calls");
        assert!(calls.lines().all(|call| call.starts_with("pvesm status") || call == "pct list"), "{calls}");
        node.assert_empty();
    }
}

#[test]
fn s2_11_what_could_not_be_known_beforehand_is_in_the_manifest() {
    let node = Node::new();
    let built = node.build(&["--json"]);
    assert!(said(&built).contains("release.size_budget is not set"), "{}", said(&built));
    let result: Value = serde_json::from_slice(&built.stdout).unwrap();
    let manifest: Manifest = serde_json::from_slice(&fs::read(result["manifest"].as_str().unwrap()).unwrap()).unwrap();
    let unknown = manifest.preconditions.iter().find(|one| one.verdict == Verdict::Unverified).unwrap();
    assert_eq!((unknown.about.as_str(), unknown.class), ("storage local", Need::Deferred));
}

#[test]
fn s4_10_a_dry_run_tells_the_calls_that_the_build_then_makes_and_makes_none() {
    let node = Node::new();
    let told = node.build(&["--dry-run", "--json"]);
    assert!(told.status.success(), "{}", said(&told));
    let looked = node.read("calls");
    assert!(looked.lines().all(|call| call.starts_with("pvesm ") || call == "pct list"), "{looked}");
    node.assert_empty();
    let told: Value = serde_json::from_slice(&told.stdout).unwrap();
    let told = told["dry_run"]["calls"].as_array().unwrap().iter().map(|call| call["call"].as_str().unwrap());
    // The tool and its verb; a call's words after them hold this build's own mark and time.
    let verb = |call: &str| call.split_whitespace().take(2).collect::<Vec<_>>().join(" ");
    let told: Vec<String> =
        told.map(|call| verb(call.split_once(" --state ").unwrap().1.split_once(' ').unwrap().1)).collect();

    node.write("calls", "");
    assert!(node.build(&[]).status.success());
    let made = node.read("calls");
    let made = made.lines().filter(|call| call.starts_with("pct ") || call.starts_with("vzdump "));
    let first = |call: &&str| *call == "pct list";
    let made: Vec<String> = made.skip_while(first).map(verb).collect();
    assert_eq!(told, made);
}

#[test]
fn s4_12_a_golden_whose_ssh_would_not_come_up_is_refused_before_it_is_archived() {
    let node = Node::new();
    node.write("tree/etc/os-release", "ID=debian\nVERSION_ID=13\n");
    for (name, text) in [
        ("default.target", "[Unit]\nWants=ssh.service\n"),
        ("sysinit.target", "[Unit]\n"),
        ("ssh.service", "[Service]\nExecStart=/usr/sbin/sshd -D\n"),
    ] {
        node.write(&format!("tree/usr/lib/systemd/system/{name}"), text);
    }
    for program in ["usr/sbin/sshd", "usr/bin/ssh-keygen"] {
        node.write(&format!("tree/{program}"), "");
    }
    node.write("tree/etc/systemd/system/ssh.service", "");
    let key = "ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAIAECAwQFBgcICQoLDA0ODxAREhMUFRYXGBkaGxwdHh8g ca";
    let access = format!("[access]\nuser_ca = \"{key}\"\n[[step]]");
    node.write("recipe.toml", &RECIPE.replacen("[[step]]", &access, 1));
    let refused = node.build(&[]);
    assert_eq!(refused.status.code(), Some(1), "{}", said(&refused));
    assert!(said(&refused).contains("ssh does not come up: ssh.service is masked"), "{}", said(&refused));
    assert!(!node.read("calls").contains("vzdump"));
    node.assert_empty();
    // Where the keys come from the node, a tree cannot show it: told and recorded, not refused.
    fs::remove_file(node.path("tree/etc/systemd/system/ssh.service")).unwrap();
    let built = node.build(&[]);
    assert!(built.status.success(), "{}", said(&built));
    assert!(String::from_utf8_lossy(&node.run(&["show", "small"]).stdout).contains("made from the node"));
    assert_eq!(node.run(&["first-boot", "small"]).status.code(), Some(3));
}

#[test]
fn the_values_of_variables_are_not_shown_when_a_step_fails() {
    let node = Node::new();
    let step = "env = { TOKEN = \"s3cret-value\" }\n[[step]]\nrun = \"check-that-fails\"";
    node.write("recipe.toml", &RECIPE.replace("apt = [\"curl\"]", step));
    let built = node.build(&[]);
    assert_eq!(built.status.code(), Some(1), "{}", said(&built));
    assert!(said(&built).contains("TOKEN=…") && !said(&built).contains("s3cret-value"), "{}", said(&built));
    assert!(node.read("calls").contains("TOKEN=s3cret-value"), "the step had it");
}

#[test]
fn json_progress_is_one_object_a_line_on_stderr() {
    let node = Node::new();
    let built = node.build(&["--progress", "json"]);
    let events: Vec<Value> = said(&built).lines().map(|line| serde_json::from_str(line).unwrap()).collect();
    let phases: Vec<&str> =
        events.iter().filter(|e| e["event"] == "phase").map(|e| e["phase"].as_str().unwrap()).collect();
    let all =
        ["fetch", "create", "customize", "check", "stop", "minimize", "strip", "bake", "pack", "inspect", "publish"];
    assert_eq!(phases, all);
    assert_eq!(events.last().unwrap()["event"], "done");
}
