//! One unit: what its file and drop-ins say of dependencies, conditions, programs and enablement.

use super::condition::Condition;
use super::names::filled_in;
use super::unit_file::{Assignment, assignments};

/// A unit as systemd would load it, as far as a boot's plan depends on it.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub(super) struct Unit {
    /// Its own name; an instance's, where it is one.
    pub(super) name: String,
    /// Units that it pulls in.
    pub(super) wants: Vec<String>,
    /// Units that it pulls in and cannot be started without.
    pub(super) requires: Vec<String>,
    pub(super) before: Vec<String>,
    pub(super) after: Vec<String>,
    /// `DefaultDependencies=`, on unless switched off.
    pub(super) default_dependencies: bool,
    /// `Condition…=` and `Assert…=`.
    pub(super) conditions: Vec<Condition>,
    /// `ExecStartPre=` and `ExecStart=`, in the order they run.
    pub(super) programs: Vec<String>,
    /// `EnvironmentFile=`.
    pub(super) environment_files: Vec<String>,
    /// Of a socket: `Accept=yes`, an instance of its service for each connection.
    pub(super) accept: bool,
    /// Of a socket: the service that it starts, where it names one.
    pub(super) service: Option<String>,
    /// `[Install]`.
    pub(super) install: Install,
}

/// What `systemctl enable` would do.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub(super) struct Install {
    pub(super) wanted_by: Vec<String>,
    pub(super) required_by: Vec<String>,
    pub(super) also: Vec<String>,
    pub(super) alias: Vec<String>,
    pub(super) default_instance: Option<String>,
}

impl Unit {
    /// The unit of that name from its file's text and its drop-ins' texts, in the order they are read.
    pub(super) fn new<'t>(name: &str, texts: impl IntoIterator<Item = &'t str>) -> Self {
        let mut unit = Self { name: name.to_owned(), default_dependencies: true, ..Self::default() };
        let (mut before_start, mut start) = (Vec::new(), Vec::new());
        for assignment in texts.into_iter().flat_map(assignments) {
            let value = filled_in(&assignment.value, name);
            match assignment.section.as_str() {
                "Unit" => unit.take_unit(&assignment.key, &value),
                "Install" => unit.install.take(&assignment.key, &value),
                "Service" if assignment.key == "ExecStartPre" => put(&mut before_start, &value),
                "Service" if assignment.key == "ExecStart" => put(&mut start, &value),
                "Service" if assignment.key == "EnvironmentFile" => put(&mut unit.environment_files, &value),
                "Socket" => unit.take_socket(&assignment, value),
                _ => {}
            }
        }
        unit.programs = before_start;
        unit.programs.extend(start);
        unit
    }

    fn take_unit(&mut self, key: &str, value: &str) {
        match key {
            "Wants" | "Upholds" => self.wants.extend(words(value)),
            "Requires" | "BindsTo" | "Requisite" => self.requires.extend(words(value)),
            "Before" => self.before.extend(words(value)),
            "After" => self.after.extend(words(value)),
            "DefaultDependencies" => self.default_dependencies = is_yes(value),
            // An empty one clears all of them, whatever they ask (systemd.unit(5)); assertions likewise.
            _ if key.starts_with("Condition") => self.take_condition("Condition", key, value),
            _ if key.starts_with("Assert") => self.take_condition("Assert", key, value),
            _ => {}
        }
    }

    fn take_condition(&mut self, class: &str, key: &str, value: &str) {
        if value.is_empty() {
            self.conditions.retain(|condition| !condition.key.starts_with(class));
        } else {
            self.conditions.push(Condition::new(key, value));
        }
    }

    fn take_socket(&mut self, assignment: &Assignment, value: String) {
        match assignment.key.as_str() {
            "Accept" => self.accept = is_yes(&value),
            "Service" => self.service = Some(value),
            _ => {}
        }
    }

    /// The units that it pulls in.
    pub(super) fn pulls(&self) -> impl Iterator<Item = &String> {
        self.requires.iter().chain(&self.wants)
    }

    /// Whether it can be enabled at all.
    pub(super) fn can_be_enabled(&self) -> bool {
        let Install { wanted_by, required_by, also, alias, .. } = &self.install;
        [wanted_by, required_by, also, alias].iter().any(|list| !list.is_empty())
    }
}

impl Install {
    fn take(&mut self, key: &str, value: &str) {
        match key {
            "WantedBy" | "UpheldBy" => self.wanted_by.extend(words(value)),
            "RequiredBy" => self.required_by.extend(words(value)),
            "Also" => self.also.extend(words(value)),
            "Alias" => self.alias.extend(words(value)),
            "DefaultInstance" => self.default_instance = (!value.is_empty()).then(|| value.to_owned()),
            _ => {}
        }
    }
}

/// Adds to a list, or clears it.
fn put(list: &mut Vec<String>, value: &str) {
    if value.is_empty() {
        list.clear();
    } else {
        list.push(value.to_owned());
    }
}

fn words(value: &str) -> impl Iterator<Item = String> {
    value.split_whitespace().map(str::to_owned)
}

pub(super) fn is_yes(value: &str) -> bool {
    matches!(value.to_ascii_lowercase().as_str(), "yes" | "true" | "1" | "on" | "y" | "t")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_drop_in_that_empties_one_condition_clears_them_all() {
        let file = "[Unit]\nConditionFirstBoot=yes\nConditionPathExists=/a\nAssertPathExists=/b\n[Service]\nExecStart=/bin/x\n";
        let unit =
            Unit::new("a.service", [file, "[Unit]\nConditionPathExists=\n[Service]\nExecStart=\nExecStart=/y\n"]);
        let left: Vec<String> = unit.conditions.iter().map(ToString::to_string).collect();
        assert_eq!(left, ["AssertPathExists=/b"]);
        assert_eq!(unit.programs, ["/y"]);
    }

    #[test]
    fn what_runs_before_the_start_comes_first_and_specifiers_are_filled_in() {
        let unit = Unit::new("k@rsa.service", ["[Service]\nExecStart=/k %i\nExecStartPre=/pre\n[Unit]\nAfter=a b\n"]);
        assert_eq!(unit.programs, ["/pre", "/k rsa"]);
        assert_eq!(unit.after, ["a", "b"]);
        assert!(unit.default_dependencies && !unit.can_be_enabled());
    }
}
