//! What an attacker who can write to the storage would try, each by its name. The ledger is a real one: what was seen
//! once is known for ever.

use std::fs;
use std::path::PathBuf;

use jiff::SignedDuration;
use reset_agent::golden::GoldenRef;
use reset_agent::golden::trust::{self, Admitted, Refusal};
use reset_agent::ledger::Ledger;
use reset_agent::store::Store;
use serde_json::json;
use spec::identity::Verdict;
use spec::release::seal::SealError;
use spec::release::{Action, Channel, Document, DocumentError, Gate, Manifest, Namespace, NotCurrent, Withdrawn};

use crate::release::{BUILDER, CI, GOLDEN, Made, RELEASER, Releases, now, withdrawal};

/// A storage with a release on channel `stable`, and a ledger.
struct Scene {
    releases: Releases,
    made: Made,
    store: Store,
    folder: tempfile::TempDir,
}

impl Scene {
    async fn new() -> Self {
        let folder = tempfile::tempdir().unwrap();
        let mut releases = Releases::new(folder.path());
        let made = releases.passed("20261120T100000Z");
        releases.promote(&made, "stable", |_| {});
        let store = Store::open(&folder.path().join("ledger.db")).await.unwrap();
        Self { releases, made, store, folder }
    }

    fn ledger(&self) -> Ledger {
        self.store.ledger()
    }

    /// The agent is restarted.
    async fn restart(&mut self) {
        let fresh = Store::open(&self.folder.path().join("ledger.db")).await.unwrap();
        std::mem::replace(&mut self.store, fresh).close().await;
    }

    /// Resolves as the agent does, and remembers what it saw where that counts.
    async fn resolve(&self, reference: &str) -> Result<Admitted, Refusal> {
        self.resolve_at(reference, now()).await
    }

    async fn resolve_at(&self, reference: &str, clock: jiff::Timestamp) -> Result<Admitted, Refusal> {
        let reference: GoldenRef = reference.parse().unwrap();
        let seen = self.ledger().seen(&GOLDEN.parse().unwrap(), clock).await.unwrap();
        let folders = [self.releases.dump()];
        let admitted = trust::resolve(&reference, &GOLDEN.parse().unwrap(), &folders, &self.releases.trust(), &seen)?;
        self.ledger().witness(&admitted.witnessed).await.unwrap();
        Ok(admitted)
    }

    async fn refusal(&self, reference: &str) -> Refusal {
        match self.resolve(reference).await {
            Ok(admitted) => panic!("{reference} is admitted: {admitted:?}"),
            Err(refusal) => refusal,
        }
    }

    /// Every way to name the release.
    fn references(&self) -> [String; 4] {
        let archive = format!("local:backup/vzdump-lxc-9000-{}.tar.zst", self.made.name);
        let manifest = self.made.manifest.display().to_string();
        [GOLDEN.to_owned(), format!("{GOLDEN}@{}", self.made.name), manifest, archive]
    }

    /// A channel's two files.
    fn channel_files(&self, channel: &str) -> [PathBuf; 2] {
        let path = self.releases.channel_path(channel);
        [path.clone(), path.with_added_extension("sig")]
    }
}

#[tokio::test]
async fn a_release_that_shows_everything_is_admitted_however_it_is_named() {
    let scene = Scene::new().await;
    for reference in scene.references() {
        let admitted = scene.resolve(&reference).await.unwrap();
        assert_eq!(admitted.shelved.sha256, scene.made.target.manifest, "{reference}");
    }
    assert!(matches!(scene.refusal("debian13/canary").await, Refusal::NoChannel { .. }));
}

#[tokio::test]
async fn unsigned() {
    let scene = Scene::new().await;
    fs::remove_file(scene.made.manifest.with_added_extension("sig")).unwrap();
    for reference in scene.references() {
        assert!(matches!(scene.refusal(&reference).await, Refusal::Unsigned { .. }), "{reference}");
    }
}

#[tokio::test]
async fn wrong_namespace() {
    let scene = Scene::new().await;
    let bytes = fs::read(&scene.made.manifest).unwrap();
    Releases::seal(&scene.made.manifest, &bytes, Namespace::Evidence, BUILDER);
    let refusal = scene.refusal(GOLDEN).await;
    let Refusal::Document { source, .. } = &refusal else { panic!("{refusal:?}") };
    assert!(matches!(**source, DocumentError::Seal { source: SealError::Namespace { .. }, .. }), "{source:?}");
}

