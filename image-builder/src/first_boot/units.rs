//! All units of a tree, each loaded when it is asked for: aliases, masks, drop-ins and links brought together.

use std::collections::BTreeMap;

use super::names::{drop_in_names, template};
use super::unit::Unit;

/// The units of a tree as their files tell.
#[derive(Debug, Clone, Default)]
pub(super) struct Units {
    /// By name: the file of the highest precedence.
    pub(super) sources: BTreeMap<String, Source>,
    /// By folder (`ssh.service` of `ssh.service.d`), then by file name: a drop-in's text.
    pub(super) drop_ins: BTreeMap<String, BTreeMap<String, String>>,
    /// Links in `*.wants` and `*.requires`.
    pub(super) links: Vec<Link>,
}

/// What stands at a unit's name.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Source {
    /// A unit file.
    File(String),
    /// A link to `/dev/null`, or an empty file.
    Masked {
        /// Whether it is in `/etc`.
        in_etc: bool,
    },
    /// Another name of a unit.
    Alias {
        /// The unit.
        of: String,
        /// Whether it is in `/etc`.
        in_etc: bool,
    },
}

/// A link that makes one unit pull another in.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Link {
    /// The unit that pulls.
    pub(super) from: String,
    /// The unit that is pulled.
    pub(super) to: String,
    /// `requires` instead of `wants`.
    pub(super) required: bool,
    /// Whether it is in `/etc`, where `systemctl enable` puts it.
    pub(super) in_etc: bool,
}

/// A unit that was asked for.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Loaded {
    /// It is there, with the links' units among those it pulls in.
    Unit(Box<Unit>),
    /// It is masked.
    Masked,
    /// There is none of that name. A generator may still make one.
    Missing,
}

/// More aliases in a row than anybody makes.
const ALIAS_LIMIT: usize = 16;

impl Units {
    /// The name that a unit goes by: an alias is followed.
    pub(super) fn canonical(&self, name: &str) -> String {
        let mut name = name.to_owned();
        for _ in 0..ALIAS_LIMIT {
            match self.sources.get(&name) {
                Some(Source::Alias { of, .. }) if *of != name => name.clone_from(of),
                _ => break,
            }
        }
        name
    }

    /// Loads a unit.
    pub(super) fn load(&self, name: &str) -> Loaded {
        let name = self.canonical(name);
        let source = self.sources.get(&name).or_else(|| self.sources.get(&template(&name)?));
        let text = match source {
            Some(Source::File(text)) => text,
            Some(Source::Masked { .. }) => return Loaded::Masked,
            // Of a template: its instances are the other template's.
            Some(Source::Alias { of, .. }) => match self.sources.get(of) {
                Some(Source::File(text)) => text,
                Some(Source::Masked { .. }) => return Loaded::Masked,
                _ => return Loaded::Missing,
            },
            None => return Loaded::Missing,
        };
        let names = self.names_of(&name);
        let drop_ins = self.drop_ins_of(&names);
        let mut unit = Unit::new(&name, std::iter::once(text.as_str()).chain(drop_ins.values().copied()));
        for link in self.links.iter().filter(|link| names.contains(&link.from)) {
            let list = if link.required { &mut unit.requires } else { &mut unit.wants };
            list.push(link.to.clone());
        }
        Loaded::Unit(Box::new(unit))
    }

    /// The unit, where it is there and not masked.
    pub(super) fn unit(&self, name: &str) -> Option<Unit> {
        match self.load(name) {
            Loaded::Unit(unit) => Some(*unit),
            Loaded::Masked | Loaded::Missing => None,
        }
    }

    /// Every name that folders of a unit may bear: its own, its aliases', their templates'.
    fn names_of(&self, name: &str) -> Vec<String> {
        let mut names = vec![name.to_owned()];
        names.extend(self.aliases_of(name));
        let templates: Vec<String> = names.iter().filter_map(|name| template(name)).collect();
        names.extend(templates);
        names
    }

