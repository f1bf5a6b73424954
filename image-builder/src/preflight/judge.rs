//! A recipe against what there is. Pure.

use pve_host::pvesm::StorageStatus;
use spec::identity::Verdict;
use spec::ids::StorageId;
use spec::recipe::Recipe;
use spec::release::{Need, Precondition};

use super::look::{Found, contents};

/// What a content type is called in messages.
const CONTENTS: [(&str, &str); 3] =
    [("rootdir", "guests' disks"), ("backup", "archives"), ("vztmpl", "the bootstrapped template")];

/// Every precondition of a build.
pub(super) fn judge(recipe: &Recipe, found: &Found) -> Vec<Precondition> {
    let mut judged: Vec<Precondition> =
        contents(recipe).into_iter().map(|(content, storage)| content_type(content, storage, found)).collect();
    judged.extend(room(recipe, found));
    judged.push(vmid(found));
    judged.push(memory(recipe, found));
    judged.extend(found.mirror.map(mirror));
    judged
}

/// Everything that a build must not begin without and that is not there, in words.
pub(super) fn missing(judged: &[Precondition]) -> Vec<String> {
    let required = judged.iter().filter(|one| one.class == Need::Required && one.verdict != Verdict::Pass);
    required.map(|one| format!("{}: {}", one.about, one.why)).collect()
}

fn content_type(content: &str, storage: &StorageId, found: &Found) -> Precondition {
    let what = CONTENTS.iter().find(|(name, _)| *name == content).map_or(content, |(_, what)| what);
    let takes = found.takes.get(content).into_iter().flatten().any(|other| other == storage);
    let there = found.storages.iter().find(|status| status.storage == *storage);
    let (verdict, why) = match (there, takes) {
        (None, _) => (Verdict::Fail, format!("the node has no such storage; it is to take {what}")),
        (Some(status), _) if !status.active => (Verdict::Fail, format!("it is not active; it is to take {what}")),
        (_, false) => (
            Verdict::Fail,
            format!(
                "it lacks the content type {content}, which {what} need; add it with: pvesm set {storage} --content …"
            ),
        ),
        _ => (Verdict::Pass, format!("it takes {what} ({content})")),
    };
    required(format!("storage {storage}"), verdict, why)
}

/// The room on both storages; where they are one, it must do for both.
fn room(recipe: &Recipe, found: &Found) -> Vec<Precondition> {
    let (guests, archives) = (&recipe.container.rootfs.storage, &recipe.release.storage);
    let disk = (recipe.container.rootfs.size.bytes(), "the build guest's disk (container.rootfs)");
    let archive = recipe.release.size_budget.map(|budget| (budget.bytes(), "the archive (release.size_budget)"));
    let mut needs = vec![(guests, vec![disk])];
    match archive {
        Some(archive) if guests == archives => needs[0].1.push(archive),
        Some(archive) => needs.push((archives, vec![archive])),
        None => {}
    }
    let mut judged: Vec<Precondition> =
        needs.into_iter().filter_map(|(storage, needs)| fits(status(found, storage)?, &needs)).collect();
    if archive.is_none() {
        let why = "release.size_budget is not set: how much room the archive needs is not known before it is there";
        judged.push(deferred(format!("storage {archives}"), Verdict::Unverified, why.to_owned()));
    }
    judged
}

fn status<'f>(found: &'f Found, storage: &StorageId) -> Option<&'f StorageStatus> {
    found.storages.iter().find(|status| status.storage == *storage && status.active)
}

fn fits(status: &StorageStatus, needs: &[(u64, &str)]) -> Option<Precondition> {
    let need = needs.iter().try_fold(0u64, |sum, (bytes, _)| sum.checked_add(*bytes))?;
    let parts: Vec<String> = needs.iter().map(|(bytes, what)| format!("{} for {what}", size(*bytes))).collect();
    let (need_words, have) = (size(need), size(status.available));
    let parts = parts.join(" and ");
    let (verdict, why) = if need <= status.available {
        (Verdict::Pass, format!("needs {need_words} ({parts}), has {have}"))
    } else {
        (Verdict::Fail, format!("needs {need_words} ({parts}), has {have}; free some, or name another storage"))
    };
    Some(required(format!("storage {}", status.storage), verdict, why))
}

fn vmid(found: &Found) -> Precondition {
    let (verdict, why) = if found.vmid_is_free {
        (Verdict::Pass, "one of the range is free")
    } else {
        (Verdict::Fail, "none of the range is free for the build guest; name another range with --vmids")
    };
    required("VMID".to_owned(), verdict, why.to_owned())
}

/// A guest's memory is a limit, not a reservation: only what can never be had is refused.
fn memory(recipe: &Recipe, found: &Found) -> Precondition {
    let need = recipe.container.memory.bytes();
    let about = "memory".to_owned();
    match found.memory {
        None => deferred(about, Verdict::Unverified, "the machine does not tell how much it has".to_owned()),
        Some(memory) if need > memory.total => {
            let why = format!("needs {} (container.memory), the machine has {}", size(need), size(memory.total));
            required(about, Verdict::Fail, why)
        }
        Some(memory) => {
            let why = format!(
                "the guest may take {} (container.memory); beside what already runs, {} of {} are free",
                size(need),
                size(memory.available),
                size(memory.total)
            );
            deferred(about, if need <= memory.available { Verdict::Pass } else { Verdict::Fail }, why)
        }
    }
}

