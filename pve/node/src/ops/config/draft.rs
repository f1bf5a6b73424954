//! A configuration in work: what holds, what waits for the next start, what will then be deleted. Pure, but for what is told.

use std::collections::{BTreeMap, BTreeSet};

use spec::pct::{InvalidValue, PctConf, SectionName};

use crate::error::Die;

/// A configuration in work.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Draft {
    conf: PctConf,
    /// New values that wait.
    pub(super) waiting: BTreeMap<String, String>,
    /// Keys that wait for their deletion, and whether it is forced.
    pub(super) deletions: BTreeMap<String, bool>,
    /// Whether a person at a terminal waits.
    by_hand: bool,
}

impl Draft {
    /// The draft of a configuration.
    pub fn of(conf: &PctConf) -> Self {
        let mut conf = conf.clone();
        let mut waiting = BTreeMap::new();
        let mut deletions = BTreeMap::new();
        if let Some(pending) = conf.pending() {
            for (key, value) in pending.entries() {
                if key == "delete" {
                    deletions = read_deletions(value);
                } else {
                    waiting.insert(key.to_owned(), value.to_owned());
                }
            }
            waiting.extend(pending.description().map(|text| ("description".to_owned(), text.to_owned())));
        }
        conf.remove_section(&SectionName::Pending);
        Self { conf, waiting, deletions, by_hand: false }
    }

    /// The same for a person at a terminal, if there is one.
    #[must_use]
    pub(super) fn by_hand(self, by_hand: bool) -> Self {
        Self { by_hand, ..self }
    }

    /// Tells a line to who waits; there is no log.
    pub(super) fn tell(&self, line: &str) {
        use std::io::Write;
        if self.by_hand {
            let _ = writeln!(std::io::stdout(), "{line}");
        }
    }

    /// The configuration without what waits.
    pub fn now(&self) -> &PctConf {
        &self.conf
    }

    /// A key's value now.
    pub fn get(&self, key: &str) -> Option<&str> {
        if key == "description" { self.conf.description() } else { self.conf.get(key) }
    }

    /// Lets a value hold.
    pub fn set(&mut self, key: &str, value: &str) -> Result<(), Die> {
        if key == "description" {
            self.conf.set_description(value);
            return Ok(());
        }
        self.conf.current_mut().put(key, value).map_err(|error| unwritable(&error))
    }

    /// Lets a key go.
    pub fn remove(&mut self, key: &str) {
        if key == "description" {
            self.conf.set_description("");
        } else {
            self.conf.remove(key);
        }
    }

    /// Whether nothing waits.
    pub fn is_settled(&self) -> bool {
        self.waiting.is_empty() && self.deletions.is_empty()
    }

    /// Gives up what would change nothing: values that hold already, deletions of what is not there.
    pub(super) fn drop_what_changes_nothing(&mut self) {
        let Self { conf, waiting, deletions, by_hand: _ } = self;
        let now = |key: &str| if key == "description" { conf.description() } else { conf.get(key) };
        waiting.retain(|key, value| now(key) != Some(value));
        deletions.retain(|key, _| now(key).is_some());
    }

    /// The volumes that mount points name, now, waiting or in a snapshot.
    pub(super) fn mounted_volumes(&self) -> BTreeSet<String> {
        let snapshots = self.conf.snapshots();
        let kept = snapshots.values().flat_map(|section| section.entries());
        let waiting = self.waiting.iter().map(|(key, value)| (key.as_str(), value.as_str()));
        let all = self.conf.current().entries().chain(kept).chain(waiting);
        let mounts = all.filter(|(key, _)| *key == "rootfs" || super::volumes::index_of("mp", key).is_some());
        mounts
            .filter_map(|(_, value)| Some(value.split(',').next()?.trim_start_matches("volume=").to_owned()))
            .collect()
    }

    /// The configuration, with what waits in its section.
    pub fn finish(&self) -> Result<PctConf, Die> {
        let mut conf = self.conf.clone();
        if self.is_settled() {
            return Ok(conf);
        }
        let section = conf.section_mut(&SectionName::Pending);
        for (key, value) in &self.waiting {
            if key == "description" {
                section.set_description(value);
            } else {
                section.put(key, value).map_err(|error| unwritable(&error))?;
            }
        }
        if !self.deletions.is_empty() {
            section.put("delete", &print_deletions(&self.deletions)).map_err(|error| unwritable(&error))?;
        }
        Ok(conf)
    }
}

/// Proxmox's writer refuses line breaks, and nothing else.
fn unwritable(error: &InvalidValue) -> Die {
    match error {
        InvalidValue::Value { key, .. } => Die::text(format!("detected invalid newline inside property '{key}'")),
        InvalidValue::Key { .. } => Die::text(error.to_string()),
    }
}

/// `a,!b`: a mark stands before keys whose deletion is forced.
pub fn read_deletions(text: &str) -> BTreeMap<String, bool> {
    let words = text.split([',', ';', ' ']).filter(|word| !word.is_empty());
    words.map(|word| (word.trim_start_matches('!').to_owned(), word.starts_with('!'))).collect()
}

fn print_deletions(deletions: &BTreeMap<String, bool>) -> String {
    let word = |(key, forced): (&String, &bool)| if *forced { format!("!{key}") } else { key.clone() };
    deletions.iter().map(word).collect::<Vec<_>>().join(",")
}

#[cfg(test)]
mod tests {
    use super::*;

    const GUEST: &str = "hostname: a\nmp0: local:1/vm-1-disk-1.raw,mp=/m\n\n[pve:pending]\ndelete: !mp0,tty\nmemory: 64\n\n\
                         [s1]\nmp1: local:1/vm-1-disk-2.raw,mp=/n\n";

    #[test]
    fn a_draft_prints_back() {
        let draft = Draft::of(&PctConf::parse(GUEST));
        assert_eq!(draft.deletions, BTreeMap::from([("mp0".to_owned(), true), ("tty".to_owned(), false)]));
        assert_eq!((draft.get("memory"), draft.waiting["memory"].as_str()), (None, "64"));
        assert_eq!(draft.finish().unwrap().canonical(), GUEST);
        assert_eq!(draft.mounted_volumes().len(), 2);
    }

    #[test]
    fn what_changes_nothing_goes() {
        let mut draft = Draft::of(&PctConf::parse(GUEST));
        draft.waiting.insert("hostname".to_owned(), "a".to_owned());
        draft.drop_what_changes_nothing();
        assert_eq!(draft.waiting.keys().collect::<Vec<_>>(), ["memory"]);
        assert_eq!(draft.deletions.keys().collect::<Vec<_>>(), ["mp0"], "tty is not set");
        assert!(!draft.is_settled());
        let line_break = draft.set("hostname", "a\nb").unwrap_err().to_string();
        assert_eq!(line_break, "detected invalid newline inside property 'hostname'");
    }
}
