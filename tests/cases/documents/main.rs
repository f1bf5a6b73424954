//! The documentation, held to the programs: every command in it is one that they take, every verb is shown somewhere,
//! every target is one of the Makefile's, every link leads somewhere.
#![expect(clippy::unwrap_used, reason = "a test says what it found by failing")]

mod command;
mod links;
mod page;

use std::collections::BTreeSet;

use clap::{CommandFactory, Parser};
use page::{Page, pages, repository};

/// The commands of all pages that begin with that program, each with where it stands.
fn shown(program: &str) -> Vec<(String, Vec<String>)> {
    let commands = pages().into_iter().flat_map(|page| page.commands());
    commands.filter(|(_, words)| words.first().is_some_and(|word| word == program)).collect()
}

/// Fails unless every command parses, and every verb is shown.
fn holds<P: Parser + CommandFactory>(program: &str) {
    let shown = shown(program);
    assert!(shown.len() > 5, "few commands of {program} are found: {shown:?}");
    let mut wrong = Vec::new();
    for (place, words) in &shown {
        if let Err(error) = P::try_parse_from(words).map(drop) {
            wrong.push(format!("{place}: {}\n{error}", words.join(" ")));
        }
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
    let verbs: BTreeSet<&str> = shown.iter().filter_map(|(_, words)| words.get(1)).map(String::as_str).collect();
    let command = P::command();
    let silent = command.get_subcommands().map(clap::Command::get_name).filter(|verb| !verbs.contains(verb));
    let silent: Vec<&str> = silent.collect();
    assert!(silent.is_empty(), "no page shows how to use these verbs of {program}: {silent:?}");
}

#[test]
fn s2_16_every_command_of_the_builder_in_the_documentation_is_one_and_every_verb_is_shown() {
    holds::<image_builder::cli::Arguments>("image-builder");
}

#[test]
fn s2_16_every_command_of_the_agent_in_the_documentation_is_one_and_every_verb_is_shown() {
    holds::<reset_agent::cli::Cli>("reset-agent");
}

#[test]
fn s2_24_every_target_in_the_documentation_is_the_makefiles() {
    let makefile = std::fs::read_to_string(repository().join("Makefile")).unwrap();
    let targets: BTreeSet<&str> =
        makefile.lines().filter(|line| line.contains(" ## ")).filter_map(|line| line.split(':').next()).collect();
    assert!(targets.contains("demo"), "{targets:?}");
    for (place, words) in shown("make") {
        for target in words[1..].iter().filter(|word| !word.contains('=')) {
            assert!(targets.contains(target.as_str()), "{place}: the Makefile has no target {target}");
        }
    }
}

#[test]
fn s2_24_every_link_in_the_documentation_leads_somewhere() {
    let dead: Vec<String> = pages().iter().flat_map(Page::dead_links).collect();
    assert!(dead.is_empty(), "{}", dead.join("\n"));
}
