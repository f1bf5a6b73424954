//! Options in Proxmox's manner: `--key value`, `-key value`, `--key=value`, and booleans without a value. Pure.

use std::collections::BTreeMap;

/// Words, sorted into operands and options; what follows `--` are operands of their own.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub(super) struct Options {
    /// Words that belong to no option.
    pub(super) operands: Vec<String>,
    /// Options by name.
    pub(super) named: BTreeMap<String, String>,
    /// The words behind `--`.
    pub(super) rest: Vec<String>,
}

/// Sorts words. `switches` may stand without a value and then mean `1`.
pub(super) fn parse(words: &[String], switches: &[&str]) -> Options {
    let mut options = Options::default();
    let mut words = words.iter().map(String::as_str).peekable();
    while let Some(word) = words.next() {
        if word == "--" {
            options.rest = words.map(str::to_owned).collect();
            break;
        }
        let Some(name) = word.strip_prefix("--").or_else(|| word.strip_prefix('-')).filter(|name| !name.is_empty())
        else {
            options.operands.push(word.to_owned());
            continue;
        };
        let is_switch = |name: &str| switches.contains(&name);
        let (name, value) = match name.split_once('=') {
            Some((name, value)) => (name, value),
            None if is_switch(name) => (name, words.next_if(|next| truth(next).is_some()).unwrap_or("1")),
            None => (name, words.next().unwrap_or_default()),
        };
        let value = truth(value).filter(|_| is_switch(name)).unwrap_or(value).to_owned();
        options.named.insert(name.to_owned(), value);
    }
    options
}

/// A boolean's word as the API would have it; the command line takes more of them.
fn truth(word: &str) -> Option<&'static str> {
    match word.to_ascii_lowercase().as_str() {
        "1" | "yes" | "on" | "true" => Some("1"),
        "0" | "no" | "off" | "false" => Some("0"),
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn parsed(line: &str) -> Options {
        let words: Vec<String> = line.split(' ').map(str::to_owned).collect();
        parse(&words, &["force", "restore", "keep-env"])
    }

    #[test]
    fn options_take_all_of_proxmox_forms() {
        let options = parsed("9101 local:x --hostname acme -memory 64 --force --swap=0 --restore no");
        assert_eq!(options.operands, ["9101", "local:x"]);
        let named: Vec<(&str, &str)> = options.named.iter().map(|(k, v)| (k.as_str(), v.as_str())).collect();
        assert_eq!(named, [("force", "1"), ("hostname", "acme"), ("memory", "64"), ("restore", "0"), ("swap", "0")]);
    }

    #[test]
    fn words_behind_two_hyphens_are_left_alone() {
        let options = parsed("9101 --keep-env 0 -- ls -l --color");
        assert_eq!((options.operands.len(), options.rest.join(" ").as_str()), (1, "ls -l --color"));
    }
}
