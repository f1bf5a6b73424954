//! Texts with blanks: `CT {int} is locked`, `hwaddr={mac>mac1},ip=dhcp`.

use std::collections::BTreeMap;
use std::sync::OnceLock;

use regex::Regex;

/// What a `{name}` stands for when no variable has that name.
const BLANKS: &[(&str, &str)] = &[
    ("any", r"(?s:.*)"),
    ("line", r".*"),
    ("word", r"\S+"),
    ("empty", r""),
    ("digits", r"\d+"),
    ("amount", r"[\d.,]+"),
    ("size", r"[\d.,]+ ?[KMGT]?i?B?"),
    ("hex", r"[0-9a-f]+"),
    ("digest", r"[0-9a-f]{40}"),
    ("uuid", r"[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}"),
    ("mac", r"BC:24:11(?::[0-9A-F]{2}){3}"),
    ("lowermac", r"[0-9a-f]{2}(?::[0-9a-f]{2}){5}"),
    ("keytype", r"(?:rsa|ecdsa|ed25519)"),
    ("sha256", r"[A-Za-z0-9+/]{43}"),
    ("fingerprint", r"[0-9A-F]{2}(?::[0-9A-F]{2}){31}"),
    ("dir", r"/[^' ]*?"),
    ("time", r"\d{4}-\d\d-\d\d \d\d:\d\d:\d\d"),
    ("clock", r"\d\d:\d\d:\d\d"),
    ("stamp", r"\d{4}_\d\d_\d\d-\d\d_\d\d_\d\d"),
    ("archive", r"vzdump-lxc-\d+-\d{4}_\d\d_\d\d-\d\d_\d\d_\d\d\.tar(?:\.\w+)?"),
    ("process", r"[0-9A-F]{8}:[0-9A-F]{8,9}:[0-9A-F]{8}"),
    ("caller", r"[^:]+"),
    ("upid", r"UPID:[^:]+:[0-9A-F]{8}:[0-9A-F]{8,9}:[0-9A-F]{8}:[^:]*:[^:]*:[^:]+:"),
];

/// The values that a match put aside.
pub(crate) type Captures = BTreeMap<String, String>;

/// A text with blanks, ready to be compared.
#[derive(Debug)]
pub(crate) struct TextPattern {
    regex: Regex,
}

/// A pattern that names a blank which does not exist.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("{text:?} has a blank that is neither a variable nor known: {{{name}}}")]
pub(crate) struct UnknownBlank {
    text: String,
    name: String,
}

/// Every `{name}` and `{name>keep}` of a text: where it stands, its name and what it is kept as. `{{name}}` is none:
/// that is how templates of notes are written.
fn blanks(text: &str) -> impl Iterator<Item = (std::ops::Range<usize>, &str, Option<&str>)> {
    static BLANK: OnceLock<Option<Regex>> = OnceLock::new();
    let regex = BLANK.get_or_init(|| Regex::new(r"\{\{[a-z]+\}\}|\{([a-z][a-z0-9_]*)(?:>([a-z][a-z0-9_]*))?\}").ok());
    regex.iter().flat_map(|regex| regex.captures_iter(text)).filter_map(|found| {
        let (whole, name) = (found.get(0)?, found.get(1)?);
        Some((whole.range(), name.as_str(), found.get(2).map(|kept| kept.as_str())))
    })
}

/// Whether such a blank exists.
#[cfg(test)]
pub(crate) fn is_blank(name: &str) -> bool {
    matches!(name, "int" | "number" | "string" | "it" | "each" | "some" | "unordered")
        || BLANKS.iter().any(|(known, _)| *known == name)
}

/// The names in a text, each with what it is kept as.
pub(crate) fn names(text: &str) -> Vec<(String, Option<String>)> {
    blanks(text).map(|(_, name, kept)| (name.to_owned(), kept.map(str::to_owned))).collect()
}

/// The text with every name that `value` knows put in; other blanks stay.
pub(crate) fn fill(text: &str, value: impl Fn(&str) -> Option<String>) -> String {
    let (mut filled, mut end) = (String::with_capacity(text.len()), 0);
    for (range, name, _) in blanks(text) {
        filled.push_str(&text[end..range.start]);
        filled.push_str(&value(name).unwrap_or_else(|| text[range.clone()].to_owned()));
        end = range.end;
    }
    filled + &text[end..]
}

impl TextPattern {
    /// Reads a text whose variables are already put in.
    pub(crate) fn read(text: &str) -> Result<Self, UnknownBlank> {
        let unknown = |name: &str| UnknownBlank { text: text.to_owned(), name: name.to_owned() };
        let (mut source, mut end) = (String::from("^"), 0);
        for (range, name, kept) in blanks(text) {
            source.push_str(&regex::escape(&text[end..range.start]));
            let (_, form) = BLANKS.iter().find(|(known, _)| *known == name).ok_or_else(|| unknown(name))?;
            let group = kept.map_or_else(|| "?:".to_owned(), |kept| format!("?P<{kept}>"));
            source.extend(["(", &group, form, ")"]);
            end = range.end;
        }
        source.push_str(&regex::escape(&text[end..]));
        source.push('$');
        let regex = Regex::new(&source).map_err(|error| unknown(&error.to_string()))?;
        Ok(Self { regex })
    }

    /// The captures when the whole of `actual` fits.
    pub(crate) fn fit(&self, actual: &str) -> Option<Captures> {
        let found = self.regex.captures(actual)?;
        let kept = self.regex.capture_names().flatten();
        Some(kept.filter_map(|name| Some((name.to_owned(), found.name(name)?.as_str().to_owned()))).collect())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn blanks_fit_their_form_only_and_keep_what_was_there() {
        let pattern = TextPattern::read("name=eth0,hwaddr={mac>mac1},ip=dhcp").unwrap();
        let kept = pattern.fit("name=eth0,hwaddr=BC:24:11:0A:0B:0C,ip=dhcp").unwrap();
        assert_eq!(kept["mac1"], "BC:24:11:0A:0B:0C");
        for other in ["name=eth0,hwaddr=bc:24:11:0a:0b:0c,ip=dhcp", "xname=eth0,hwaddr=BC:24:11:0A:0B:0C,ip=dhcp"] {
            assert!(pattern.fit(other).is_none(), "{other}");
        }
        assert!(TextPattern::read("{nosuch}").is_err());
    }

    #[test]
    fn variables_go_in_and_blanks_stay() {
        let filled = fill("{vm1}: {digest} {\"x\":1}", |name| (name == "vm1").then(|| "9000".to_owned()));
        assert_eq!(filled, "9000: {digest} {\"x\":1}");
        assert_eq!(names("{{guestname}} {vm1}"), [("vm1".to_owned(), None)]);
    }
}