#[tokio::test]
async fn key_swap() {
    let scene = Scene::new().await;
    let bytes = fs::read(&scene.made.manifest).unwrap();
    // A stranger's key, and one whose holder has another role.
    Releases::seal(&scene.made.manifest, &bytes, Namespace::Manifest, "mallory");
    assert!(matches!(scene.refusal(GOLDEN).await, Refusal::Document { .. }));
    Releases::seal(&scene.made.manifest, &bytes, Namespace::Manifest, CI);
    assert!(matches!(scene.refusal(GOLDEN).await, Refusal::Role { role: "builders", .. }));
    Releases::seal(&scene.made.manifest, &bytes, Namespace::Manifest, BUILDER);
    let channel = scene.releases.read_channel("stable");
    scene.releases.write_channel("stable", &channel, BUILDER);
    assert!(matches!(scene.refusal(GOLDEN).await, Refusal::Role { role: "releasers", .. }));
}

#[tokio::test]
async fn digest_mismatch() {
    let scene = Scene::new().await;
    let text = fs::read_to_string(&scene.made.manifest).unwrap();
    fs::write(&scene.made.manifest, text.replace("BC:24", "BC:25").replace("\"members\":1", "\"members\":2")).unwrap();
    // Its digest is not the channel's any more, and its signature not its own.
    assert!(matches!(scene.refusal(GOLDEN).await, Refusal::Mixed { what: "manifest", .. }));
    let pinned = scene.refusal(&format!("{GOLDEN}@{}", scene.made.name)).await;
    assert!(matches!(pinned, Refusal::Document { .. }), "{pinned:?}");
}

#[tokio::test]
async fn mix_and_match() {
    let mut scene = Scene::new().await;
    // Another build under the same name, all of it honestly signed and passed.
    let other = scene.releases.build("20261120T100000Z", |manifest| manifest["packages"] = json!({ "x": "1" }));
    for gate in [Gate::Built, Gate::Linted] {
        scene.releases.record(&other, gate, BUILDER, Verdict::Pass);
    }
    scene.releases.record(&other, Gate::Drilled, CI, Verdict::Pass);
    assert!(matches!(scene.refusal(GOLDEN).await, Refusal::Mixed { what: "manifest", .. }));
    // An older release's verdict beside a newer release's manifest.
    let newer = scene.releases.passed("20261121T100000Z");
    scene.releases.promote(&newer, "stable", |_| {});
    let path = |name: &str| scene.releases.dump().join(format!("vzdump-lxc-9000-{name}.tar.zst.verdict.json"));
    for ending in ["json", "json.sig"] {
        let [from, to] = ["20261120T100000Z", "20261121T100000Z"].map(|name| path(name).with_extension(ending));
        fs::copy(from, to).unwrap();
    }
    assert!(matches!(scene.refusal(GOLDEN).await, Refusal::Mixed { what: "verdict", .. }));
}

#[tokio::test]
async fn one_channel_in_anothers_place() {
    let mut scene = Scene::new().await;
    let canary = scene.releases.passed("20261121T100000Z");
    scene.releases.promote(&canary, "canary", |_| {});
    for (from, to) in scene.channel_files("canary").iter().zip(scene.channel_files("stable")) {
        fs::copy(from, to).unwrap();
    }
    assert!(matches!(scene.refusal(GOLDEN).await, Refusal::WrongPlace { .. }));
}

#[tokio::test]
async fn rollback() {
    let mut scene = Scene::new().await;
    let old = scene.channel_files("stable").map(|path| fs::read(path).unwrap());
    let newer = scene.releases.passed("20261121T100000Z");
    scene.releases.promote(&newer, "stable", |_| {});
    assert_eq!(scene.resolve(GOLDEN).await.unwrap().shelved.sha256, newer.target.manifest);
    for (path, bytes) in scene.channel_files("stable").iter().zip(&old) {
        fs::write(path, bytes).unwrap();
    }
    assert!(matches!(scene.refusal(GOLDEN).await, Refusal::OlderSerial { offered: 1, seen: 2, .. }));
    scene.restart().await;
    assert!(matches!(scene.refusal(GOLDEN).await, Refusal::OlderSerial { offered: 1, seen: 2, .. }));
    // The operator's own way back is a new serial.
    let made = scene.made.clone();
    scene.releases.promote(&made, "stable", |_| {});
    assert_eq!(scene.resolve(GOLDEN).await.unwrap().shelved.sha256, made.target.manifest);
}

#[tokio::test]
async fn two_documents_under_one_serial() {
    let scene = Scene::new().await;
    scene.resolve(GOLDEN).await.unwrap();
    let mut channel = scene.releases.read_channel("stable");
    channel.expires += SignedDuration::from_hours(1);
    scene.releases.write_channel("stable", &channel, RELEASER);
    assert!(matches!(scene.refusal(GOLDEN).await, Refusal::SameSerial { serial: 1, .. }));
}

