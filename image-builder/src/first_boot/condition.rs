//! Conditions of units (systemd.unit(5)), as far as a tree and the knowledge that it is an LXC guest's tell.

use std::collections::BTreeMap;
use std::fmt;

use spec::release::Answer;

/// One condition or assertion.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Condition {
    /// The key: `ConditionFirstBoot`, `AssertPathExists`, ….
    pub(super) key: String,
    /// The value as written, marks included.
    written: String,
    /// What is asked of.
    pub(super) parameter: String,
    /// Marked with `|`: one of those is enough.
    pub(super) trigger: bool,
    negated: bool,
}

/// What conditions are judged by.
#[derive(Debug, Clone, Copy)]
pub(super) struct World<'a> {
    /// Whether this boot is the first one.
    pub(super) first_boot: Answer,
    /// What stands at the paths that conditions name.
    pub(super) paths: &'a BTreeMap<String, PathFact>,
    /// When the system was changed last, and when that was taken note of.
    pub(super) updated: &'a UpdateStamps,
}

/// What stands at a path; links are followed.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct PathFact {
    /// Whether the path itself is a link.
    pub(super) link: bool,
    /// What it leads to.
    pub(super) target: Target,
}

/// What a path leads to.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Target {
    Nothing,
    File { bytes: u64, executable: bool },
    Directory { entries: usize },
    Special,
}

/// Modification times that `ConditionNeedsUpdate=` compares, in seconds since 1970.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub(super) struct UpdateStamps {
    pub(super) usr: Option<i64>,
    pub(super) etc: Option<i64>,
    pub(super) var: Option<i64>,
}

impl Condition {
    /// Reads an assignment; its key must begin with `Condition` or `Assert`.
    pub(super) fn new(key: &str, value: &str) -> Self {
        let mut rest = value;
        let (mut trigger, mut negated) = (false, false);
        loop {
            rest = match rest.chars().next() {
                Some('|') => {
                    trigger = true;
                    &rest[1..]
                }
                Some('!') => {
                    negated = true;
                    &rest[1..]
                }
                _ => break,
            };
        }
        Self { key: key.to_owned(), written: value.to_owned(), parameter: rest.trim().to_owned(), trigger, negated }
    }

    /// What is asked, without `Condition` or `Assert`.
    fn question(&self) -> &str {
        self.key.strip_prefix("Condition").or_else(|| self.key.strip_prefix("Assert")).unwrap_or(&self.key)
    }

    /// Whether it asks for a first boot, or for a system that was updated.
    pub(super) fn is_gate(&self) -> bool {
        matches!(self.question(), "FirstBoot" | "NeedsUpdate")
    }

    /// The path that it looks at.
    pub(super) fn path(&self) -> Option<&str> {
        let looks = self.question().starts_with("Path")
            || matches!(self.question(), "FileNotEmpty" | "FileIsExecutable" | "DirectoryNotEmpty");
        (looks && self.parameter.starts_with('/')).then_some(self.parameter.as_str())
    }

    /// Whether it is met.
    pub(super) fn holds(&self, world: &World<'_>) -> Answer {
        let answer = self.asked(world);
        if self.negated { not(answer) } else { answer }
    }

    fn asked(&self, world: &World<'_>) -> Answer {
        match self.question() {
            "FirstBoot" if is_no(&self.parameter) => not(world.first_boot),
            "FirstBoot" => world.first_boot,
            "NeedsUpdate" => needs_update(&self.parameter, world),
            "Virtualization" => virtualization(&self.parameter),
            // In a container systemd takes PID 1's own arguments for the kernel's, and an LXC guest's has none.
            // LXC hands its guests no credentials either.
            "KernelCommandLine" | "Credential" => Answer::No,
            _ => self.path().map_or(Answer::Unverified, |path| self.looks_at(path, world)),
        }
    }

    fn looks_at(&self, path: &str, world: &World<'_>) -> Answer {
        if is_runtime(path) || path.contains(['*', '?', '[', '%']) {
            return Answer::Unverified;
        }
        if self.question() == "PathIsMountPoint" {
            // At a first boot systemd mounts a fresh id over the file until it can be written.
            return if path == "/etc/machine-id" { world.first_boot } else { answer(path == "/") };
        }
        let fact = world.paths.get(path).copied();
        let Some(fact) = fact else { return Answer::Unverified };
        let is_there = fact.target != Target::Nothing;
        match self.question() {
            "PathExists" | "PathIsReadWrite" => answer(is_there),
            "PathIsDirectory" => answer(matches!(fact.target, Target::Directory { .. })),
            "PathIsSymbolicLink" => answer(fact.link),
            "FileNotEmpty" => answer(matches!(fact.target, Target::File { bytes: 1.., .. })),
            "FileIsExecutable" => answer(matches!(fact.target, Target::File { executable: true, .. })),
            "DirectoryNotEmpty" => answer(matches!(fact.target, Target::Directory { entries: 1.. })),
            _ => Answer::Unverified,
        }
    }
}

impl fmt::Display for Condition {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}={}", self.key, self.written)
    }
}

