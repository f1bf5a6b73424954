//! A TOML table that is read key by key: what nobody asked for is unknown, and said so.

use toml::{Table, Value};

use super::problem::Problem;

/// The mistakes found so far.
#[derive(Debug, Default)]
pub(super) struct Problems(Vec<Problem>);

impl Problems {
    /// Notes a mistake at a path.
    pub(super) fn add(&mut self, path: impl Into<String>, text: impl Into<String>) {
        self.0.push(Problem { path: path.into(), text: text.into() });
    }

    /// Whether something is noted already at this path or below it.
    pub(super) fn has(&self, path: &str) -> bool {
        self.0
            .iter()
            .any(|problem| problem.path.strip_prefix(path).is_some_and(|rest| rest.is_empty() || rest.starts_with('.')))
    }

    pub(super) fn into_vec(self) -> Vec<Problem> {
        self.0
    }

    /// The value, or nothing and a note of why it is none.
    pub(super) fn accept<T, E: ToString>(&mut self, path: &str, value: Result<T, E>) -> Option<T> {
        value.map_err(|error| self.add(path, error.to_string())).ok()
    }
}

/// One table of a recipe under its path. Taking a key removes it; [`Keys::finish`] refuses the rest.
pub(super) struct Keys {
    path: String,
    table: Table,
    asked: Vec<String>,
}

impl Keys {
    pub(super) fn new(path: &str, table: Table) -> Self {
        Self { path: path.to_owned(), table, asked: Vec::new() }
    }

    /// The path of a key of this table.
    pub(super) fn path_of(&self, key: &str) -> String {
        if self.path.is_empty() { key.to_owned() } else { format!("{}.{key}", self.path) }
    }

    /// The keys that are still there.
    pub(super) fn names(&self) -> Vec<String> {
        self.table.keys().cloned().collect()
    }

    /// A key of any type.
    pub(super) fn value(&mut self, key: &str) -> Option<Value> {
        self.asked.push(key.to_owned());
        self.table.remove(key)
    }

    fn typed<T>(
        &mut self,
        key: &str,
        problems: &mut Problems,
        wanted: &str,
        read: fn(Value) -> Result<T, Value>,
    ) -> Option<T> {
        let path = self.path_of(key);
        let given = self.value(key)?;
        let refused = |value: Value| format!("{value} is {}, write {wanted}", in_words(&value));
        problems.accept(&path, read(given).map_err(refused))
    }

    pub(super) fn text(&mut self, key: &str, problems: &mut Problems) -> Option<String> {
        self.typed(key, problems, "a text in quotes", as_text)
    }

    pub(super) fn boolean(&mut self, key: &str, problems: &mut Problems) -> Option<bool> {
        self.typed(key, problems, "true or false", |value| value.as_bool().ok_or(value))
    }

    pub(super) fn integer(&mut self, key: &str, problems: &mut Problems) -> Option<i64> {
        self.typed(key, problems, "a whole number", |value| value.as_integer().ok_or(value))
    }

    pub(super) fn texts(&mut self, key: &str, problems: &mut Problems) -> Option<Vec<String>> {
        self.typed(key, problems, "a list of texts like [\"a\", \"b\"]", |value| match value {
            Value::Array(items) if items.iter().all(Value::is_str) => {
                Ok(items.into_iter().filter_map(|item| as_text(item).ok()).collect())
            }
            other => Err(other),
        })
    }

    /// A table below this one, with its path.
    pub(super) fn table(&mut self, key: &str, problems: &mut Problems) -> Option<Keys> {
        let path = self.path_of(key);
        self.typed(key, problems, "a table like { key = \"value\" }", as_table).map(|table| Keys::new(&path, table))
    }

    /// A list of tables below this one, each with its path: `step[1]`, counted from 1 as a person does.
    pub(super) fn tables(&mut self, key: &str, problems: &mut Problems) -> Vec<Keys> {
        let path = self.path_of(key);
        let tables = self.typed(key, problems, "a list of tables", |value| match value {
            Value::Array(items) if items.iter().all(Value::is_table) => {
                Ok(items.into_iter().filter_map(|item| as_table(item).ok()).collect::<Vec<Table>>())
            }
            other => Err(other),
        });
        let numbered = tables.into_iter().flatten().enumerate();
        numbered.map(|(index, table)| Keys::new(&format!("{path}[{}]", index + 1), table)).collect()
    }

    /// Refuses every key that nobody asked for.
    pub(super) fn finish(self, problems: &mut Problems) {
        for key in self.table.keys() {
            let path = self.path_of(key);
            match nearest(key, &self.asked) {
                Some(known) => problems.add(path, format!("unknown key; did you mean {known}?")),
                None => problems.add(path, format!("unknown key; known here: {}", self.asked.join(", "))),
            }
        }
    }
}

fn as_text(value: Value) -> Result<String, Value> {
    match value {
        Value::String(text) => Ok(text),
        other => Err(other),
    }
}

fn as_table(value: Value) -> Result<Table, Value> {
    match value {
        Value::Table(table) => Ok(table),
        other => Err(other),
    }
}

fn in_words(value: &Value) -> &'static str {
    match value {
        Value::String(_) => "a text",
        Value::Integer(_) | Value::Float(_) => "a number",
        Value::Boolean(_) => "a yes or no",
        Value::Datetime(_) => "a date",
        Value::Array(_) => "a list",
        Value::Table(_) => "a table",
    }
}

/// The known key that is at most two letters away.
fn nearest<'a>(key: &str, known: &'a [String]) -> Option<&'a str> {
    let close =
        known.iter().map(|name| (distance(key, name), name.as_str())).filter(|(d, name)| *d <= 2 && *d < name.len());
    close.min().map(|(_, name)| name)
}

/// Letters to insert, drop or change to get from one word to the other (Levenshtein).
fn distance(from: &str, to: &str) -> usize {
    let mut row: Vec<usize> = (0..=to.chars().count()).collect();
    for (i, a) in from.chars().enumerate() {
        let mut diagonal = row[0];
        row[0] = i + 1;
        for (j, b) in to.chars().enumerate() {
            let changed = diagonal + usize::from(a != b);
            diagonal = row[j + 1];
            row[j + 1] = changed.min(diagonal + 1).min(row[j] + 1);
        }
    }
    row.last().copied().unwrap_or_default()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn words_are_as_far_apart_as_their_letters() {
        assert_eq!((distance("sizee", "size"), distance("size", "size"), distance("", "ab")), (1, 0, 2));
        assert_eq!((distance("sotrage", "storage"), distance("kitten", "sitting")), (2, 3));
    }
}
