//! A release on its way: signed, drilled, verified, promoted, withdrawn, over the real program. Only the drill's record
//! is made by hand here: a drill takes containers.

#![allow(clippy::unwrap_used, clippy::panic, reason = "a test that panics has failed")]

#[expect(dead_code, reason = "what only builds need")]
mod stand_in;

use std::fs;
use std::os::unix::fs::PermissionsExt;
use std::path::PathBuf;
use std::process::{Child, Command, Output, Stdio};

use image_builder::registry::testify;
use image_builder::releases;
use image_builder::signing::{KeySource, Signatory, read_signers};
use jiff::{SignedDuration, Timestamp};
use serde_json::{Value, json};
use spec::identity::Verdict;
use spec::release::Gate;
use ssh_key::private::Ed25519Keypair;
use ssh_key::{LineEnding, PrivateKey};

use stand_in::{Node, said};

const ALL_OF_A_BUILDER: &str =
    "namespaces=\"manifest@mintmark,verdict@mintmark,evidence@mintmark,provenance@mintmark,log@mintmark\"";

/// A node with one release, and three principals.
struct Yard {
    node: Node,
    manifest: PathBuf,
}

impl Yard {
    fn new() -> Self {
        let node = Node::new();
        let built = node.build(&["--json"]);
        assert!(built.status.success(), "{}", said(&built));
        let built: Value = serde_json::from_slice(&built.stdout).unwrap();
        let manifest = PathBuf::from(built["manifest"].as_str().unwrap());
        let yard = Self { node, manifest };
        let line = |name: &str, options: &str, seed| {
            let key: PrivateKey = Ed25519Keypair::from_seed(&[seed; 32]).into();
            fs::write(yard.key(name), key.to_openssh(LineEnding::LF).unwrap().as_bytes()).unwrap();
            fs::set_permissions(yard.key(name), fs::Permissions::from_mode(0o600)).unwrap();
            format!("{name} {options} {}\n", key.public_key().to_openssh().unwrap())
        };
        let lines = [
            line("builder", ALL_OF_A_BUILDER, 1),
            line("ci", "namespaces=\"evidence@mintmark,log@mintmark\"", 2),
            line("releaser", "namespaces=\"channel@mintmark,log@mintmark\"", 3),
        ];
        fs::write(yard.signers(), lines.concat()).unwrap();
        yard
    }

    fn key(&self, name: &str) -> PathBuf {
        self.node.path(&format!("{name}.key"))
    }

    fn signers(&self) -> PathBuf {
        self.node.path("allowed_signers")
    }

    fn run(&self, words: &[&str]) -> Output {
        let signers = self.signers();
        self.node.run(&[words, &["--signers", signers.to_str().unwrap()]].concat())
    }

    fn run_as(&self, who: &str, words: &[&str]) -> Output {
        let key = self.key(who);
        self.run(&[words, &["--key", key.to_str().unwrap()]].concat())
    }

    /// What the program printed as JSON.
    fn json(output: &Output) -> Value {
        assert!(output.status.success(), "{}", said(output));
        serde_json::from_slice(&output.stdout).unwrap()
    }

    /// The record of a drill so many hours ago.
    fn drill(&self, who: &str, hours: i64, result: Verdict) {
        let source: KeySource = self.key(who).to_str().unwrap().parse().unwrap();
        let signatory = Signatory::new(&source, read_signers(&self.signers()).unwrap()).unwrap();
        let release = releases::read(&self.manifest).unwrap();
        let at = Timestamp::now() - SignedDuration::from_hours(hours);
        testify(&release, Gate::Drilled, result, json!({ "by hand": true }), &signatory, at).unwrap();
    }

    fn refused(&self, who: &str, words: &[&str], why: &str) {
        let output = self.run_as(who, words);
        assert_eq!(output.status.code(), Some(2), "{words:?}: {}", said(&output));
        assert!(said(&output).contains(why), "{words:?}: {}", said(&output));
    }
}