/// All conditions of a unit together: every plain one, and one of the triggers where there are any. With the answer
/// comes the condition that decided it, unless all are met.
pub(super) fn all_hold<'c>(conditions: &'c [Condition], world: &World<'_>) -> (Answer, Option<&'c Condition>) {
    let mut verdict = (Answer::Yes, None);
    for condition in conditions.iter().filter(|condition| !condition.trigger) {
        match condition.holds(world) {
            Answer::No => return (Answer::No, Some(condition)),
            Answer::Unverified => verdict = (Answer::Unverified, Some(condition)),
            Answer::Yes => {}
        }
    }
    let triggers: Vec<&Condition> = conditions.iter().filter(|condition| condition.trigger).collect();
    let answers: Vec<Answer> = triggers.iter().map(|trigger| trigger.holds(world)).collect();
    if triggers.is_empty() || answers.contains(&Answer::Yes) {
        return verdict;
    }
    match answers.iter().position(|answer| *answer == Answer::Unverified) {
        None => (Answer::No, triggers.first().copied()),
        Some(_) if verdict.0 == Answer::Unverified => verdict,
        Some(at) => (Answer::Unverified, triggers.get(at).copied()),
    }
}

/// Whether a path is made anew at every boot, so that what stands there in a tree says nothing.
pub(super) fn is_runtime(path: &str) -> bool {
    ["/run/", "/proc/", "/sys/", "/dev/", "/var/run/"].iter().any(|start| path.starts_with(start))
}

fn needs_update(folder: &str, world: &World<'_>) -> Answer {
    let noted = match folder.trim_end_matches('/') {
        "/etc" => world.updated.etc,
        "/var" => world.updated.var,
        _ => return Answer::Unverified,
    };
    match (noted, world.updated.usr) {
        (None, _) => Answer::Yes,
        (Some(noted), Some(usr)) => answer(usr > noted),
        (Some(_), None) => Answer::Unverified,
    }
}

/// An unprivileged LXC guest.
fn virtualization(asked: &str) -> Answer {
    match asked {
        _ if is_no(asked) => Answer::No,
        "yes" | "true" | "1" | "on" | "container" | "lxc" | "private-users" => Answer::Yes,
        _ => Answer::No,
    }
}

fn is_no(text: &str) -> bool {
    matches!(text, "no" | "false" | "0" | "off" | "n" | "f")
}

pub(super) const fn answer(yes: bool) -> Answer {
    if yes { Answer::Yes } else { Answer::No }
}

const fn not(answer: Answer) -> Answer {
    match answer {
        Answer::Yes => Answer::No,
        Answer::No => Answer::Yes,
        Answer::Unverified => Answer::Unverified,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn judge(conditions: &[(&str, &str)], first_boot: Answer) -> (Answer, Option<String>) {
        let file = |bytes| PathFact { link: false, target: Target::File { bytes, executable: false } };
        let paths = BTreeMap::from([
            ("/etc/a".to_owned(), file(3)),
            ("/etc/empty".to_owned(), file(0)),
            ("/etc/none".to_owned(), PathFact { link: false, target: Target::Nothing }),
        ]);
        let updated = UpdateStamps { usr: Some(10), etc: Some(20), var: None };
        let conditions: Vec<Condition> = conditions.iter().map(|(key, value)| Condition::new(key, value)).collect();
        let (answer, by) = all_hold(&conditions, &World { first_boot, paths: &paths, updated: &updated });
        (answer, by.map(ToString::to_string))
    }

    #[test]
    fn every_plain_condition_and_one_trigger_must_hold() {
        use Answer::{No, Unverified, Yes};
        for (conditions, expected) in [
            (&[("ConditionFirstBoot", "yes")][..], Yes),
            (&[("ConditionFirstBoot", "!yes")], No),
            (&[("ConditionFirstBoot", "no")], No),
            (&[("ConditionPathExists", "!/etc/none"), ("ConditionFileNotEmpty", "/etc/a")], Yes),
            (&[("ConditionFileNotEmpty", "|!/etc/empty")], Yes),
            (&[("ConditionFileNotEmpty", "|/etc/empty"), ("ConditionPathExists", "|/etc/a")], Yes),
            (&[("ConditionFileNotEmpty", "|/etc/empty"), ("ConditionPathExists", "|/etc/none")], No),
            (&[("ConditionPathExists", "|/run/x"), ("ConditionPathExists", "|/etc/none")], Unverified),
            (&[("ConditionPathExists", "/run/x"), ("ConditionPathExists", "/etc/none")], No),
            (&[("ConditionNeedsUpdate", "/etc")], No),
            (&[("ConditionNeedsUpdate", "|/etc"), ("ConditionNeedsUpdate", "|/var")], Yes),
            (&[("ConditionVirtualization", "!container")], No),
            (&[("ConditionMemory", "1G")], Unverified),
            (&[("AssertPathExists", "/etc/none")], No),
        ] {
            assert_eq!(judge(conditions, Yes).0, expected, "{conditions:?}");
        }
    }

    #[test]
    fn the_condition_that_decides_is_named() {
        let (answer, by) = judge(&[("ConditionPathExists", "/etc/a"), ("ConditionFirstBoot", "yes")], Answer::No);
        assert_eq!((answer, by.as_deref()), (Answer::No, Some("ConditionFirstBoot=yes")));
    }
}
