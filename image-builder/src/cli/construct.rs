//! What every verb that builds is given, and the workshop made of it.

use std::io::{self, IsTerminal};
use std::ops::RangeInclusive;
use std::path::{Path, PathBuf};

use anyhow::Context;
use clap::{Args, ValueEnum};
use pve_host::Host;
use spec::identity::Catalog;
use spec::recipe::HostKeys;
use spec::release::Inputs;
use uuid::Uuid;

use super::catalog_dir::CatalogArguments;
use super::node;
use super::node::{NodeArguments, vmid_range};
use crate::bootstrap::BaseCache;
use crate::guest::Records;
use crate::lock::{self, Locking};
use crate::progress::{Bars, JsonLines, Phase, Plain, Progress};
use crate::recipe_file::{self, RecipeFile, Setting};
use crate::signals;
use crate::workshop::Workshop;

#[derive(Debug, Args)]
pub(super) struct ConstructArguments {
    #[command(flatten)]
    pub node: NodeArguments,
    #[command(flatten)]
    pub catalog: CatalogArguments,
    /// Set a key of the recipe (`access.user_ca=/etc/mintmark/ca.pub`); may be given again
    #[arg(long = "set", value_name = "KEY=VALUE")]
    pub settings: Vec<Setting>,
    /// The static firstboot program; found beside this program or in cargo's target directory
    #[arg(long, value_name = "PATH", env = "MINTMARK_FIRSTBOOT")]
    pub firstboot: Option<PathBuf>,
    /// VMIDs that the build guest may have
    #[arg(long, value_name = "FIRST-LAST", default_value = "9000-9099", value_parser = vmid_range)]
    pub vmids: RangeInclusive<u32>,
    /// How progress is told on stderr
    #[arg(long, value_enum, default_value = "auto")]
    pub progress: ProgressForm,
}

/// How progress is told.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub(super) enum ProgressForm {
    /// Bars on a terminal, else plain lines
    Auto,
    /// Bars
    Bars,
    /// Lines of text
    Plain,
    /// One JSON object a line
    Json,
}

/// The node, and what is there of builds.
pub(super) struct Place {
    pub(super) host: Host,
    pub(super) records: Records,
}

/// A recipe with everything that its build is given.
pub(super) struct Given {
    pub(super) recipe: RecipeFile,
    pub(super) inputs: Inputs,
    catalog: Catalog,
    firstboot: Option<PathBuf>,
    vmids: RangeInclusive<u32>,
}

/// What is chosen for one build.
pub(super) struct Choice<'c> {
    pub(super) locking: Locking<'c>,
    pub(super) epoch: u64,
    pub(super) base_cache: BaseCache,
    pub(super) measure_unminimized: bool,
}

impl ConstructArguments {
    /// The node, without anything done on it.
    pub(super) fn place(&self) -> anyhow::Result<Place> {
        Ok(Place { host: node::host(&self.node)?, records: node::records(&self.node)? })
    }

    /// Reads a recipe and everything that it names.
    pub(super) fn given(&self, recipe: &Path) -> anyhow::Result<Given> {
        let recipe = recipe_file::read(recipe, &self.settings)?;
        let firstboot = self.firstboot.clone().or_else(node::firstboot);
        let baked = firstboot.as_deref().filter(|_| recipe.recipe.clean.host_keys == HostKeys::BakedUnit);
        let inputs = lock::inputs(&recipe, baked).context("cannot read what the build is given")?;
        let catalog = self.catalog.load()?;
        Ok(Given { recipe, inputs, catalog, firstboot, vmids: self.vmids.clone() })
    }

    /// Who is told on stderr.
    pub(super) fn progress(&self, phases: &'static [Phase]) -> Box<dyn Progress> {
        progress(self.progress, phases)
    }
}

/// Who is told on stderr.
pub(super) fn progress(form: ProgressForm, phases: &'static [Phase]) -> Box<dyn Progress> {
    match form {
        ProgressForm::Json => Box::new(JsonLines::default()),
        ProgressForm::Bars => Box::new(Bars::over(phases)),
        ProgressForm::Auto if io::stderr().is_terminal() => Box::new(Bars::over(phases)),
        ProgressForm::Auto | ProgressForm::Plain => Box::new(Plain::default()),
    }
}

impl Place {
    /// The same, where signals end what runs in order.
    pub(super) fn interruptible(self) -> anyhow::Result<Self> {
        let interrupt = signals::as_interrupt().context("cannot listen for signals")?;
        Ok(Self { host: self.host.interrupted_by(interrupt), ..self })
    }
}

impl Given {
    /// The surroundings of one build.
    pub(super) fn workshop<'a>(
        &'a self,
        place: &'a Place,
        choice: &Choice<'a>,
        progress: &'a dyn Progress,
    ) -> Workshop<'a> {
        let RecipeFile { recipe, login, digest, dir, .. } = &self.recipe;
        Workshop {
            host: &place.host,
            recipe,
            catalog: &self.catalog,
            login,
            recipe_digest: digest.clone(),
            recipe_dir: dir,
            firstboot: self.firstboot.as_deref(),
            vmids: self.vmids.clone(),
            measure_unminimized: choice.measure_unminimized,
            base_cache: choice.base_cache,
            inputs: &self.inputs,
            locking: choice.locking,
            epoch: choice.epoch,
            records: &place.records,
            progress,
            nonce: Uuid::new_v4(),
        }
    }
}