#[tokio::test]
async fn freeze() {
    let mut scene = Scene::new().await;
    let expired = |channel: &mut Channel| {
        channel.issued = now() - SignedDuration::from_hours(2);
        channel.expires = now() - SignedDuration::from_hours(1);
    };
    let made = scene.made.clone();
    scene.releases.promote(&made, "stable", expired);
    for reference in scene.references() {
        let refusal = scene.refusal(&reference).await;
        assert!(matches!(refusal, Refusal::NotCurrent(NotCurrent::Expired { .. })), "{reference}: {refusal:?}");
    }
}

#[tokio::test]
async fn freeze_by_setting_the_clock_back() {
    let mut scene = Scene::new().await;
    let later = now() + SignedDuration::from_hours(48);
    assert!(matches!(scene.resolve_at(GOLDEN, later).await, Err(Refusal::NotCurrent(NotCurrent::Expired { .. }))));
    scene.restart().await;
    // The clock says that the channel still counts; the ledger knows that it was later once.
    let refusal = scene.refusal(GOLDEN).await;
    assert!(matches!(refusal, Refusal::NotCurrent(NotCurrent::Expired { .. })), "{refusal:?}");
}

#[tokio::test]
async fn fast_forward() {
    let scene = Scene::new().await;
    let mut channel = scene.releases.read_channel("stable");
    channel.serial = u64::from(u32::MAX);
    scene.releases.write_channel("stable", &channel, RELEASER);
    assert!(matches!(scene.refusal(GOLDEN).await, Refusal::NoLine { lines: 1, .. }));
    // Nothing was remembered: the honest channel counts again.
    channel.serial = 1;
    scene.releases.write_channel("stable", &channel, RELEASER);
    scene.resolve(GOLDEN).await.unwrap();
}

#[tokio::test]
async fn a_line_that_issued_something_else() {
    let mut scene = Scene::new().await;
    let made = scene.made.clone();
    scene.releases.promote(&made, "canary", |_| {});
    let mut channel = scene.releases.read_channel("canary");
    channel.channel = "stable".parse().unwrap();
    scene.releases.write_channel("stable", &channel, RELEASER);
    assert!(matches!(scene.refusal(GOLDEN).await, Refusal::OtherLine { serial: 2, .. }));
}

#[tokio::test]
async fn the_log_rewritten_or_cut() {
    let mut scene = Scene::new().await;
    let made = scene.made.clone();
    scene.releases.promote(&made, "stable", |_| {});
    scene.resolve(GOLDEN).await.unwrap();
    let whole = fs::read_to_string(scene.releases.log_path()).unwrap();
    let first = whole.split_inclusive('\n').next().unwrap();
    fs::write(scene.releases.log_path(), first).unwrap();
    assert!(matches!(scene.refusal(GOLDEN).await, Refusal::Rewritten { line: 2, .. }));
    fs::write(scene.releases.log_path(), whole.replacen("promoted", "revoked", 1)).unwrap();
    assert!(matches!(scene.refusal(GOLDEN).await, Refusal::Log { .. }));
}

#[tokio::test]
async fn endless_data() {
    let scene = Scene::new().await;
    let [channel, seal] = scene.channel_files("stable");
    for path in [scene.made.manifest.clone(), channel.clone(), seal] {
        let honest = fs::read(&path).unwrap();
        let file = fs::File::create(&path).unwrap();
        file.set_len(u64::try_from(Manifest::LIMIT).unwrap() * 64).unwrap();
        let refusal = scene.refusal(GOLDEN).await;
        // An oversized manifest is none: the channel's release is not there.
        let told = matches!(refusal, Refusal::NotADocument { .. } | Refusal::NotThere { .. });
        assert!(told, "{}: {refusal:?}", path.display());
        fs::write(&path, honest).unwrap();
    }
    // A pipe: whoever opens it waits for ever.
    fs::remove_file(&channel).unwrap();
    let made = std::process::Command::new("mkfifo").arg(&channel).status().unwrap();
    assert!(made.success());
    assert!(matches!(scene.refusal(GOLDEN).await, Refusal::NotADocument { .. }));
}

#[tokio::test]
async fn revoked_by_any_channel() {
    let mut scene = Scene::new().await;
    let made = scene.made.clone();
    let newer = scene.releases.passed("20261121T100000Z");
    scene.releases.promote(&newer, "canary", |channel| {
        channel.withdrawn.push(withdrawal(&made, Withdrawn::Revoked));
    });
    for reference in scene.references() {
        let refusal = scene.refusal(&reference).await;
        assert!(matches!(refusal, Refusal::Withdrawn { how: Withdrawn::Revoked, .. }), "{reference}: {refusal:?}");
    }
}

#[tokio::test]
async fn revoked_in_the_log_before_any_channel_tells_it() {
    let mut scene = Scene::new().await;
    let made = scene.made.clone();
    scene.releases.line(&made, Action::Retired { reason: "old".into() });
    for reference in scene.references() {
        let refusal = scene.refusal(&reference).await;
        assert!(matches!(refusal, Refusal::Withdrawn { how: Withdrawn::Retired, .. }), "{reference}: {refusal:?}");
    }
}

