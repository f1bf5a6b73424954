//! Changes to a document that leave every other line as it stands.

use super::document::{Line, LineKind, Meaning, PctConf, RawLxc, Section, SectionName};
use super::parse::is_key;
use super::print::description_lines;

/// Why a value cannot be written into a configuration.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum InvalidValue {
    /// Not a key of the grammar.
    #[error("{key:?} is not a configuration key: use lower-case letters and underscores, then digits")]
    Key {
        /// The key as given.
        key: String,
    },
    /// A value that would not read back.
    #[error(
        "{key}: {value:?} cannot stand on one line: it is empty, holds a line break, or begins or ends with a blank"
    )]
    Value {
        /// The key.
        key: String,
        /// The value as given.
        value: String,
    },
}

impl Section {
    /// Sets a key: in its place where it stands already, else after the last key.
    ///
    /// # Errors
    /// The key or the value could not be read back.
    pub fn set(&mut self, key: &str, value: &str) -> Result<(), InvalidValue> {
        if !is_key(key) || key == "description" {
            return Err(InvalidValue::Key { key: key.to_owned() });
        }
        if value.is_empty() || value.trim() != value || value.contains(['\n', '\r']) {
            return Err(InvalidValue::Value { key: key.to_owned(), value: value.to_owned() });
        }
        let lines = if key == "env" { env_lines(value) } else { vec![entry_line(key, value)] };
        let place = self.lines.iter().position(|line| holds(line, key)).unwrap_or_else(|| self.end_of_entries());
        self.lines.retain(|line| !holds(line, key));
        self.insert(place.min(self.lines.len()), lines);
        Ok(())
    }

    /// Sets a key to a value as Proxmox's writer would put it, which does not ask whether it reads back: of `features:`
    /// without a value the blank behind the colon is what is read.
    ///
    /// # Errors
    /// The key is none, or the value holds a line break.
    pub fn put(&mut self, key: &str, value: &str) -> Result<(), InvalidValue> {
        if value == value.trim() && !value.is_empty() {
            return self.set(key, value);
        }
        if !is_key(key) || key == "description" {
            return Err(InvalidValue::Key { key: key.to_owned() });
        }
        if value.contains(['\n', '\r']) {
            return Err(InvalidValue::Value { key: key.to_owned(), value: value.to_owned() });
        }
        self.remove(key);
        let end = self.end_of_entries();
        // Without a value there is no variable, and so no line.
        let lines = if key == "env" { Vec::new() } else { vec![entry_line(key, value)] };
        self.insert(end, lines);
        Ok(())
    }

    /// Removes a key; true where it was there.
    pub fn remove(&mut self, key: &str) -> bool {
        let before = self.lines.len();
        self.lines.retain(|line| !holds(line, key));
        self.meaning = Meaning::of(&self.lines);
        self.lines.len() != before
    }

    /// Replaces the description, at the section's top; an empty one removes it.
    pub fn set_description(&mut self, description: &str) {
        self.lines.retain(|line| !matches!(line.kind, LineKind::Description(_)));
        let text = |raw: &str| super::percent::decode(raw.trim_start_matches('#').trim_end_matches('\n')) + "\n";
        let lines = description_lines(description).map(|raw| Line { kind: LineKind::Description(text(&raw)), raw });
        let lines: Vec<Line> = lines.collect();
        self.insert(0, lines);
    }

    /// Adds a raw `lxc.*` line at the section's end.
    pub fn add_raw_lxc(&mut self, raw: &RawLxc) {
        let text = format!("{}: {}\n", raw.key, raw.value);
        self.insert(self.lines.len(), vec![Line { raw: text, kind: LineKind::Raw(raw.clone()) }]);
    }

    /// Removes every raw `lxc.*` line.
    pub fn remove_raw_lxc(&mut self) {
        self.lines.retain(|line| !matches!(line.kind, LineKind::Raw(_)));
        self.meaning = Meaning::of(&self.lines);
    }

    /// Behind the last line that says something, so that blank lines before the next header stay there.
    fn end_of_entries(&self) -> usize {
        let entry =
            |line: &Line| matches!(line.kind, LineKind::Entry { .. } | LineKind::Description(_) | LineKind::Env(..));
        self.lines.iter().rposition(entry).map_or(0, |last| last + 1)
    }

    fn insert(&mut self, place: usize, lines: Vec<Line>) {
        if let Some(before) = place.checked_sub(1).and_then(|index| self.lines.get_mut(index)) {
            end_line(&mut before.raw);
        }
        if let Some(header) = self.header.as_mut() {
            end_line(header);
        }
        self.lines.splice(place..place, lines);
        self.meaning = Meaning::of(&self.lines);
    }
}

fn end_line(raw: &mut String) {
    if !raw.ends_with('\n') {
        raw.push('\n');
    }
}

fn holds(line: &Line, key: &str) -> bool {
    match &line.kind {
        LineKind::Entry { key: other, .. } => other == key,
        LineKind::Env(..) => key == "env",
        _ => false,
    }
}

fn entry_line(key: &str, value: &str) -> Line {
    let kind = LineKind::Entry { key: key.to_owned(), value: value.to_owned() };
    Line { raw: format!("{key}: {value}\n"), kind }
}

fn env_lines(value: &str) -> Vec<Line> {
    let line = |variable: &str| Line {
        raw: format!("lxc.environment.runtime: {variable}\n"),
        kind: LineKind::Env(variable.to_owned(), false),
    };
    value.split('\0').map(line).collect()
}

impl PctConf {
    /// The current configuration, to change it.
    pub fn current_mut(&mut self) -> &mut Section {
        &mut self.current
    }

    /// The section of that name, to change it; added at the document's end where it is missing.
    pub fn section_mut(&mut self, name: &SectionName) -> &mut Section {
        if *name == SectionName::Current {
            return &mut self.current;
        }
        let place = self.others.iter().rposition(|section| section.name == *name).unwrap_or_else(|| {
            self.end_with_newline();
            let separator = if self.print().is_empty() { "" } else { "\n" };
            self.others.push(Section::new(name.clone(), Some(format!("{separator}[{name}]\n"))));
            self.others.len() - 1
        });
        &mut self.others[place]
    }

    /// Removes every section of that name; for the current configuration its lines. True where there was one.
    pub fn remove_section(&mut self, name: &SectionName) -> bool {
        if *name == SectionName::Current {
            let empty = self.current.lines.is_empty();
            self.current = Section::new(SectionName::Current, None);
            return !empty;
        }
        let before = self.others.len();
        self.others.retain(|section| section.name != *name);
        self.others.len() != before
    }

    fn end_with_newline(&mut self) {
        let last = self.others.last_mut().unwrap_or(&mut self.current);
        match last.lines.last_mut() {
            Some(line) => end_line(&mut line.raw),
            None => {
                if let Some(header) = last.header.as_mut() {
                    end_line(header);
                }
            }
        }
    }

    /// [`Section::set`] in the current configuration.
    ///
    /// # Errors
    /// The key or the value could not be read back.
    pub fn set(&mut self, key: &str, value: &str) -> Result<(), InvalidValue> {
        self.current.set(key, value)
    }

    /// [`Section::remove`] in the current configuration.
    pub fn remove(&mut self, key: &str) -> bool {
        self.current.remove(key)
    }

    /// [`Section::set_description`] in the current configuration.
    pub fn set_description(&mut self, description: &str) {
        self.current.set_description(description);
    }
}

impl Default for PctConf {
    fn default() -> Self {
        Self::parse("")
    }
}