    /// Other names of a unit.
    pub(super) fn aliases_of<'a>(&'a self, name: &'a str) -> impl Iterator<Item = String> + 'a {
        let aliases = self.sources.iter().filter(|(_, source)| matches!(source, Source::Alias { .. }));
        aliases.filter(move |(alias, _)| self.canonical(alias) == name).map(|(alias, _)| alias.clone())
    }

    /// Drop-ins in the order of their file names; of two with one name the special one counts.
    fn drop_ins_of(&self, names: &[String]) -> BTreeMap<&str, &str> {
        let mut found = BTreeMap::new();
        for folder in names.iter().flat_map(|name| drop_in_names(name)) {
            for (file, text) in self.drop_ins.get(&folder).into_iter().flatten() {
                found.entry(file.as_str()).or_insert(text.as_str());
            }
        }
        found
    }

    /// Whether `systemctl enable` was run for it: a link in `/etc` pulls it in, or gives it another name.
    pub(super) fn is_enabled(&self, name: &str) -> bool {
        let is_it = |other: &str| other == name || template(other).as_deref() == Some(name);
        let linked = self.links.iter().any(|link| link.in_etc && is_it(&self.canonical(&link.to)));
        let named = |source: &Source| matches!(source, Source::Alias { of, in_etc: true } if of == name);
        linked || self.sources.iter().any(|(alias, source)| alias != name && named(source))
    }

    /// Units of the tree that are no mere aliases, templates included.
    pub(super) fn names(&self) -> impl Iterator<Item = &String> {
        self.sources.iter().filter(|(_, source)| !matches!(source, Source::Alias { .. })).map(|(name, _)| name)
    }

    /// Units that somebody masked.
    pub(super) fn masked_in_etc(&self) -> Vec<String> {
        let masked = self.sources.iter().filter(|(_, source)| matches!(source, Source::Masked { in_etc: true }));
        masked.map(|(name, _)| name.clone()).collect()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn units(files: &[(&str, &str)], links: &[(&str, &str)]) -> Units {
        let mut units = Units::default();
        for (name, text) in files {
            units.sources.insert((*name).to_owned(), Source::File((*text).to_owned()));
        }
        for (from, to) in links {
            let (from, to) = ((*from).to_owned(), (*to).to_owned());
            units.links.push(Link { from, to, required: false, in_etc: true });
        }
        units
    }

    #[test]
    fn links_of_an_alias_are_links_of_its_unit() {
        let mut units = units(&[("ssh.service", ""), ("k.service", "")], &[("sshd.service", "k.service")]);
        units.sources.insert("sshd.service".into(), Source::Alias { of: "ssh.service".into(), in_etc: true });
        assert_eq!(units.unit("sshd.service").unwrap().wants, ["k.service"]);
        assert_eq!(units.unit("ssh.service").unwrap().name, "ssh.service");
        assert!(units.is_enabled("ssh.service") && units.is_enabled("k.service"));
    }

    #[test]
    fn an_instance_has_its_templates_file_links_and_drop_ins() {
        let mut units = units(&[("k@.service", "[Unit]\nAfter=%i\n")], &[("k@.service", "x.service")]);
        units.drop_ins.insert("k@.service".into(), [("a.conf".into(), "[Unit]\nBefore=%i\n".into())].into());
        units.drop_ins.insert("k@1.service".into(), [("a.conf".into(), "[Unit]\nBefore=own\n".into())].into());
        let unit = units.unit("k@1.service").unwrap();
        assert_eq!(
            (unit.after, unit.before, unit.wants),
            (vec!["1".into()], vec!["own".into()], vec!["x.service".into()])
        );
        units.sources.insert("k@2.service".into(), Source::Masked { in_etc: true });
        assert_eq!(units.load("k@2.service"), Loaded::Masked);
        assert_eq!(units.load("none.service"), Loaded::Missing);
    }
}