fn printed(output: &Output) -> String {
    String::from_utf8_lossy(&output.stdout).into_owned()
}

#[test]
fn s4_37_a_release_goes_its_way_and_each_step_is_told_with_its_evidence() {
    let yard = Yard::new();
    yard.refused("releaser", &["promote", "small"], "is not signed so that it counts");
    let signed = Yard::json(&yard.run_as("builder", &["sign", "small", "--json"]));
    assert_eq!(signed["principal"], "builder");

    // S2-13: all missing gates at once.
    let gates = ["promote", "small", "--gates", "built,drilled,verified"];
    yard.refused("releaser", &gates, "drilled: there is no record");
    yard.refused("releaser", &gates, "verified: there is no record");
    yard.drill("ci", 0, Verdict::Pass);

    // S2-15: another than the builder.
    yard.refused("builder", &["verify", "small"], "another principal must verify it");
    let verified = Yard::json(&yard.run_as("ci", &["verify", "small", "--json"]));
    assert_eq!(verified["result"], "pass");
    let promoted = Yard::json(&yard.run_as("releaser", &[&gates[..], &["--json"]].concat()));
    let channel = &promoted["channel"];
    let evidence: Vec<&str> =
        channel["evidence"].as_array().unwrap().iter().map(|e| e["gate"].as_str().unwrap()).collect();
    assert_eq!(evidence, ["built", "drilled", "verified"]);
    assert_eq!(channel["evidence"][2]["sha256"], verified["evidence"]);
    // built, linted, drilled, verified, then this.
    assert_eq!(channel["serial"], 5);

    let listed = Yard::json(&yard.run(&["releases", "--json"]));
    assert_eq!(listed["releases"][0]["state"], "promoted");
    assert_eq!(Yard::json(&yard.run(&["channels", "--json"]))["channels"][0]["status"], "current");
    assert_eq!(Yard::json(&yard.run(&["verify-log", "small", "--json"]))["lines"], 5);

    let revoked = Yard::json(&yard.run_as("releaser", &["revoke", "small", "--reason", "a hole", "--json"]));
    // The revocation is line 6, the channel's new document line 7.
    assert_eq!(revoked["channels"][0]["serial"], 7);
    yard.refused("releaser", &["promote", "small"], "was revoked: a hole");
    yard.refused("releaser", &["revoke", "small", "--reason", "again"], "revoked already");
    let channels = yard.run(&["channels"]);
    assert_eq!(channels.status.code(), Some(1));
    assert!(printed(&channels).contains("its release was revoked: a hole"), "{}", printed(&channels));
    assert!(printed(&yard.run(&["show", "small"])).contains("a hole"));
    assert_eq!(Yard::json(&yard.node.run(&["log", "small", "--json"]))["lines"].as_array().unwrap().len(), 7);
}

#[test]
fn s2_15_a_drill_of_yesterday_is_not_confirmed_and_a_failed_one_promotes_nothing() {
    let yard = Yard::new();
    Yard::json(&yard.run_as("builder", &["sign", "small", "--json"]));
    yard.drill("ci", 25, Verdict::Pass);
    yard.refused("ci", &["verify", "small"], "older than 24 hours");
    yard.drill("ci", 0, Verdict::Fail);
    yard.refused("releaser", &["promote", "small"], "ci recorded a failure");
}

#[test]
fn a_key_signs_what_its_line_allows_and_nothing_else() {
    let yard = Yard::new();
    yard.refused("releaser", &["sign", "small"], "nobody would accept this key's signature as");
    yard.refused("builder", &["promote", "small"], "channel@mintmark");
    yard.refused("nobody", &["sign", "small"], "cannot be read");
    assert!(!yard.manifest.with_added_extension("sig").exists());
}

