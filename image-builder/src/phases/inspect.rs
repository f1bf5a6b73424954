//! Inspect: the archive is read back as a stranger would read it, and must be clean.

use std::path::Path;

use pve_archive::Inspection;
use spec::identity::{Finding, Verdict};
use spec::ids::{Sha256Hex, Volid};
use spec::recipe::Step;
use spec::release::Sizes;
use spec::software::DpkgError;

use super::budget::{self, BudgetError};
use super::pack::{Packed, UnpublishedArchive};
use super::strip::kept;
use crate::bill::Contents;
use crate::dossier::Dossier;
use crate::examination::{Examination, ExamineError, examine};
use crate::survey::{Survey, SurveyError, survey};
use crate::workshop::Workshop;

/// An archive that is proven to be a golden.
pub struct Inspected<'w> {
    pub(super) archive: UnpublishedArchive<'w>,
    pub(super) volid: Volid,
    pub(super) dossier: Dossier,
    pub(super) inspection: Inspection,
    pub(super) findings: Vec<Finding>,
    pub(super) sizes: Sizes,
    pub(super) contents: Contents,
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
    /// What it holds cannot be counted.
    #[error("cannot survey the build's own archive")]
    Survey(#[from] SurveyError),
    /// It is too big.
    #[error("the archive is too big")]
    Budget(#[from] BudgetError),
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
        let survey = survey(&archive.path)?;
        let contents = Contents::of(&survey).map_err(|source| unreadable(&archive.path, source))?;
        let sizes = sizes(workshop, &survey, &dossier);
        if let Some(warning) = budget::within(recipe, inspection.file_bytes, &sizes)? {
            workshop.progress.warn(&warning);
        }
        Ok(Self { archive, volid, dossier, inspection, findings, sizes, contents })
    }
}

impl Inspected<'_> {
    /// The archive's file; it goes with this, unless it is published.
    pub fn archive(&self) -> &Path {
        &self.archive.path
    }

    /// The digest of its tree.
    pub fn tree(&self) -> &Sha256Hex {
        &self.inspection.tree_sha256
    }
}

/// How big it is, and why.
fn sizes(workshop: &Workshop<'_>, survey: &Survey, dossier: &Dossier) -> Sizes {
    let copied: Vec<&str> = workshop.recipe.steps.iter().filter_map(copied).collect();
    Sizes {
        attribution: survey.attribution(&copied),
        minimized: dossier.minimized.clone(),
        unminimized_bytes: dossier.unminimized_bytes,
        before: budget::before(workshop),
    }
}

fn unreadable(archive: &Path, source: DpkgError) -> SurveyError {
    SurveyError::Software { path: archive.to_owned(), source }
}

/// Where a step puts a file.
fn copied(step: &Step) -> Option<&str> {
    match step {
        Step::Copy(file) => Some(&file.to),
        _ => None,
    }
}
