//! Presets (systemd.preset(5)): which units a first boot would switch on or off.

use spec::release::{Flip, PresetMode};

use super::boot::Boot;
use super::names::{fits, instance_of, is_template};
use super::unit::Unit;
use super::units::{Link, Units};

/// A line of a preset file.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Rule {
    /// The file and the line's text, for the report.
    shown: String,
    action: Action,
    pattern: String,
    /// For a template: the instances that are meant.
    instances: Vec<String>,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Action {
    Enable,
    Disable,
    Ignore,
}

/// What is said where no rule names a unit.
const NO_RULE: &str = "no rule names it, which means enable";

/// The rules of one file.
pub(super) fn rules(file: &str, text: &str) -> Vec<Rule> {
    let lines = text.lines().map(str::trim).filter(|line| !line.starts_with(['#', ';']));
    lines.filter_map(|line| rule(file, line)).collect()
}

fn rule(file: &str, line: &str) -> Option<Rule> {
    let mut words = line.split_whitespace();
    let action = match words.next()? {
        "enable" => Action::Enable,
        "disable" => Action::Disable,
        "ignore" => Action::Ignore,
        _ => return None,
    };
    let pattern = words.next()?.to_owned();
    Some(Rule { shown: format!("{file}: {line}"), action, pattern, instances: words.map(str::to_owned).collect() })
}

/// What the presets change, and the links that are there afterwards.
#[derive(Debug, Clone, Default)]
pub(super) struct Change {
    pub(super) flips: Vec<Flip>,
    /// Links that enabling makes.
    pub(super) made: Vec<Link>,
    /// Units that are switched off.
    pub(super) off: Vec<String>,
}

/// Goes through all units that can be enabled, as `systemctl preset-all` does. `plain` is the boot without presets.
pub(super) fn change(units: &Units, rules: &[Rule], mode: PresetMode, plain: &Boot) -> Change {
    let mut change = Change::default();
    let candidates = units.names().filter_map(|name| units.unit(name)).filter(Unit::can_be_enabled);
    for unit in candidates {
        let fitting = rules.iter().find(|rule| fits(&rule.pattern, &unit.name));
        let action = fitting.map_or(Action::Enable, |rule| rule.action);
        let enabled = units.is_enabled(&unit.name);
        let links = links(&unit, fitting.map_or(&[][..], |rule| &rule.instances));
        let has_effect = !links.is_empty() || !unit.install.alias.is_empty();
        let flip = |enabled| Flip {
            unit: unit.name.clone(),
            enabled,
            rule: fitting.map_or_else(|| NO_RULE.to_owned(), |rule| rule.shown.clone()),
            pulled_in_anyway: plain.has(&unit.name),
        };
        match action {
            Action::Enable if !enabled && has_effect => {
                change.flips.push(flip(true));
                change.made.extend(links);
            }
            Action::Disable if enabled && mode != PresetMode::EnableOnly => {
                change.flips.push(flip(false));
                change.off.push(unit.name);
            }
            _ => {}
        }
    }
    change
}

/// The links that enabling a unit makes.
fn links(unit: &Unit, instances: &[String]) -> Vec<Link> {
    let names: Vec<String> = if is_template(&unit.name) {
        let default = unit.install.default_instance.iter().filter(|_| instances.is_empty());
        instances.iter().chain(default).map(|instance| instance_of(&unit.name, instance)).collect()
    } else {
        vec![unit.name.clone()]
    };
    let lists = [(&unit.install.wanted_by, false), (&unit.install.required_by, true)];
    let all = lists.into_iter().flat_map(|(list, required)| list.iter().map(move |from| (from, required)));
    let link =
        |from: &String, required, to: &String| Link { from: from.clone(), to: to.clone(), required, in_etc: true };
    all.flat_map(|(from, required)| names.iter().map(move |to| link(from, required, to))).collect()
}

/// How systemd of this distribution was built. Debian's and Ubuntu's leave the option `first-boot-full-preset` out;
/// Fedora's sets it, and so does Enterprise Linux 10's.
pub(super) fn mode(ids: &[String], systemd: Option<u32>) -> PresetMode {
    let is = |id: &str| ids.iter().any(|other| other == id);
    if is("debian") || is("ubuntu") {
        PresetMode::EnableOnly
    } else if is("fedora") && systemd.is_some_and(|version| version >= 257) {
        PresetMode::Full
    } else {
        PresetMode::Unknown
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::first_boot::units::Source;

    fn units() -> Units {
        let wanted = "[Install]\nWantedBy=multi-user.target\n";
        let mut units = Units::default();
        for name in ["on.service", "off.service", "ignored.service", "unnamed.service"] {
            units.sources.insert(name.into(), Source::File(wanted.into()));
        }
        units.sources.insert("tty@.service".into(), Source::File(format!("{wanted}DefaultInstance=one\n")));
        units.sources.insert("static.service".into(), Source::File("[Unit]\n".into()));
        let (from, to) = ("multi-user.target".to_owned(), "off.service".to_owned());
        units.links.push(Link { from, to, required: false, in_etc: true });
        units
    }

    fn flips(mode: PresetMode) -> Vec<(String, bool)> {
        let rules = rules(
            "90-x.preset",
            "# c\nenable on.*\ndisable off.service\nignore ign*\nenable tty@.service\ndisable *\n",
        );
        let units = units();
        let change = change(&units, &rules[..4], mode, &Boot::plain(&units));
        change.flips.into_iter().map(|flip| (flip.unit, flip.enabled)).collect()
    }

    #[test]
    fn a_unit_without_a_rule_is_enabled_and_only_full_presets_disable() {
        let enabled =
            [("on.service".to_owned(), true), ("tty@.service".to_owned(), true), ("unnamed.service".to_owned(), true)];
        assert_eq!(flips(PresetMode::EnableOnly), enabled);
        assert_eq!(flips(PresetMode::Full)[0], ("off.service".to_owned(), false));
        assert_eq!(flips(PresetMode::Full).len(), 4);
    }

    #[test]
    fn the_distribution_tells_how_presets_are_applied() {
        let ids = |ids: &[&str]| ids.iter().map(|id| (*id).to_owned()).collect::<Vec<_>>();
        assert_eq!(mode(&ids(&["ubuntu", "debian"]), Some(255)), PresetMode::EnableOnly);
        assert_eq!(mode(&ids(&["rocky", "rhel", "fedora"]), Some(257)), PresetMode::Full);
        assert_eq!(mode(&ids(&["rocky", "rhel", "fedora"]), Some(252)), PresetMode::Unknown);
        assert_eq!(mode(&ids(&["arch"]), None), PresetMode::Unknown);
    }
}
