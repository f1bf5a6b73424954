//! A release with everything that it must show, signed by three principals, and the ways to spoil it.

use std::fs;
use std::path::{Path, PathBuf};

use jiff::{SignedDuration, Timestamp};
use reset_agent::config::ReleaseTrust;
use serde_json::{Value, json};
use spec::identity::Verdict;
use spec::ids::{ChannelName, Sha256Hex};
use spec::release::seal::sign;
use spec::release::{
    Action, Channel, Document, ENTRY_VERSION, Entry, Evidence, Gate, Namespace, ReleaseLog, Target, Withdrawal,
};
use ssh_key::PrivateKey;
use ssh_key::private::Ed25519Keypair;

pub(crate) const GOLDEN: &str = "debian13";
pub(crate) const BUILDER: &str = "builder";
pub(crate) const CI: &str = "ci";
pub(crate) const RELEASER: &str = "releaser";

/// A folder with `dump/` and `mintmark/` as a builder leaves them.
pub(crate) struct Releases {
    root: PathBuf,
    log: ReleaseLog,
}

/// One release in it.
#[derive(Debug, Clone)]
pub(crate) struct Made {
    pub(crate) name: String,
    pub(crate) manifest: PathBuf,
    pub(crate) target: Target,
}

pub(crate) fn key(who: &str) -> PrivateKey {
    let seed = Sha256Hex::of(who.as_bytes());
    let seed: Vec<u8> = seed.as_str().bytes().take(32).collect();
    Ed25519Keypair::from_seed(&seed.try_into().unwrap()).into()
}

pub(crate) fn now() -> Timestamp {
    Timestamp::now()
}

impl Releases {
    pub(crate) fn new(root: &Path) -> Self {
        for folder in ["dump", "mintmark/channels/debian13", "mintmark/log"] {
            fs::create_dir_all(root.join(folder)).unwrap();
        }
        let line = |who: &str| format!("{who} {}\n", key(who).public_key().to_openssh().unwrap());
        fs::write(root.join("allowed_signers"), [BUILDER, CI, RELEASER].map(line).concat()).unwrap();
        Self { root: root.to_owned(), log: ReleaseLog::default() }
    }

    /// The same as the agent's configuration has it.
    pub(crate) fn trust(&self) -> ReleaseTrust {
        let principals = |who: &str| vec![who.parse().unwrap()];
        ReleaseTrust {
            allowed_signers: self.root.join("allowed_signers"),
            channels: self.root.join("mintmark"),
            builders: principals(BUILDER),
            verifiers: principals(CI),
            releasers: principals(RELEASER),
            gates: vec![Gate::Built, Gate::Linted, Gate::Drilled],
        }
    }

    pub(crate) fn dump(&self) -> PathBuf {
        self.root.join("dump")
    }

    pub(crate) fn log_path(&self) -> PathBuf {
        self.root.join("mintmark/log/debian13.jsonl")
    }

    pub(crate) fn channel_path(&self, channel: &str) -> PathBuf {
        self.root.join("mintmark/channels/debian13").join(format!("{channel}.json"))
    }

    /// Writes a document and its signature.
    pub(crate) fn seal(path: &Path, bytes: &[u8], namespace: Namespace, who: &str) {
        fs::write(path, bytes).unwrap();
        fs::write(path.with_added_extension("sig"), sign(&key(who), namespace, bytes).unwrap()).unwrap();
    }

    /// A signed release without records; `change` may spoil its manifest.
    pub(crate) fn build(&self, name: &str, change: impl FnOnce(&mut Value)) -> Made {
        let archive = format!("vzdump-lxc-9000-{name}.tar.zst");
        let mut manifest: Value = serde_json::from_str(include_str!("../../../spec/fixtures/manifest.json")).unwrap();
        manifest["release"] = json!(name);
        manifest["archive"]["file"] = json!(archive);
        manifest["archive"]["volid"] = json!(format!("local:backup/{archive}"));
        change(&mut manifest);
        let verdict = json!({
            "version": 1, "golden": GOLDEN, "release": name, "archive": manifest["archive"]["sha256"], "catalog": 1,
            "machine_id": "empty", "result": "pass", "rows": {}, "checks": [], "not_verified": [],
        });
        let verdict = verdict.to_string().into_bytes();
        manifest["verdict"]["sha256"] = json!(Sha256Hex::of(&verdict));
        let path = self.dump().join(format!("{archive}.manifest.json"));
        let text = manifest.to_string().into_bytes();
        Self::seal(&path, &text, Namespace::Manifest, BUILDER);
        Self::seal(&self.dump().join(format!("{archive}.verdict.json")), &verdict, Namespace::Verdict, BUILDER);
        let target = Target {
            release: name.to_owned(),
            manifest: Sha256Hex::of(&text),
            verdict: Sha256Hex::of(&verdict),
            archive: manifest["archive"]["sha256"].as_str().unwrap().parse().unwrap(),
        };
        Made { name: name.to_owned(), manifest: path, target }
    }

