//! Words of a command line, taken apart as Perl's Getopt::Long does for Proxmox's tools. Pure.
//!
//! `--name value`, `-name value`, `--name=value`; names may be shortened as long as they stay unique, and their case
//! does not matter; operands may stand among options; what follows `--` is left alone.

/// An option that is known.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Known {
    /// Its name, without hyphens.
    pub(super) name: String,
    /// Whether it may stand without a value.
    pub(super) bare: bool,
}

/// What was found.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub(super) struct Found {
    /// Options in their order; one that stands without a value has an empty one.
    pub(super) options: Vec<(String, String)>,
    /// Words that belong to no option.
    pub(super) operands: Vec<String>,
    /// What is wrong, a line each.
    pub(super) complaints: Vec<String>,
}

/// Takes words apart.
pub(super) fn parse(words: &[String], known: &[Known]) -> Found {
    let mut found = Found::default();
    let mut words = words.iter().peekable();
    while let Some(word) = words.next() {
        if word == "--" {
            found.operands.extend(words.cloned());
            break;
        }
        let Some(word_name) = option_name(word) else {
            found.operands.push(word.clone());
            continue;
        };
        let (name, given) = match word_name.split_once('=') {
            Some((name, value)) if !name.is_empty() => (name, Some(value)),
            _ => (word_name, None),
        };
        let option = match lookup(name, known) {
            Ok(option) => option,
            Err(complaint) => {
                found.complaints.push(complaint);
                continue;
            }
        };
        let value = match given {
            Some("") => option.bare.then(String::new),
            Some(value) => Some(value.to_owned()),
            None if option.bare => {
                let value = words.next_if(|next| *next != "--" && option_name(next).is_none());
                Some(value.cloned().unwrap_or_default())
            }
            None => words.next().cloned(),
        };
        match value {
            Some(value) => found.options.push((option.name.clone(), value)),
            None => found.complaints.push(format!("Option {} requires an argument", option.name)),
        }
    }
    found
}

/// The name in a word that is an option. A lone hyphen is none.
fn option_name(word: &str) -> Option<&str> {
    let name = word.strip_prefix("--").or_else(|| word.strip_prefix('-'))?;
    (!name.is_empty()).then_some(name)
}

/// The option that a name means, whole or shortened.
fn lookup<'a>(name: &str, known: &'a [Known]) -> Result<&'a Known, String> {
    let wanted = name.to_lowercase();
    let fits = |option: &&Known| option.name.to_lowercase().starts_with(&wanted);
    if let Some(exact) = known.iter().find(|option| option.name.to_lowercase() == wanted) {
        return Ok(exact);
    }
    let mut hits: Vec<&Known> = known.iter().filter(fits).collect();
    match hits.as_slice() {
        [] => Err(format!("Unknown option: {wanted}")),
        [one] => Ok(one),
        _ => {
            hits.sort_by_key(|option| option.name.to_lowercase());
            let names: Vec<String> = hits.iter().map(|option| option.name.to_lowercase()).collect();
            Err(format!("Option {name} is ambiguous ({})", names.join(", ")))
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn found(line: &str) -> Found {
        let known = [("hostname", false), ("memory", false), ("force", true), ("forceStop", true), ("swap", false)];
        let known: Vec<Known> = known.map(|(name, bare)| Known { name: name.to_owned(), bare }).into();
        parse(&line.split(' ').map(str::to_owned).collect::<Vec<_>>(), &known)
    }

    fn pairs(found: &Found) -> Vec<(&str, &str)> {
        found.options.iter().map(|(name, value)| (name.as_str(), value.as_str())).collect()
    }

    #[test]
    fn options_take_every_form_and_leave_operands() {
        let all = found("101 --hostname acme -memory 64 local:x --swap=0 --force --hostname -b");
        assert_eq!(all.operands, ["101", "local:x"]);
        assert_eq!(
            pairs(&all),
            [("hostname", "acme"), ("memory", "64"), ("swap", "0"), ("force", ""), ("hostname", "-b")]
        );
        assert!(all.complaints.is_empty());
    }

    #[test]
    fn a_bare_option_takes_a_word_that_is_no_option() {
        assert_eq!(pairs(&found("--force 101")), [("force", "101")]);
        assert_eq!(pairs(&found("--force - -mem 1")), [("force", "-"), ("memory", "1")]);
        assert_eq!(found("--force -- a").operands, ["a"]);
    }

    #[test]
    fn names_are_shortened_in_any_case() {
        assert_eq!(pairs(&found("--HOST x --forces")), [("hostname", "x"), ("forceStop", "")]);
        assert_eq!(found("--h x --f").complaints, ["Option f is ambiguous (force, forcestop)"]);
    }

    #[test]
    fn what_is_wrong_is_told() {
        let wrong = found("--nosuch=1 --swap= --memory");
        assert_eq!(
            wrong.complaints,
            ["Unknown option: nosuch", "Option swap requires an argument", "Option memory requires an argument"]
        );
    }
}