#[tokio::test]
async fn hidden_channels() {
    let scene = Scene::new().await;
    for path in scene.channel_files("stable") {
        fs::remove_file(path).unwrap();
    }
    assert!(matches!(scene.refusal(GOLDEN).await, Refusal::NoChannel { .. }));
    let pinned = scene.refusal(&format!("{GOLDEN}@{}", scene.made.name)).await;
    assert!(matches!(pinned, Refusal::NoWord { .. }), "{pinned:?}");
}

#[tokio::test]
async fn s2_13_not_drilled() {
    let scene = Scene::new().await;
    fs::remove_file(scene.releases.record_path(&scene.made, Gate::Drilled, CI)).unwrap();
    for reference in scene.references() {
        let refusal = scene.refusal(&reference).await;
        let Refusal::Gates { missing, .. } = &refusal else { panic!("{reference}: {refusal:?}") };
        assert_eq!(missing.iter().map(|missing| missing.gate).collect::<Vec<_>>(), [Gate::Drilled], "{reference}");
    }
}

#[tokio::test]
async fn replayed_evidence() {
    let mut scene = Scene::new().await;
    // A newer release that was never drilled gets the older one's record.
    let newer = scene.releases.build("20261121T100000Z", |_| {});
    for gate in [Gate::Built, Gate::Linted] {
        scene.releases.record(&newer, gate, BUILDER, Verdict::Pass);
    }
    scene.releases.promote(&newer, "stable", |_| {});
    let [from, to] = [&scene.made, &newer].map(|made| scene.releases.record_path(made, Gate::Drilled, CI));
    fs::copy(&from, &to).unwrap();
    fs::copy(from.with_added_extension("sig"), to.with_added_extension("sig")).unwrap();
    let refusal = scene.refusal(GOLDEN).await.to_string();
    assert!(refusal.contains("about another release"), "{refusal}");
}

#[tokio::test]
async fn evidence_by_who_may_not_give_it() {
    let scene = Scene::new().await;
    let path = scene.releases.record_path(&scene.made, Gate::Drilled, CI);
    fs::remove_file(&path).unwrap();
    scene.releases.record(&scene.made, Gate::Drilled, RELEASER, Verdict::Pass);
    let refusal = scene.refusal(GOLDEN).await.to_string();
    assert!(refusal.contains("releaser's word on it does not count"), "{refusal}");
    // A drill that failed since is not outvoted by one that passed.
    scene.releases.record(&scene.made, Gate::Drilled, BUILDER, Verdict::Pass);
    scene.resolve(GOLDEN).await.unwrap();
    scene.releases.record(&scene.made, Gate::Drilled, CI, Verdict::Fail);
    assert!(matches!(scene.refusal(GOLDEN).await, Refusal::Gates { .. }));
}

#[tokio::test]
async fn a_channel_may_ask_for_more_gates_than_the_agent() {
    let mut scene = Scene::new().await;
    let made = scene.made.clone();
    scene.releases.promote(&made, "stable", |channel| channel.gates = vec![Gate::Verified]);
    assert!(matches!(scene.refusal(GOLDEN).await, Refusal::Gates { .. }));
    scene.releases.record(&made, Gate::Verified, CI, Verdict::Pass);
    scene.resolve(GOLDEN).await.unwrap();
}

#[tokio::test]
async fn the_end_of_life_is_told_and_then_ends_it() {
    let mut scene = Scene::new().await;
    let made = scene.made.clone();
    let end = now() + SignedDuration::from_hours(24);
    scene.releases.promote(&made, "stable", |channel| {
        channel.expires = end + SignedDuration::from_hours(24);
        channel.end_of_life = Some(end);
    });
    assert_eq!(scene.resolve(GOLDEN).await.unwrap().ends_soon, Some(end));
    let refusal = scene.resolve_at(GOLDEN, end).await.unwrap_err();
    assert!(matches!(refusal, Refusal::NotCurrent(NotCurrent::EndOfLife { .. })), "{refusal:?}");
}

#[tokio::test]
async fn a_ledger_that_saw_more_in_the_meantime_stands() {
    let mut scene = Scene::new().await;
    let older = scene.resolve(GOLDEN).await.unwrap().witnessed;
    let newer = scene.releases.passed("20261121T100000Z");
    scene.releases.promote(&newer, "stable", |_| {});
    scene.resolve(GOLDEN).await.unwrap();
    let error = scene.ledger().witness(&older).await.unwrap_err().to_string();
    assert!(error.contains("serial 1, and 2 was seen meanwhile"), "{error}");
}