    /// Where a record of a gate lies.
    pub(crate) fn record_path(&self, made: &Made, gate: Gate, who: &str) -> PathBuf {
        self.dump().join(format!("vzdump-lxc-9000-{}.tar.zst.{gate}-{who}.json", made.name))
    }

    /// A record of a gate.
    pub(crate) fn record(&self, made: &Made, gate: Gate, who: &str, result: Verdict) {
        let evidence = Evidence {
            version: Evidence::VERSION,
            golden: GOLDEN.parse().unwrap(),
            release: made.name.clone(),
            manifest: made.target.manifest.clone(),
            gate,
            result,
            principal: who.parse().unwrap(),
            at: now(),
            details: Value::Null,
        };
        let bytes = serde_json::to_vec(&evidence).unwrap();
        Self::seal(&self.record_path(made, gate, who), &bytes, Namespace::Evidence, who);
    }

    /// A release that passed its gates.
    pub(crate) fn passed(&self, name: &str) -> Made {
        let made = self.build(name, |_| {});
        self.record(&made, Gate::Built, BUILDER, Verdict::Pass);
        self.record(&made, Gate::Linted, BUILDER, Verdict::Pass);
        self.record(&made, Gate::Drilled, CI, Verdict::Pass);
        made
    }

    /// One more line of the log, by the releaser.
    pub(crate) fn line(&mut self, made: &Made, action: Action) -> (u64, Sha256Hex) {
        let (seq, prev) = self.log.next();
        let entry = Entry {
            version: ENTRY_VERSION,
            seq,
            prev,
            at: now(),
            principal: RELEASER.parse().unwrap(),
            golden: GOLDEN.parse().unwrap(),
            release: made.name.clone(),
            manifest: made.target.manifest.clone(),
            action,
        };
        let text = serde_json::to_string(&entry).unwrap();
        let seal = sign(&key(RELEASER), Namespace::Log, text.as_bytes()).unwrap();
        let (line, written) = self.log.append(text, seal).unwrap();
        let sha256 = written.sha256.clone();
        let mut whole = fs::read_to_string(self.log_path()).unwrap_or_default();
        whole += &line;
        fs::write(self.log_path(), whole).unwrap();
        (seq, sha256)
    }

    /// Points a channel at a release; `change` may spoil the document.
    pub(crate) fn promote(&mut self, made: &Made, channel: &str, change: impl FnOnce(&mut Channel)) -> u64 {
        let name: ChannelName = channel.parse().unwrap();
        let (serial, log) = self.line(made, Action::Promoted { channel: name.clone(), evidence: Vec::new() });
        let mut document = Channel {
            version: Channel::VERSION,
            golden: GOLDEN.parse().unwrap(),
            channel: name,
            serial,
            log,
            issued: now(),
            expires: now() + SignedDuration::from_hours(24),
            target: made.target.clone(),
            gates: Vec::new(),
            evidence: Vec::new(),
            withdrawn: Vec::new(),
            end_of_life: None,
        };
        change(&mut document);
        self.write_channel(channel, &document, RELEASER);
        serial
    }

    pub(crate) fn write_channel(&self, channel: &str, document: &Channel, who: &str) {
        Self::seal(&self.channel_path(channel), &serde_json::to_vec(document).unwrap(), Namespace::Channel, who);
    }

    pub(crate) fn read_channel(&self, channel: &str) -> Channel {
        serde_json::from_slice(&fs::read(self.channel_path(channel)).unwrap()).unwrap()
    }
}

/// The withdrawal of a release.
pub(crate) fn withdrawal(made: &Made, how: spec::release::Withdrawn) -> Withdrawal {
    Withdrawal {
        release: made.name.clone(),
        manifest: made.target.manifest.clone(),
        how,
        reason: "a hole".into(),
        at: now(),
    }
}
