//! The tests of one source file, and the rows that they cite.

use std::collections::BTreeSet;

use regex::Regex;

/// A test and what it cites.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub struct Test {
    /// Its file in the repository.
    pub file: String,
    /// Its name in the file; a story's with its module.
    pub name: String,
    /// The rows: `S4-12`, `I3`.
    pub rows: BTreeSet<String>,
}

/// The patterns, made once.
#[derive(Debug)]
pub struct Reader {
    function: Regex,
    story: Regex,
    in_name: Regex,
    in_comment: Regex,
}

impl Reader {
    /// The patterns.
    ///
    /// # Errors
    /// A pattern is none.
    pub fn new() -> Result<Self, regex::Error> {
        Ok(Self {
            function: Regex::new(r"^( *)(?:pub(?:\([a-z]+\))? )?(?:async )?fn ([a-z0-9_]+)")?,
            story: Regex::new(r#"\(\s*"([a-z0-9_]+::[a-z0-9_]+)",\s*(?:[a-z0-9_]+::)*([a-z0-9_]+),?\s*\)"#)?,
            in_name: Regex::new(r"(?:^|_|::)(s[0-4]_[0-9]{2}|i[1-7])_")?,
            in_comment: Regex::new(r"\b(S[0-4]-[0-9]{2}|I[1-7])\b")?,
        })
    }

    /// The tests of a file, in its order. A test cites the rows in its name and those in the comments above and
    /// inside of it.
    pub fn read(&self, file: &str, text: &str) -> Vec<Test> {
        let functions = self.functions(text);
        let citing = |name: &str, commented: &BTreeSet<String>| Test {
            file: file.to_owned(),
            name: name.to_owned(),
            rows: self.named(name).union(commented).cloned().collect(),
        };
        let unit = functions.iter().filter(|function| function.test);
        let unit = unit.map(|function| citing(&function.name, &function.rows));
        // Only files of stories are searched as a whole: that is slow.
        let searched = if text.contains("&[Story]") { text } else { "" };
        let stories = self.story.captures_iter(searched).filter_map(|found| {
            let (_, [name, called]) = found.extract();
            let function = functions.iter().find(|function| function.name == called)?;
            Some(citing(name, &function.rows))
        });
        unit.chain(stories).collect()
    }

    fn named(&self, name: &str) -> BTreeSet<String> {
        // Two citations may share an underscore, which a search that goes on behind its finding would miss.
        let mut rows = BTreeSet::new();
        let mut from = 0;
        while let Some(found) = self.in_name.captures_at(name, from).and_then(|captures| captures.get(1)) {
            rows.insert(found.as_str().to_uppercase().replace('_', "-"));
            from = found.end();
        }
        rows
    }

    fn functions(&self, text: &str) -> Vec<Function> {
        let mut functions: Vec<Function> = Vec::new();
        let mut above = Above::default();
        let mut open: Option<String> = None;
        for line in text.lines() {
            let trimmed = line.trim_start();
            if let Some(found) = self.function.captures(line) {
                let (_, [indent, name]) = found.extract();
                let Above { test, rows } = std::mem::take(&mut above);
                functions.push(Function { name: name.to_owned(), test, rows });
                open = (!line.ends_with('}')).then(|| format!("{indent}}}"));
            } else if open.as_deref() == Some(line) {
                open = None;
            } else if let Some(comment) = line.find("//").map(|at| &line[at..]) {
                let cited = self.in_comment.find_iter(comment).map(|found| found.as_str().to_owned());
                match (&open, functions.last_mut()) {
                    (Some(_), Some(function)) => function.rows.extend(cited),
                    _ if trimmed.starts_with("//!") => {}
                    _ => above.rows.extend(cited),
                }
            } else if open.is_none() && trimmed.starts_with("on_both! {") {
                // A law of the store, tried on each database: the macro makes the tests.
                above.test = true;
            } else if open.is_none() && trimmed.starts_with("#[") {
                above.test |= trimmed.starts_with("#[test") || trimmed.starts_with("#[tokio::test");
            } else if open.is_none() && !trimmed.is_empty() {
                above = Above::default();
            }
        }
        functions
    }
}

/// What stands above a function.
#[derive(Default)]
struct Above {
    test: bool,
    rows: BTreeSet<String>,
}

struct Function {
    name: String,
    test: bool,
    rows: BTreeSet<String>,
}

#[cfg(test)]
mod cases {
    use super::*;

    /// Source text, in a file of its own so that the table does not read it as ours.
    const TEXT: &str = include_str!("sample.txt");

    #[test]
    fn names_and_comments_cite_and_helpers_do_not() {
        let tests = Reader::new().unwrap().read("a.rs", TEXT);
        let told = tests.iter().map(|test| {
            format!("{} {}", test.name, test.rows.iter().map(String::as_str).collect::<Vec<_>>().join(","))
        });
        assert_eq!(
            told.collect::<Vec<_>>(),
            [
                "i2_s2_18_s4_02_nothing_is_left I2,S0-05,S2-18,S4-02,S4-40,S4-41",
                "plain ",
                "guests::s4_27_two_guests_differ I1,S1-02,S4-27",
                "guests::a_longer_one ",
            ]
        );
    }
}
