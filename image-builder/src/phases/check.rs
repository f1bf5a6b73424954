//! Check: what the recipe says must hold, in the running build guest.

use std::collections::BTreeMap;
use std::path::Path;

use pve_host::process::Finished;
use spec::compare::listening;
use spec::recipe::Script;
use spec::release::CheckResult;

use super::customize::Customized;
use crate::dossier::Dossier;
use crate::guest::{Inside, InsideError, ScratchGuest};
use crate::workshop::Workshop;

/// The longest script that the manifest keeps, in bytes.
const SCRIPT: usize = 64 << 10;
/// Lines of a check's output that the manifest keeps.
const LINES: usize = 20;
/// Characters of each of those lines.
const LINE: usize = 500;

/// A build guest that passed the recipe's checks.
pub struct Checked<'w> {
    pub(super) guest: ScratchGuest<'w>,
    pub(super) dossier: Dossier,
}

/// Why the checks are not passed.
#[derive(Debug, thiserror::Error)]
#[error("check[{number}] ({run}) failed")]
pub struct CheckError {
    /// Its number, counted from 1.
    pub number: usize,
    /// What was run.
    pub run: String,
    /// Why.
    #[source]
    pub source: InsideError,
}

impl<'w> Checked<'w> {
    /// Runs all checks; the first one that fails ends the build.
    pub fn from(workshop: &'w Workshop<'w>, customized: Customized<'w>) -> Result<Self, CheckError> {
        let Customized { guest, mut dossier, variables } = customized;
        let mut inside = guest.inside();
        inside.set(&variables);
        for (index, check) in workshop.recipe.checks.iter().enumerate() {
            let run = check.run.as_str().to_owned();
            workshop.progress.say(&run);
            let done = inside.script(&check.run, workshop.recipe_dir).and_then(|done| Ok(done.ok()?));
            match done {
                Ok(done) => {
                    let output = first_lines(&done.stdout);
                    dossier.checks.push(CheckResult { run, output, script: text(&check.run, workshop.recipe_dir) });
                }
                Err(source) => return Err(CheckError { number: index + 1, run, source }),
            }
        }
        dossier.listening = listens(workshop, &inside);
        drop(inside);
        Ok(Self { guest, dossier })
    }
}

/// What listens now that everything runs; a guest without `ss` cannot be asked, which is told and no failure.
fn listens(workshop: &Workshop<'_>, inside: &Inside<'_>) -> Option<BTreeMap<String, String>> {
    match inside.ask(&["ss", "-H", "-lntup"]).and_then(Finished::ok) {
        Ok(asked) => Some(listening(&asked.stdout)),
        Err(error) => {
            workshop.progress.warn(&format!("what listens in the build guest is not known: {error}"));
            None
        }
    }
}

/// A script's text, as far as a manifest can hold it: a drill runs it again.
fn text(script: &Script, recipe_dir: &Path) -> Option<String> {
    let Script::File(file) = script else { return None };
    // It has just been run: what cannot be read again, or is no text, a drill says that it could not run.
    std::fs::read_to_string(recipe_dir.join(file)).ok().filter(|text| text.len() <= SCRIPT)
}

fn first_lines(text: &str) -> String {
    let lines = text.trim_end().lines().take(LINES).map(|line| line.chars().take(LINE).collect::<String>());
    lines.collect::<Vec<_>>().join("\n")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_manifest_keeps_the_beginning_of_what_a_check_said() {
        assert_eq!(first_lines("overlayfs\n"), "overlayfs");
        let long = "line\n".repeat(100);
        assert_eq!(first_lines(&long).lines().count(), LINES);
        assert_eq!(first_lines(&"x".repeat(10_000)).len(), LINE);
    }
}
