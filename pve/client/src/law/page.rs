//! The law as a page for people: `docs/reference/retry-law.md` is this text, and a test holds them together.

use std::fmt::Write;

use super::rule::{Look, Rule, Twice};
use super::table::RULES;
use crate::answer::Meaning;

const HEAD: &str = "# The retry law

Made from `pve/client/src/law/table.rs`; `BLESS=1 cargo test -p pve-client` writes it anew. Every call obeys it.

What follows from a failure is decided by its class, and the class by what the node said (reason phrase and body), or by
what became of the connection:

| Class | Means | Next |
|---|---|---|
| transient | nothing happened, and it may pass: a lock, no quorum, 429, 503, nobody there | the same again with growing, jittered pauses, 75 s in all |
| ambiguous | it may have happened: 595 to 599, a broken connection, no answer in time, words that are not understood, a worker that vanished | look first, never send again blindly |
| conflict | the world is not as it was believed: another digest, a VMID taken | look, and decide anew |
| permanent | it will never work like this | undo |
| authority | the token does not reach: 401, 403, another certificate | park; `doctor` names what to grant |
| operator | only a person on the node can move it: a lock that a killed worker left, a broken disk | park, with the command |

A read is asked for up to three times on its own. A change is sent once, on a connection of its own; what stands below
decides about a second time.

| Call | Sent twice | Done already when | After an unclear answer | Safe because |
|---|---|---|---|---|
";

/// The law as Markdown.
pub(super) fn page() -> String {
    let mut text = HEAD.to_owned();
    let (reads, changes): (Vec<&Rule>, Vec<&Rule>) = RULES.iter().partition(|rule| rule.twice == Twice::Reads);
    for rule in changes {
        let done: Vec<&str> = rule.done.iter().map(done_in_words).collect();
        // Writing to a String cannot fail.
        let _ = writeln!(
            text,
            "| `{} {}` | {} | {} | {} | {} |",
            rule.call.verb,
            rule.call.path,
            twice_in_words(rule.twice),
            done.join(", "),
            look_in_words(rule.look),
            rule.safe,
        );
    }
    let _ = writeln!(text, "\nReads:\n");
    for rule in reads {
        let _ = writeln!(text, "- `{} {}`", rule.call.verb, rule.call.path);
    }
    text
}

fn twice_in_words(twice: Twice) -> &'static str {
    match twice {
        Twice::Reads => "reads",
        Twice::Same => "same end",
        Twice::Guarded => "one gets through",
        Twice::Doubles => "done twice",
    }
}

fn look_in_words(look: Look) -> String {
    match look {
        Look::Again => "ask again".to_owned(),
        Look::Task(kind) => format!("own task `{kind}`, then the guest"),
        Look::Config => "read the configuration".to_owned(),
        Look::List => "read the list".to_owned(),
    }
}

fn done_in_words(meaning: &Meaning) -> &'static str {
    match meaning {
        Meaning::AlreadyRunning => "it runs",
        Meaning::NotRunning => "it does not run",
        Meaning::SizeAlready => "it has that size",
        Meaning::GuestMissing | Meaning::SnapshotMissing | Meaning::VolumeMissing => "it is not there",
        Meaning::IsTemplate => "it is one",
        Meaning::UnknownTask => "nobody knows it",
        _ => "the node says so",
    }
}

#[cfg(test)]
mod tests {
    use std::path::Path;

    use super::*;

    #[test]
    fn the_printed_page_is_the_table() {
        let file = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../docs/reference/retry-law.md");
        if std::env::var_os("BLESS").is_some() {
            std::fs::write(&file, page()).unwrap();
        }
        let printed = std::fs::read_to_string(&file).unwrap_or_default();
        assert!(printed == page(), "stale: BLESS=1 cargo test -p pve-client writes it anew");
    }
}
