//! `pvesh`: any call of the API, made by root at the node.

mod call;
mod list;
mod results;

use super::dispatch::{Failure, out};
use super::{exit, usage};
use crate::error::Die;
use crate::state::Node;

/// What is done with a path, in the order in which it is told.
const COMMANDS: &[&str] = &["create", "delete", "get", "ls", "set", "usage"];

/// Carries out what the words ask for.
pub(super) fn run(node: &Node, words: &[String]) -> Result<u8, Failure> {
    let mut words = words;
    let mut quiet = false;
    while let Some((first, rest)) =
        words.split_first().filter(|(first, _)| matches!(first.as_str(), "--noproxy" | "--nooutput"))
    {
        quiet |= first == "--nooutput";
        words = rest;
    }
    let unknown = |why: String| Failure::NoCommand { why, usage: overview() };
    let Some((word, rest)) = words.split_first() else { return Err(unknown("no command specified".to_owned())) };
    match named(word) {
        Some("ls") => list::run(node, rest),
        Some("usage") => told(rest),
        Some(name) => call::run(node, name, rest, quiet),
        None if word == "help" => {
            out(&overview());
            Ok(exit::OK)
        }
        None => Err(unknown(format!("unknown command 'pvesh {word}'"))),
    }
}

/// The command of this name, or the only one that begins so.
fn named(word: &str) -> Option<&'static str> {
    let mut begun = COMMANDS.iter().copied().filter(|name| name.starts_with(word));
    let first = begun.next();
    let exact = COMMANDS.iter().copied().find(|name| *name == word);
    exact.or(first.filter(|_| begun.next().is_none()))
}

fn overview() -> String {
    let line = |name: &&str| {
        format!("       pvesh {name} <api_path> [OPTIONS]{}\n", if *name == "usage" { "" } else { " [FORMAT_OPTIONS]" })
    };
    let lines: Vec<String> = COMMANDS.iter().map(line).collect();
    format!(
        "USAGE: pvesh <COMMAND> [ARGS] [OPTIONS]\n\n{}\n       pvesh help [<extra-args>] [OPTIONS]\n",
        lines.concat()
    )
}

/// How the calls on a path are made.
fn told(words: &[String]) -> Result<u8, Failure> {
    let Some(path) = words.iter().find(|word| !word.starts_with('-')) else {
        let usage = "pvesh usage <api_path> [OPTIONS]\n".to_owned();
        return Err(Failure::Misused { text: "not enough arguments".to_owned(), usage });
    };
    let wanted = words.iter().skip_while(|word| !matches!(word.as_str(), "--command" | "-command")).nth(1);
    let mut found = false;
    for name in ["get", "set", "create", "delete"] {
        if wanted.is_some_and(|wanted| wanted != name) {
            continue;
        }
        if let Some(target) = call::Target::of(name, path) {
            found = true;
            out(&format!("USAGE: {}", usage::line(&format!("pvesh {name} {path}"), &target.command(&[], false))));
        }
    }
    match (found, wanted) {
        (true, _) => Ok(exit::OK),
        (false, Some(wanted)) => Err(Die::text(format!("no '{wanted}' handler for '{path}'")).into()),
        (false, None) => Err(Die::text(format!("no such resource '{path}'")).into()),
    }
}
