//! A template, read and rendered.

use std::collections::BTreeSet;
use std::str::FromStr;

use super::variable::{Constants, Values, Variable};

/// cloud-init reads what follows this line as its configuration.
const HEADER: &str = "#cloud-config\n";
/// The most bytes of a template; what it renders must fit into the helper's deliveries too.
const CAP: usize = 32 * 1024;

/// User-data with placeholders, `{{ role }}`.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Template {
    parts: Vec<Part>,
}

#[derive(Debug, Clone, PartialEq, Eq)]
enum Part {
    Text(String),
    Value(Variable),
}

/// What is wrong with a template.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum TemplateError {
    /// It is no cloud-config.
    #[error("its first line must be `#cloud-config`")]
    Header,
    /// It is too large.
    #[error("it has {0} bytes, and at most {CAP} are taken")]
    TooBig(usize),
    /// A placeholder that is no variable.
    #[error("line {line}: `{name}` is no variable: there are {}", Variable::ALL.map(Variable::name).join(", "))]
    Unknown {
        /// The line, from 1.
        line: usize,
        /// The name as written.
        name: String,
    },
    /// A placeholder without an end.
    #[error("line {line}: `{{{{` has no `}}}}` on its line")]
    Open {
        /// The line, from 1.
        line: usize,
    },
    /// A placeholder for which no value is given.
    #[error("it uses `{0}`, and no value is given")]
    Missing(Variable),
    /// A value that nothing uses.
    #[error("`{0}` is given, and nothing uses it")]
    Unused(Variable),
}

impl FromStr for Template {
    type Err = TemplateError;

    fn from_str(text: &str) -> Result<Self, TemplateError> {
        if !text.starts_with(HEADER) {
            return Err(TemplateError::Header);
        }
        if text.len() > CAP {
            return Err(TemplateError::TooBig(text.len()));
        }
        let mut parts = Vec::new();
        for (index, line) in text.split_inclusive('\n').enumerate() {
            read_line(line, index + 1, &mut parts)?;
        }
        Ok(Self { parts })
    }
}

fn read_line(mut rest: &str, line: usize, parts: &mut Vec<Part>) -> Result<(), TemplateError> {
    while let Some((before, after)) = rest.split_once("{{") {
        let (name, after) = after.split_once("}}").ok_or(TemplateError::Open { line })?;
        let unknown = || TemplateError::Unknown { line, name: name.trim().to_owned() };
        parts.push(Part::Text(before.to_owned()));
        parts.push(Part::Value(Variable::named(name.trim()).ok_or_else(unknown)?));
        rest = after;
    }
    parts.push(Part::Text(rest.to_owned()));
    Ok(())
}

impl Template {
    /// Holds that every value that is given is used, and that none is missing that does not come with the guest.
    ///
    /// # Errors
    /// [`TemplateError::Unused`], [`TemplateError::Missing`].
    pub fn check(&self, constants: &Constants) -> Result<(), TemplateError> {
        let values = self.parts.iter().filter_map(|part| match part {
            Part::Value(variable) => Some(*variable),
            Part::Text(_) => None,
        });
        let used: BTreeSet<Variable> = values.collect();
        let given: BTreeSet<Variable> = constants.given().into_keys().collect();
        let of_guest = [Variable::Hostname, Variable::Customer];
        if let Some(unused) = given.difference(&used).next() {
            return Err(TemplateError::Unused(*unused));
        }
        match used.difference(&given).find(|variable| !of_guest.contains(variable)) {
            Some(missing) => Err(TemplateError::Missing(*missing)),
            None => Ok(()),
        }
    }

    /// The user-data.
    ///
    /// # Errors
    /// [`TemplateError::Missing`].
    pub fn render(&self, values: &Values) -> Result<String, TemplateError> {
        let mut text = String::new();
        for part in &self.parts {
            match part {
                Part::Text(part) => text.push_str(part),
                Part::Value(variable) => text.push_str(values.of(*variable).ok_or(TemplateError::Missing(*variable))?),
            }
        }
        Ok(text)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const TEXT: &str =
        "#cloud-config\nfqdn: {{ hostname }}.{{environment}}.example\nruncmd:\n  - [touch, /{{ role }}]\n";

    fn constants() -> Constants {
        Constants { environment: Some("eu".parse().unwrap()), role: Some("web".parse().unwrap()), admin_key: None }
    }

    fn values() -> Values {
        Values::new(&constants(), &"acme".parse().unwrap(), &"acme-1".parse().unwrap())
    }

    #[test]
    fn s0_02_rendering_twice_gives_identical_bytes() {
        let template: Template = TEXT.parse().unwrap();
        template.check(&constants()).unwrap();
        let text = template.render(&values()).unwrap();
        assert_eq!(text, "#cloud-config\nfqdn: acme.eu.example\nruncmd:\n  - [touch, /web]\n");
        assert_eq!(TEXT.parse::<Template>().unwrap().render(&values()).unwrap(), text);
    }

    #[test]
    fn s0_02_an_unknown_placeholder_fails_and_is_named_with_its_line() {
        let error = TEXT.replace("role", "rolle").parse::<Template>().unwrap_err();
        assert_eq!(error, TemplateError::Unknown { line: 4, name: "rolle".into() });
        assert!(error.to_string().contains("admin_key"), "{error}");
        for (text, expected) in [
            ("#cloud-config\na: {{ role\n}}\n", TemplateError::Open { line: 2 }),
            ("#cloud-config\na: {{}}\n", TemplateError::Unknown { line: 2, name: String::new() }),
            ("#!/bin/sh\n", TemplateError::Header),
            ("## template: jinja\n#cloud-config\n", TemplateError::Header),
            ("", TemplateError::Header),
        ] {
            assert_eq!(text.parse::<Template>(), Err(expected), "{text:?}");
        }
    }

    #[test]
    fn s0_02_an_unused_or_a_missing_variable_fails() {
        let template: Template = TEXT.parse().unwrap();
        let without_role = Constants { role: None, ..constants() };
        assert_eq!(template.check(&without_role), Err(TemplateError::Missing(Variable::Role)));
        let plain: Template = "#cloud-config\n{}\n".parse().unwrap();
        assert_eq!(plain.check(&constants()), Err(TemplateError::Unused(Variable::Environment)));
        assert_eq!(plain.check(&Constants::default()), Ok(()));
    }
}
