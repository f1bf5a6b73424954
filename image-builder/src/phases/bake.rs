//! Bake: the first-boot unit goes in, and the tree is judged before it is archived: what is left in it, and what the
//! first boot of a guest will do.

use firstboot_unit::bake::{self, BakeOptions, bake};
use firstboot_unit::observe::observe;
use firstboot_unit::root::RootError;
use spec::identity::{Finding, Verdict, judge_image};
use spec::recipe::{Access, HostKeys, Recipe};

use super::strip::{Stripped, kept};
use crate::dossier::Dossier;
use crate::first_boot::{Question, compile, read};
use crate::guest::{MountError, ScratchGuest};
use crate::workshop::Workshop;

/// A stopped, unmounted build guest that is a golden in all but form.
pub struct Baked<'w> {
    pub(super) guest: ScratchGuest<'w>,
    pub(super) dossier: Dossier,
}

/// Why it is not.
#[derive(Debug, thiserror::Error)]
pub enum BakeError {
    /// The unit could not be installed.
    #[error("cannot bake the first-boot unit")]
    Bake(#[from] bake::BakeError),
    /// Something of the build guest is still there.
    #[error("the strip left something behind:\n{}", list(.0))]
    Residue(Vec<Finding>),
    /// The first boot could not be told.
    #[error("cannot tell what the first boot will do")]
    Read(#[from] RootError),
    /// Guests of this golden would not come up.
    #[error("guests of this golden would not come up:\n  {}", .0.join("\n  "))]
    FirstBoot(Vec<String>),
    /// The tree could not be left.
    #[error("cannot leave the build guest's tree")]
    Mount(#[from] MountError),
}

impl<'w> Baked<'w> {
    /// Bakes, judges and unmounts.
    pub fn from(workshop: &'w Workshop<'w>, stripped: Stripped<'w>) -> Result<Self, BakeError> {
        let Stripped { guest, mut dossier } = stripped;
        if let Some(program) = &dossier.firstboot {
            bake(guest.root(), &BakeOptions { program })?;
        }
        let findings = judge_image(
            workshop.catalog,
            &observe(guest.root(), workshop.catalog),
            workshop.recipe.clean.machine_id,
            &kept(workshop.recipe),
        );
        let first_boot = compile(&read(guest.root())?, question(workshop.recipe));
        let guest = guest.unmount()?;
        let bad: Vec<Finding> = findings.into_iter().filter(|finding| finding.verdict > Verdict::Skipped).collect();
        if !bad.is_empty() {
            return Err(BakeError::Residue(bad));
        }
        for reason in &first_boot.reasons {
            workshop.progress.say(reason);
        }
        if first_boot.verdict == Verdict::Fail {
            return Err(BakeError::FirstBoot(first_boot.reasons));
        }
        dossier.first_boot = Some(first_boot);
        Ok(Self { guest, dossier })
    }
}

/// What the recipe asks of the first boot: whoever gives access by SSH wants it up.
fn question(recipe: &Recipe) -> Question {
    Question {
        machine_id: None,
        without_ssh: recipe.access == Access::None,
        keys_from_node: recipe.clean.host_keys == HostKeys::GuestExec,
    }
}

/// Findings as lines for a person.
pub(super) fn list(findings: &[Finding]) -> String {
    let lines = findings.iter().map(|finding| format!("  {} at {}: {}", finding.item, finding.place, finding.why));
    lines.collect::<Vec<_>>().join("\n")
}