fn mirror(resolves: bool) -> Precondition {
    let (verdict, why) = if resolves {
        (Verdict::Pass, "deb.debian.org has an address")
    } else {
        (
            Verdict::Fail,
            "deb.debian.org has no address here; a step installs packages, and the guest may fare no better",
        )
    };
    deferred("names".to_owned(), verdict, why.to_owned())
}

fn required(about: String, verdict: Verdict, why: String) -> Precondition {
    Precondition { about, class: Need::Required, verdict, why }
}

fn deferred(about: String, verdict: Verdict, why: String) -> Precondition {
    Precondition { about, class: Need::Deferred, verdict, why }
}

/// Bytes in the unit that a person writes them in.
fn size(bytes: u64) -> String {
    let mebibytes = bytes >> 20;
    if mebibytes >= 1024 {
        format!("{}.{} GiB", mebibytes >> 10, ((mebibytes & 1023) * 10) >> 10)
    } else {
        format!("{mebibytes} MiB")
    }
}

#[cfg(test)]
mod tests {
    use super::super::look::Memory;
    use super::*;

    const RECIPE: &str = "[golden]\nname = \"small\"\n[base]\nbootstrap = { suite = \"trixie\" }\n[container]\nunprivileged = true\n\
                          memory = \"2G\"\nrootfs = { storage = \"thin\", size = \"8G\" }\nnet0 = { bridge = \"vmbr0\" }\n\
                          [release]\nstorage = \"files\"\nsize_budget = \"400M\"\n";

    fn recipe(change: &[(&str, &str)]) -> Recipe {
        let text = change.iter().fold(RECIPE.to_owned(), |text, (from, to)| text.replace(from, to));
        Recipe::from_toml(&text).unwrap()
    }

    fn found(thin: u64, files: u64) -> Found {
        let storage = |name: &str, mebibytes: u64| StorageStatus {
            storage: name.parse().unwrap(),
            kind: "dir".into(),
            active: true,
            available: mebibytes << 20,
        };
        let takes = |names: &[&str]| names.iter().map(|name| name.parse().unwrap()).collect();
        Found {
            storages: vec![storage("thin", thin), storage("files", files)],
            takes: [("rootdir", takes(&["thin"])), ("backup", takes(&["files"])), ("vztmpl", takes(&["files"]))].into(),
            vmid_is_free: true,
            memory: Some(Memory { total: 8 << 30, available: 4 << 30 }),
            mirror: None,
        }
    }

    fn complaints(recipe: &Recipe, found: &Found) -> String {
        missing(&judge(recipe, found)).join("\n")
    }

    #[test]
    fn s2_18_too_little_room_on_either_storage_is_told_with_need_and_have() {
        assert_eq!(complaints(&recipe(&[]), &found(8192, 400)), "");
        let thin = complaints(&recipe(&[]), &found(8191, 400));
        assert!(thin.starts_with("storage thin: needs 8.0 GiB (8.0 GiB for the build guest's disk"), "{thin}");
        assert!(thin.contains("has 7.9 GiB"), "{thin}");
        let files = complaints(&recipe(&[]), &found(8192, 399));
        assert!(files.starts_with("storage files: needs 400 MiB (400 MiB for the archive"), "{files}");
        // One storage for both must do for both.
        let one = recipe(&[("\"files\"", "\"thin\"")]);
        assert!(complaints(&one, &found(8192 + 399, 0)).contains("storage thin: needs 8.3 GiB"));
    }

    #[test]
    fn s4_02_a_storage_without_the_content_type_is_refused() {
        for (content, storage) in [("rootdir", "thin"), ("backup", "files"), ("vztmpl", "files")] {
            let mut found = found(10_000, 10_000);
            found.takes.insert(content, Vec::new());
            let said = complaints(&recipe(&[]), &found);
            assert!(said.starts_with(&format!("storage {storage}: it lacks the content type {content}")), "{said}");
        }
        let mut gone = found(10_000, 10_000);
        gone.storages.pop();
        assert!(complaints(&recipe(&[]), &gone).contains("storage files: the node has no such storage"));
        let mut asleep = found(10_000, 10_000);
        asleep.storages[0].active = false;
        assert!(complaints(&recipe(&[]), &asleep).contains("storage thin: it is not active"));
    }

    #[test]
    fn s2_11_a_missing_deferred_precondition_is_told_and_refuses_nothing() {
        let mut found = found(10_000, 10_000);
        found.mirror = Some(false);
        found.memory = Some(Memory { total: 8 << 30, available: 1 << 30 });
        let recipe = recipe(&[("size_budget = \"400M\"\n", "")]);
        assert_eq!(complaints(&recipe, &found), "");
        let deferred: Vec<(String, Verdict)> = judge(&recipe, &found)
            .into_iter()
            .filter(|one| one.class == Need::Deferred && one.verdict != Verdict::Pass)
            .map(|one| (one.about, one.verdict))
            .collect();
        let expected = [("storage files", Verdict::Unverified), ("memory", Verdict::Fail), ("names", Verdict::Fail)];
        assert_eq!(deferred, expected.map(|(about, verdict)| (about.to_owned(), verdict)));
    }

    #[test]
    fn s2_18_memory_that_can_never_be_had_and_a_full_range_are_refused() {
        let mut found = found(10_000, 10_000);
        found.vmid_is_free = false;
        let said = complaints(&recipe(&[("memory = \"2G\"", "memory = \"9G\"")]), &found);
        assert!(said.contains("memory: needs 9.0 GiB") && said.contains("--vmids"), "{said}");
    }
}
