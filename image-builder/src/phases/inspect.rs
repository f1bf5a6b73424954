//! Inspect: the archive is read back as a stranger would read it, and must be clean.

use pve_archive::Inspection;
use spec::identity::{Finding, Verdict};
use spec::ids::Volid;
use spec::pct::DiskSize;

use super::pack::{Packed, UnpublishedArchive};
use super::strip::kept;
use crate::dossier::Dossier;
use crate::examination::{Examination, ExamineError, examine};
use crate::workshop::Workshop;

/// An archive that is proven to be a golden.
pub struct Inspected<'w> {
    pub(super) archive: UnpublishedArchive<'w>,
    pub(super) volid: Volid,
    pub(super) dossier: Dossier,
    pub(super) inspection: Inspection,
    pub(super) findings: Vec<Finding>,
}

/// Why it is none.
#[derive(Debug, thiserror::Error)]
pub enum InspectError {
    /// It cannot be read, or not be used at all.
    #[error("the build's own archive cannot be examined")]
    Examine(#[from] ExamineError),
    /// It holds what a golden must not hold.
    #[error("the archive is no golden:\n  {}", .0.join("\n  "))]
    NotClean(Vec<String>),
    /// Its configuration is not where vzdump writes it.
    #[error("the configuration is member {position} of the archive, and must be the first")]
    ConfNotFirst {
        /// Where it is.
        position: u64,
    },
    /// It is bigger than the recipe allows.
    #[error("the archive has {bytes} bytes, {over} more than release.size_budget = {budget} allows")]
    OverBudget {
        /// Its bytes.
        bytes: u64,
        /// The bytes that are too many.
        over: u64,
        /// The recipe's limit.
        budget: DiskSize,
    },
}

impl<'w> Inspected<'w> {
    /// Reads the archive once and judges it.
    pub fn from(workshop: &'w Workshop<'w>, packed: Packed<'w>) -> Result<Self, InspectError> {
        let Packed { archive, volid, dossier } = packed;
        let recipe = workshop.recipe;
        let examination = examine(&archive.path, workshop.catalog, Some(recipe.clean.machine_id), &kept(recipe))?;
        if examination.verdict != Verdict::Pass {
            return Err(InspectError::NotClean(examination.complaints()));
        }
        let Examination { inspection, findings, .. } = examination;
        if inspection.conf_position != 1 {
            return Err(InspectError::ConfNotFirst { position: inspection.conf_position });
        }
        within_budget(inspection.file_bytes, recipe.release.size_budget)?;
        Ok(Self { archive, volid, dossier, inspection, findings })
    }
}

fn within_budget(bytes: u64, budget: Option<DiskSize>) -> Result<(), InspectError> {
    match budget {
        Some(budget) if bytes > budget.bytes() => {
            Err(InspectError::OverBudget { bytes, over: bytes - budget.bytes(), budget })
        }
        _ => Ok(()),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_budget_is_a_limit_to_the_byte() {
        let budget: DiskSize = "400M".parse().unwrap();
        assert!(within_budget(u64::MAX, None).is_ok());
        assert!(within_budget(400 << 20, Some(budget)).is_ok());
        let error = within_budget((400 << 20) + 1, Some(budget)).unwrap_err();
        assert_eq!(error.to_string(), "the archive has 419430401 bytes, 1 more than release.size_budget = 400M allows");
    }
}
