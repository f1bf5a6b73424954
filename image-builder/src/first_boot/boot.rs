//! What a boot pulls in, and in which order.

use std::collections::{BTreeMap, BTreeSet, VecDeque};

use super::names::{is_template, kind, template};
use super::unit::Unit;
use super::units::{Link, Units};

/// The units of one boot.
#[derive(Debug, Clone)]
pub(super) struct Boot {
    units: Units,
    pulled: BTreeMap<String, Pulled>,
}

#[derive(Debug, Clone)]
struct Pulled {
    /// Absent for the boot's own target.
    by: Option<String>,
    unit: Unit,
}

/// Where systemd starts from.
const START: &str = "default.target";
/// What every service, socket, timer, … pulls in unless it says otherwise (`DefaultDependencies=`).
const BASE: &str = "sysinit.target";

impl Boot {
    /// The boot of a tree as it is.
    pub(super) fn plain(units: &Units) -> Self {
        Self::changed(units, &[], &[])
    }

    /// The boot of a tree with more links, and without the administrator's links to the units in `off`.
    pub(super) fn changed(units: &Units, more: &[Link], off: &[String]) -> Self {
        let mut units = units.clone();
        let is_off = |name: &str| off.iter().any(|off| off == name || template(name).as_deref() == Some(off));
        units.links.retain(|link| !(link.in_etc && is_off(&link.to)));
        units.links.extend(more.iter().cloned());
        let mut boot = Self { units, pulled: BTreeMap::new() };
        boot.pull(START, None);
        boot
    }

    /// The same boot with a unit on top that is started later, by a socket.
    pub(super) fn with(&self, unit: &str, by: &str) -> Self {
        let mut boot = self.clone();
        boot.pull(unit, Some(by));
        boot
    }

    fn pull(&mut self, name: &str, by: Option<&str>) {
        let mut waiting = VecDeque::from([(name.to_owned(), by.map(str::to_owned))]);
        while let Some((name, by)) = waiting.pop_front() {
            let name = self.units.canonical(&name);
            if self.pulled.contains_key(&name) || is_template(&name) {
                continue;
            }
            let Some(unit) = self.units.unit(&name) else { continue };
            let base = (unit.default_dependencies && kind(&name) != Some("target")).then(|| BASE.to_owned());
            waiting.extend(unit.pulls().cloned().chain(base).map(|dependency| (dependency, Some(name.clone()))));
            self.pulled.insert(name, Pulled { by, unit });
        }
    }

    /// All units, links of presets included.
    pub(super) fn units(&self) -> &Units {
        &self.units
    }

    /// Whether it is pulled in.
    pub(super) fn has(&self, name: &str) -> bool {
        self.pulled.contains_key(&self.units.canonical(name))
    }

    /// The unit that pulls it in; the boot itself for the boot's target.
    pub(super) fn pulled_by(&self, name: &str) -> Option<String> {
        let pulled = self.pulled.get(&self.units.canonical(name))?;
        Some(pulled.by.clone().unwrap_or_else(|| "the boot".to_owned()))
    }

    /// The pulled-in units.
    pub(super) fn pulled(&self) -> impl Iterator<Item = &Unit> {
        self.pulled.values().map(|pulled| &pulled.unit)
    }

    /// Whether `first` has been started, or has been skipped, before `second` is begun.
    pub(super) fn precedes(&self, first: &str, second: &str) -> bool {
        let (first, second) = (self.units.canonical(first), self.units.canonical(second));
        let earlier = self.earlier();
        let mut waiting = vec![second];
        let mut met = BTreeSet::new();
        while let Some(name) = waiting.pop() {
            if name == first {
                return true;
            }
            if met.insert(name.clone()) {
                waiting.extend(earlier.get(&name).into_iter().flatten().cloned());
            }
        }
        false
    }

    /// By unit: the pulled-in units that come before it.
    fn earlier(&self) -> BTreeMap<String, BTreeSet<String>> {
        let mut earlier: BTreeMap<String, BTreeSet<String>> = BTreeMap::new();
        let mut put = |first: &str, second: &str| {
            let (first, second) = (self.units.canonical(first), self.units.canonical(second));
            if first != second && self.pulled.contains_key(&first) && self.pulled.contains_key(&second) {
                earlier.entry(second).or_default().insert(first);
            }
        };
        for (name, Pulled { unit, .. }) in &self.pulled {
            unit.before.iter().for_each(|later| put(name, later));
            unit.after.iter().for_each(|sooner| put(sooner, name));
            if !unit.default_dependencies {
                continue;
            }
            match kind(name) {
                // A target is reached after everything that it pulls in, unless that says it comes later.
                Some("target") => {
                    unit.pulls().filter(|pulled| !self.comes_after(pulled, name)).for_each(|p| put(p, name));
                }
                Some("service") => [BASE, "basic.target"].iter().for_each(|base| put(base, name)),
                Some("socket") => {
                    put(BASE, name);
                    put(name, "sockets.target");
                }
                _ => put(BASE, name),
            }
        }
        earlier
    }

    fn comes_after(&self, name: &str, target: &str) -> bool {
        let pulled = self.pulled.get(&self.units.canonical(name));
        pulled.is_some_and(|pulled| pulled.unit.after.iter().any(|after| self.units.canonical(after) == target))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::first_boot::units::Source;

    fn boot(files: &[(&str, &str)]) -> Boot {
        let mut units = Units::default();
        for (name, text) in files {
            units.sources.insert((*name).to_owned(), Source::File((*text).to_owned()));
        }
        Boot::plain(&units)
    }

    const FILES: [(&str, &str); 8] = [
        ("default.target", "[Unit]\nRequires=basic.target\nAfter=basic.target\nWants=ssh.service keys.target\n"),
        ("basic.target", "[Unit]\nRequires=sysinit.target\nAfter=sysinit.target\nWants=sockets.target\n"),
        ("sysinit.target", "[Unit]\nWants=early.service\n"),
        ("sockets.target", "[Unit]\n"),
        ("ssh.service", "[Unit]\nAfter=keys.target\n"),
        ("keys.target", "[Unit]\nWants=key.service\n"),
        ("key.service", "[Service]\n"),
        ("early.service", "[Unit]\nDefaultDependencies=no\nBefore=sysinit.target\n"),
    ];

    #[test]
    fn order_goes_through_targets_and_default_dependencies() {
        let boot = boot(&FILES);
        for (first, second) in [
            ("key.service", "keys.target"),
            ("key.service", "ssh.service"),
            ("early.service", "ssh.service"),
            ("sysinit.target", "key.service"),
        ] {
            assert!(boot.precedes(first, second), "{first} {second}");
        }
        assert!(!boot.precedes("ssh.service", "key.service"));
        assert!(!boot.precedes("none.service", "ssh.service"));
    }

    #[test]
    fn what_nothing_pulls_in_is_not_there() {
        let mut files = FILES.to_vec();
        files.push(("lonely.service", "[Unit]\nBefore=ssh.service\n"));
        let boot = boot(&files);
        assert!(!boot.has("lonely.service") && !boot.precedes("lonely.service", "ssh.service"));
        assert_eq!(boot.pulled_by("key.service").as_deref(), Some("keys.target"));
        assert!(boot.with("lonely.service", "a.socket").precedes("lonely.service", "ssh.service"));
    }
}