#[test]
fn an_archive_that_was_changed_is_not_signed() {
    let yard = Yard::new();
    let text = fs::read_to_string(&yard.manifest).unwrap();
    let swapped = text.replacen("\"sha256\": \"", "\"sha256\": \"0000", 1);
    let wrong: String = swapped.lines().map(|line| cut_digest(line) + "\n").collect();
    fs::write(&yard.manifest, wrong).unwrap();
    let output = yard.run_as("builder", &["sign", "small"]);
    assert_eq!(output.status.code(), Some(1), "{}", said(&output));
    assert!(said(&output).contains("the manifest says"), "{}", said(&output));
    assert!(!yard.manifest.with_added_extension("sig").exists());
}

/// Keeps a digest at its length.
fn cut_digest(line: &str) -> String {
    match line.split_once("\"sha256\": \"0000") {
        Some((before, rest)) => format!("{before}\"sha256\": \"0000{}{}", &rest[..60], &rest[64..]),
        None => line.to_owned(),
    }
}

#[test]
fn a_log_that_was_changed_gets_no_further_line() {
    let yard = Yard::new();
    Yard::json(&yard.run_as("builder", &["sign", "small", "--json"]));
    yard.drill("ci", 0, Verdict::Pass);
    let path = yard.node.path("mintmark/log/small.jsonl");
    let text = fs::read_to_string(&path).unwrap();
    fs::write(&path, text.replacen("\"pass\"", "\"fail\"", 1)).unwrap();
    yard.refused("releaser", &["promote", "small"], "does not follow the one before it");
    let verified = yard.run(&["verify-log", "small"]);
    assert_eq!(verified.status.code(), Some(1), "{}", said(&verified));
}

/// An agent that is ended with the test.
struct Agent(Child, PathBuf);

impl Drop for Agent {
    fn drop(&mut self) {
        let _ = self.0.kill();
        let _ = self.0.wait();
    }
}

#[test]
fn a_key_in_an_ssh_agent_or_a_credential_signs_as_one_in_a_file() {
    let yard = Yard::new();
    let socket = yard.node.path("agent.sock");
    let mut child = Command::new("ssh-agent").arg("-D").arg("-a").arg(&socket).stdout(Stdio::piped()).spawn().unwrap();
    // It prints its socket once it listens.
    let mut line = String::new();
    std::io::BufRead::read_line(&mut std::io::BufReader::new(child.stdout.take().unwrap()), &mut line).unwrap();
    let agent = Agent(child, socket);
    let mut add = Command::new("ssh-add");
    add.arg("-q").arg(yard.key("builder")).env("SSH_AUTH_SOCK", &agent.1);
    assert!(add.status().unwrap().success());
    let listed = Command::new("ssh-add").arg("-l").env("SSH_AUTH_SOCK", &agent.1).output().unwrap();
    let fingerprint = String::from_utf8(listed.stdout).unwrap().split(' ').nth(1).unwrap().to_owned();
    let sign = |key: &str, variable: &str, value: &PathBuf| {
        let signers = yard.signers();
        let words = ["sign", "small", "--json", "--key", key, "--signers", signers.to_str().unwrap()];
        yard.node.command(&words).env(variable, value).output().unwrap()
    };
    let by_agent = sign(&format!("agent:{fingerprint}"), "SSH_AUTH_SOCK", &agent.1);
    assert_eq!(Yard::json(&by_agent)["principal"], "builder");
    let unknown = sign("agent:SHA256:none", "SSH_AUTH_SOCK", &agent.1);
    assert!(said(&unknown).contains("holds no key"), "{}", said(&unknown));
    let folder = yard.node.path("credentials");
    fs::create_dir(&folder).unwrap();
    fs::copy(yard.key("builder"), folder.join("release-key")).unwrap();
    let by_credential = sign("credential:release-key", "CREDENTIALS_DIRECTORY", &folder);
    assert_eq!(Yard::json(&by_credential)["principal"], "builder");
}
