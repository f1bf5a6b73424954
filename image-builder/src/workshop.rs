//! What all phases of one build share.

use std::ops::RangeInclusive;
use std::path::{Path, PathBuf};

use pve_host::Host;
use spec::identity::Catalog;
use spec::ids::Sha256Hex;
use spec::recipe::Recipe;
use spec::release::Inputs;
use uuid::Uuid;

use crate::bootstrap::BaseCache;
use crate::guest::{Records, Site};
use crate::lock::Locking;
use crate::login::Login;
use crate::progress::Progress;

/// One build's surroundings. Nothing here changes while it runs.
#[derive(Clone)]
pub struct Workshop<'a> {
    /// The node that is built on.
    pub host: &'a Host,
    /// What is built.
    pub recipe: &'a Recipe,
    /// The identity catalog that it is stripped and judged by.
    pub catalog: &'a Catalog,
    /// The keys that open its guests.
    pub login: &'a Login,
    /// SHA-256 of the recipe's text.
    pub recipe_digest: Sha256Hex,
    /// The folder that the recipe's relative paths start from.
    pub recipe_dir: &'a Path,
    /// The static `firstboot` program; needed for `host_keys = "baked-unit"`.
    pub firstboot: Option<&'a Path>,
    /// VMIDs that build guests may have.
    pub vmids: RangeInclusive<u32>,
    /// Pack the stopped guest once more before anything is taken out, to say how much that saved.
    pub measure_unminimized: bool,
    /// Whether a bootstrapped template of an earlier build may serve.
    pub base_cache: BaseCache,
    /// What this build is given, by content.
    pub inputs: &'a Inputs,
    /// Whether it follows a lock.
    pub locking: Locking<'a>,
    /// The time that it gives to whatever would write down the current one: seconds since 1970.
    pub epoch: u64,
    /// The build guests that exist, or may exist.
    pub records: &'a Records,
    /// Who is told.
    pub progress: &'a dyn Progress,
    /// This build's mark, in the build guest's description.
    pub nonce: Uuid,
}

impl Workshop<'_> {
    /// A path of the recipe on the builder's machine.
    pub fn beside_recipe(&self, path: &str) -> PathBuf {
        self.recipe_dir.join(path)
    }

    /// Where the build guest is made.
    pub fn site(&self) -> Site<'_> {
        Site { host: self.host, records: self.records, progress: self.progress }
    }
}
