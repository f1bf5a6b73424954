//! A list as written: TOML with a `[[guest]]` for each customer, or a JSON object a line.

use serde::Deserialize;
use spec::ids::Hostname;
use spec::pct::DiskSize;
use toml::Spanned;

use crate::request::{ProvisionRequest, hostname_of};
use crate::volume::{self, Volumes};

/// One customer of the list.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Entry {
    /// The line that it begins on, from 1.
    pub line: usize,
    /// What is asked for.
    pub request: ProvisionRequest,
}

/// What is wrong with a list: every line of it, not the first alone.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("the list is not accepted: {}", .reasons.join("; "))]
pub struct BadList {
    /// One reason each, beginning with its line.
    pub reasons: Vec<String>,
}

/// How a list is written.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Form {
    /// `[[guest]]` tables.
    Toml,
    /// A JSON object a line; empty lines are skipped.
    JsonLines,
}

impl Form {
    /// By the end of the file's name.
    pub fn of(path: &std::path::Path) -> Self {
        let json = path.extension().is_some_and(|extension| extension == "jsonl" || extension == "json");
        if json { Self::JsonLines } else { Self::Toml }
    }
}

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
struct File {
    #[serde(default)]
    guest: Vec<Spanned<Written>>,
}

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
struct Written {
    customer: String,
    golden: String,
    hostname: Option<String>,
    size: Option<String>,
    #[serde(default)]
    volumes: Vec<volume::Written>,
    #[serde(default)]
    checks: Vec<String>,
    #[serde(default)]
    cold: bool,
}

/// Reads a list. `size` is the root disk of who names none.
///
/// # Errors
/// [`BadList`] with every line that is not accepted; an empty list is none.
pub fn read(text: &str, form: Form, size: DiskSize) -> Result<Vec<Entry>, BadList> {
    let written = match form {
        Form::Toml => tables(text)?,
        Form::JsonLines => lines(text)?,
    };
    if written.is_empty() {
        let reasons = vec!["it names no guest: write [[guest]] tables, or a JSON object a line".to_owned()];
        return Err(BadList { reasons });
    }
    let mut reasons = Vec::new();
    let mut entries = Vec::new();
    for (line, guest) in written {
        match accepted(guest, size) {
            Ok(request) => entries.push(Entry { line, request }),
            Err(why) => reasons.push(format!("line {line}: {why}")),
        }
    }
    if reasons.is_empty() { Ok(entries) } else { Err(BadList { reasons }) }
}

fn tables(text: &str) -> Result<Vec<(usize, Written)>, BadList> {
    let file: File = toml::from_str(text).map_err(|error: toml::de::Error| {
        let line = error.span().map_or(1, |span| line_at(text, span.start));
        BadList { reasons: vec![format!("line {line}: {}", error.message())] }
    })?;
    Ok(file.guest.into_iter().map(|guest| (line_at(text, guest.span().start), guest.into_inner())).collect())
}

fn line_at(text: &str, offset: usize) -> usize {
    text.bytes().take(offset).filter(|byte| *byte == b'\n').count() + 1
}

fn lines(text: &str) -> Result<Vec<(usize, Written)>, BadList> {
    let mut reasons = Vec::new();
    let mut all = Vec::new();
    for (number, line) in text.lines().enumerate().filter(|(_, line)| !line.trim().is_empty()) {
        match serde_json::from_str(line) {
            Ok(written) => all.push((number + 1, written)),
            Err(error) => reasons.push(format!("line {}: {error}", number + 1)),
        }
    }
    if reasons.is_empty() { Ok(all) } else { Err(BadList { reasons }) }
}

fn accepted(written: Written, size: DiskSize) -> Result<ProvisionRequest, String> {
    let customer = written.customer.parse().map_err(|error| format!("customer: {error}"))?;
    let hostname: Hostname = match &written.hostname {
        Some(name) => name.parse().map_err(|error| format!("hostname: {error}"))?,
        None => hostname_of(&customer)
            .map_err(|_| format!("customer: {customer} is no hostname: give one as `hostname`"))?,
    };
    let size = match &written.size {
        Some(size) => size.parse().map_err(|error| format!("size: {error}"))?,
        None => size,
    };
    let volumes = Volumes::try_from(written.volumes).map_err(|error| format!("volumes: {error}"))?;
    let golden = written.golden.parse().map_err(|error| format!("golden: {error}"))?;
    let (checks, cold) = (written.checks, written.cold);
    Ok(ProvisionRequest { customer, golden, hostname, size, volumes, checks, cold, hold_after: None })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn size() -> DiskSize {
        "8G".parse().unwrap()
    }

    #[test]
    fn both_forms_say_the_same() {
        let toml = "[[guest]]\ncustomer = \"acme\"\ngolden = \"debian13\"\n\n[[guest]]\ncustomer = \"globex\"\n\
                    golden = \"debian13/canary\"\nhostname = \"web.globex\"\nsize = \"20G\"\n";
        let json = "{\"customer\":\"acme\",\"golden\":\"debian13\"}\n\n\
                    {\"customer\":\"globex\",\"golden\":\"debian13/canary\",\"hostname\":\"web.globex\",\"size\":\"20G\"}\n";
        let toml = read(toml, Form::Toml, size()).unwrap();
        let json = read(json, Form::JsonLines, size()).unwrap();
        assert_eq!(toml.iter().map(|entry| entry.line).collect::<Vec<_>>(), [1, 5]);
        assert_eq!(json.iter().map(|entry| entry.line).collect::<Vec<_>>(), [1, 3]);
        let requests = |entries: Vec<Entry>| entries.into_iter().map(|entry| entry.request).collect::<Vec<_>>();
        assert_eq!(requests(toml), requests(json));
    }

    #[test]
    fn volumes_are_read_and_refused_by_name() {
        let list = |path: &str| {
            let toml = format!(
                "[[guest]]\ncustomer = \"acme\"\ngolden = \"g\"\nvolumes = [{{ path = \"{path}\", size = \"10G\" }}]\n"
            );
            read(&toml, Form::Toml, size())
        };
        let entries = list("/srv").unwrap();
        assert_eq!(entries[0].request.volumes.iter().map(ToString::to_string).collect::<Vec<_>>(), ["/srv=10G"]);
        let error = list("/etc").unwrap_err();
        assert!(error.reasons[0].starts_with("line 1: volumes: no volume can be mounted at \"/etc\""), "{error}");
    }

    #[test]
    fn every_bad_line_is_told_with_its_field() {
        let json = "{\"customer\":\"a b\",\"golden\":\"g\"}\n{\"customer\":\"x_y\",\"golden\":\"g\"}\n\
                    {\"customer\":\"ok\",\"golden\":\"g\",\"size\":\"many\"}";
        let error = read(json, Form::JsonLines, size()).unwrap_err();
        let begins: Vec<&str> = error.reasons.iter().map(|reason| &reason[..16]).collect();
        assert_eq!(begins, ["line 1: customer", "line 2: customer", "line 3: size: \"m"]);
        let toml =
            read("[[guest]]\ncustomer = \"a\"\ngolden = \"g\"\nsise = \"1G\"\n", Form::Toml, size()).unwrap_err();
        assert!(toml.to_string().contains("sise"), "{toml}");
        assert!(read("", Form::Toml, size()).is_err());
    }
}
