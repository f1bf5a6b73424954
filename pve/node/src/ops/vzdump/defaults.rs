//! `vzdump.conf`: what holds where a job does not say otherwise. Reading and showing it is pure.

use std::collections::BTreeMap;
use std::fs;

use serde_json::{Map, Value, json};

use crate::state::Node;

/// What Proxmox does where nobody has said anything.
const BUILT_IN: [(&str, &str); 16] = [
    ("all", "0"),
    ("bwlimit", "0"),
    ("compress", "0"),
    ("ionice", "7"),
    ("lockwait", "180"),
    ("mailnotification", "always"),
    ("mode", "snapshot"),
    ("notification-mode", "auto"),
    ("pigz", "0"),
    ("prune-backups", "keep-all=1"),
    ("quiet", "0"),
    ("remove", "1"),
    ("stdexcludes", "1"),
    ("stop", "0"),
    ("stopwait", "10"),
    ("zstd", "1"),
];

/// What else may stand in the file.
const OTHERS: [&str; 11] = [
    "dumpdir",
    "exclude-path",
    "fleecing",
    "mailto",
    "notes-template",
    "performance",
    "pool",
    "protected",
    "script",
    "storage",
    "tmpdir",
];

/// The defaults of a node.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Defaults {
    values: BTreeMap<String, String>,
    exclude_paths: Vec<String>,
}

impl Defaults {
    /// Those of this node, read now.
    pub fn read(node: &Node) -> Self {
        Self::parse(&fs::read_to_string(node.layout.vzdump_conf()).unwrap_or_default())
    }

    /// Reads `key: value` lines; what makes no sense is passed over, as by Proxmox.
    fn parse(text: &str) -> Self {
        let mut values: BTreeMap<String, String> =
            BUILT_IN.iter().map(|(key, value)| ((*key).to_owned(), (*value).to_owned())).collect();
        let lines = text.lines().map(str::trim).filter(|line| !line.is_empty() && !line.starts_with('#'));
        for (key, value) in lines.filter_map(|line| line.split_once(':')) {
            let (key, value) = (key.trim(), value.trim());
            let known = OTHERS.contains(&key) || BUILT_IN.iter().any(|(built_in, _)| *built_in == key);
            if known && !value.is_empty() {
                values.insert(key.to_owned(), truth(key, value).to_owned());
            }
        }
        if values.contains_key("storage") {
            values.remove("dumpdir");
        }
        let exclude_paths = values.remove("exclude-path").map(|text| words(&text)).unwrap_or_default();
        Self { values, exclude_paths }
    }

    /// A default.
    pub fn get(&self, key: &str) -> Option<&str> {
        self.values.get(key).map(String::as_str)
    }

    /// Patterns that are always left out.
    pub(super) fn exclude_paths(&self) -> &[String] {
        &self.exclude_paths
    }

    /// All but those that answer to a storage or directory, which go together.
    pub(super) fn values(&self) -> &BTreeMap<String, String> {
        &self.values
    }

    /// As `vzdump/defaults` shows them, numbers as numbers.
    pub fn shown(&self) -> Map<String, Value> {
        let mut shown: Map<String, Value> =
            self.values.iter().map(|(key, value)| (key.clone(), typed(key, value))).collect();
        if !self.exclude_paths.is_empty() {
            shown.insert("exclude-path".to_owned(), json!(self.exclude_paths.join(",")));
        }
        shown.insert(
            "performance".to_owned(),
            self.properties("performance", &[("max-workers", 16), ("pbs-entries-max", 1_048_576)]),
        );
        shown.insert("fleecing".to_owned(), self.properties("fleecing", &[("enabled", 0)]));
        shown
    }

    /// A property string as an object, its own defaults filled in.
    fn properties(&self, key: &str, defaults: &[(&str, u64)]) -> Value {
        let mut object: Map<String, Value> =
            defaults.iter().map(|(key, value)| ((*key).to_owned(), json!(value))).collect();
        for (key, value) in self.get(key).unwrap_or_default().split(',').filter_map(|part| part.split_once('=')) {
            let value = value.parse::<u64>().map_or_else(|_| json!(value), |number| json!(number));
            object.insert(key.trim().to_owned(), value);
        }
        Value::Object(object)
    }
}

fn truth<'a>(key: &str, value: &'a str) -> &'a str {
    let flag = ["all", "protected", "quiet", "remove", "stdexcludes", "stop"].contains(&key);
    match value {
        "yes" | "on" | "true" if flag => "1",
        "no" | "off" | "false" if flag => "0",
        _ => value,
    }
}

fn typed(key: &str, value: &str) -> Value {
    let text = ["compress", "dumpdir", "storage", "tmpdir", "script", "pool", "mailto", "notes-template"];
    match value.parse::<u64>() {
        Ok(number) if !text.contains(&key) => json!(number),
        _ => json!(value),
    }
}

/// Words as a shell parts them: blanks part, quotes hold together.
fn words(text: &str) -> Vec<String> {
    let (mut words, mut word, mut quote) = (Vec::new(), String::new(), None);
    for c in text.chars() {
        match quote {
            Some(open) if c == open => quote = None,
            None if matches!(c, '\'' | '"') => quote = Some(c),
            None if c.is_whitespace() => words.push(std::mem::take(&mut word)),
            _ => word.push(c),
        }
    }
    words.push(word);
    words.retain(|word| !word.is_empty());
    words
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_empty_file_gives_proxmox_own_defaults() {
        let shown = Value::Object(Defaults::parse("").shown());
        let recorded = json!({"notification-mode":"auto","mailnotification":"always","bwlimit":0,"stop":0,"lockwait":180,
            "prune-backups":"keep-all=1","remove":1,"stopwait":10,"performance":{"max-workers":16,"pbs-entries-max":1_048_576},
            "ionice":7,"fleecing":{"enabled":0},"quiet":0,"zstd":1,"mode":"snapshot","all":0,"stdexcludes":1,"pigz":0,
            "compress":"0"});
        assert_eq!(shown, recorded);
    }

    #[test]
    fn a_file_says_otherwise() {
        let defaults = Defaults::parse(
            "# mine\nmode: stop\nbwlimit: 5000\nstorage: second\ndumpdir: /x\nremove: no\n\
                                        exclude-path: /a '/b c' \"*.pyc\"\nbogus: 1\ncompress: 1\n",
        );
        assert_eq!(
            (defaults.get("mode"), defaults.get("remove"), defaults.get("bogus")),
            (Some("stop"), Some("0"), None)
        );
        assert_eq!((defaults.get("dumpdir"), defaults.get("storage")), (None, Some("second")));
        assert_eq!(defaults.exclude_paths(), ["/a", "/b c", "*.pyc"]);
        let shown = defaults.shown();
        assert_eq!((&shown["bwlimit"], &shown["compress"]), (&json!(5000), &json!("1")));
        assert_eq!(shown["exclude-path"], json!("/a,/b c,*.pyc"));
    }
}
