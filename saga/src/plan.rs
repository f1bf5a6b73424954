//! Steps in order, under a name and a version.

use std::fmt;

use thiserror::Error;

use crate::event::Header;
use crate::step::{AnyStep, Step};

/// Why a plan cannot be followed.
#[derive(Debug, Clone, PartialEq, Eq, Error)]
pub enum PlanError {
    /// A plan without steps would end before it began.
    #[error("plan `{plan}` has no steps")]
    Empty {
        /// The plan.
        plan: String,
    },
    /// Journals know steps by name.
    #[error("plan `{plan}` has two steps named `{step}`")]
    DuplicateStep {
        /// The plan.
        plan: String,
        /// The name given twice.
        step: String,
    },
    /// No plan of this program has the run's name.
    #[error(
        "run `{run}` follows plan `{plan}`, which this program does not know: finish it with the program that began it"
    )]
    Unknown {
        /// The run.
        run: String,
        /// The plan in its journal.
        plan: String,
    },
    /// The run was begun by another plan, or another version of this one.
    #[error(
        "run `{run}` follows plan `{found}` version {found_version}, not `{plan}` version {version}: \
         finish it with the program that began it"
    )]
    Mismatch {
        /// The run.
        run: String,
        /// The plan in its journal.
        found: String,
        /// That plan's version.
        found_version: u32,
        /// The plan at hand.
        plan: String,
        /// The version at hand.
        version: u32,
    },
}

/// What a run will do: a list of steps that reads as one.
pub struct Plan<C> {
    name: &'static str,
    version: u32,
    steps: Vec<Box<dyn AnyStep<C>>>,
}

impl<C> Plan<C> {
    /// A plan without steps yet. Raise the version whenever the steps, their order or their outputs change.
    pub fn new(name: &'static str, version: u32) -> Self {
        Self { name, version, steps: Vec::new() }
    }

    /// Adds the next step.
    #[must_use]
    pub fn then(mut self, step: impl Step<C> + 'static) -> Self {
        self.steps.push(Box::new(step));
        self
    }

    /// The plan's name.
    pub fn name(&self) -> &'static str {
        self.name
    }

    /// The plan's version.
    pub fn version(&self) -> u32 {
        self.version
    }

    /// The steps' names, in order.
    pub fn step_names(&self) -> impl Iterator<Item = &'static str> {
        self.steps.iter().map(|step| step.name())
    }

    pub(crate) fn step(&self, index: usize) -> &dyn AnyStep<C> {
        self.steps[index].as_ref()
    }

    /// Wraps every step: for fault injection.
    #[cfg(feature = "testing")]
    pub(crate) fn map(self, wrap: impl Fn(usize, Box<dyn AnyStep<C>>) -> Box<dyn AnyStep<C>>) -> Self {
        let steps = self.steps.into_iter().enumerate().map(|(i, step)| wrap(i, step)).collect();
        Self { steps, ..self }
    }

    /// Refuses a plan that journals could not follow.
    ///
    /// # Errors
    /// [`PlanError::Empty`], [`PlanError::DuplicateStep`].
    pub fn check(&self) -> Result<(), PlanError> {
        let names: Vec<_> = self.step_names().collect();
        let twice = names.iter().enumerate().find(|(i, name)| names[..*i].contains(name));
        match (names.is_empty(), twice) {
            (true, _) => Err(PlanError::Empty { plan: self.name.to_owned() }),
            (_, Some((_, step))) => {
                Err(PlanError::DuplicateStep { plan: self.name.to_owned(), step: (*step).to_owned() })
            }
            _ => Ok(()),
        }
    }

    /// Refuses a run that another plan, or another version of this one, began.
    ///
    /// # Errors
    /// [`PlanError::Mismatch`].
    pub fn check_fits(&self, header: &Header) -> Result<(), PlanError> {
        let same_steps = header.steps.iter().map(String::as_str).eq(self.step_names());
        if header.plan == self.name && header.version == self.version && same_steps {
            return Ok(());
        }
        Err(PlanError::Mismatch {
            run: header.run.clone(),
            found: header.plan.clone(),
            found_version: header.version,
            plan: self.name.to_owned(),
            version: self.version,
        })
    }
}

impl<C> fmt::Debug for Plan<C> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} v{}: ", self.name, self.version)?;
        f.debug_list().entries(self.step_names()).finish()
    }
}
