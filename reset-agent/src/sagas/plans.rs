//! Every plan that a journal may name.

use saga::{Header, Plan, PlanError};

use super::{claim, destroy, orphan, provision, recover, stock, warm};
use crate::context::Context;

/// All plans of this program, by name. A run is taken up by the plan that its journal names.
pub struct Plans(Vec<Plan<Context>>);

impl From<Vec<Plan<Context>>> for Plans {
    /// These and no others: for whoever puts an agent together from parts.
    fn from(plans: Vec<Plan<Context>>) -> Self {
        Self(plans)
    }
}

impl Plans {
    /// All of them.
    pub fn all() -> Self {
        Self(vec![provision(), recover(), destroy(), warm(), orphan(), stock(), claim()])
    }

    /// The plan of this name.
    pub fn named(&self, name: &str) -> Option<&Plan<Context>> {
        self.0.iter().find(|plan| plan.name() == name)
    }

    /// The plan that a run follows.
    ///
    /// # Errors
    /// [`PlanError::Unknown`], [`PlanError::Mismatch`].
    pub fn of(&self, header: &Header) -> Result<&Plan<Context>, PlanError> {
        let unknown = || PlanError::Unknown { run: header.run.clone(), plan: header.plan.clone() };
        let plan = self.named(&header.plan).ok_or_else(unknown)?;
        plan.check_fits(header)?;
        Ok(plan)
    }

    /// One after the other.
    pub fn iter(&self) -> impl Iterator<Item = &Plan<Context>> {
        self.0.iter()
    }
}
