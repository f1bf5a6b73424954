//! Customize: the recipe's steps, then who may log in.

use std::collections::BTreeMap;

use spec::recipe::Step;

use super::access::{self, AccessError};
use super::create::Created;
use super::locked::{self, LockedError};
use crate::dossier::Dossier;
use crate::guest::{Inside, InsideError, ScratchGuest};
use crate::workshop::Workshop;

/// A build guest with the recipe's steps done.
pub struct Customized<'w> {
    pub(super) guest: ScratchGuest<'w>,
    pub(super) dossier: Dossier,
    /// Variables that steps set, for the checks.
    pub(super) variables: BTreeMap<String, String>,
}

/// Why the recipe's steps are not done.
#[derive(Debug, thiserror::Error)]
pub enum CustomizeError {
    /// A step failed.
    #[error("step[{number}] ({what}) failed")]
    Step {
        /// Its number, counted from 1 as in the recipe's messages.
        number: usize,
        /// What it was to do.
        what: String,
        /// Why.
        #[source]
        source: InsideError,
    },
    /// The access could not be set up.
    #[error("cannot set up the access")]
    Access(#[from] AccessError),
    /// The lock cannot be followed.
    #[error("cannot follow the lock")]
    Lock(#[from] LockedError),
}

impl<'w> Customized<'w> {
    /// Does the steps in their order.
    pub fn from(workshop: &'w Workshop<'w>, created: Created<'w>) -> Result<Self, CustomizeError> {
        let Created { guest, mut dossier } = created;
        let mut inside = guest.inside();
        // What would write down the current time writes this one instead.
        let mut variables = BTreeMap::from([("SOURCE_DATE_EPOCH".to_owned(), workshop.epoch.to_string())]);
        inside.set(&variables);
        let base = locked::begin(workshop, &inside, &mut dossier)?;
        let mut lists_are_fresh = false;
        for (index, step) in workshop.recipe.steps.iter().enumerate() {
            let what = in_words(step);
            workshop.progress.say(&what);
            if let Step::Env(new) = step {
                inside.set(new);
                variables.extend(new.clone());
            }
            if matches!(step, Step::Apt(_)) && !lists_are_fresh {
                update(&inside).map_err(|source| CustomizeError::Step {
                    number: index + 1,
                    what: what.clone(),
                    source,
                })?;
                locked::can_be_had(workshop, &inside, &base)?;
                lists_are_fresh = true;
            }
            let done = carry_out(workshop, &inside, step);
            done.map_err(|source| CustomizeError::Step { number: index + 1, what, source })?;
        }
        access::set_up(workshop, &inside)?;
        locked::end(workshop, &inside)?;
        drop(inside);
        Ok(Self { guest, dossier, variables })
    }
}

/// Fetches the archives' indices.
fn update(inside: &Inside<'_>) -> Result<(), InsideError> {
    Ok(inside.run(&["apt-get", "update", "--error-on=any"])?.ok().map(drop)?)
}

fn carry_out(workshop: &Workshop<'_>, inside: &Inside<'_>, step: &Step) -> Result<(), InsideError> {
    match step {
        Step::Apt(packages) => {
            let install = ["apt-get", "install", "--yes", "--no-install-recommends", "--"];
            let words: Vec<&str> = install.into_iter().chain(packages.iter().map(String::as_str)).collect();
            inside.run(&words)?.ok()?;
        }
        Step::Run(script) => {
            inside.script(script, workshop.recipe_dir)?.ok()?;
        }
        Step::Copy(file) => inside.copy(&workshop.beside_recipe(&file.from), &file.to, file.mode)?,
        Step::Env(_) => {}
    }
    Ok(())
}

fn in_words(step: &Step) -> String {
    match step {
        Step::Apt(packages) => format!("apt {}", packages.join(" ")),
        Step::Run(script) => format!("run {}", script.as_str()),
        Step::Copy(file) => format!("copy {} to {}", file.from, file.to),
        // Only the names: a value may be a secret.
        Step::Env(variables) => format!("env {}", variables.keys().cloned().collect::<Vec<_>>().join(" ")),
    }
}
