//! What a build has learnt on its way: each phase adds its part, the last one makes the manifest of it.

use std::collections::{BTreeMap, BTreeSet};

use jiff::Timestamp;
use spec::identity::Identity;
use spec::release::{Base, CheckResult, FirstBoot, Minimized, Parent, Precondition};

use crate::lock::Installed;

/// Everything about a golden in the making that is not the guest or its archive.
#[derive(Debug)]
pub(crate) struct Dossier {
    /// When the build began.
    pub(crate) started: Timestamp,
    /// What the build started from.
    pub(crate) base: Base,
    /// The static first-boot program, where the recipe wants it baked.
    pub(crate) firstboot: Option<Vec<u8>>,
    /// The recipe's checks and what they printed.
    pub(crate) checks: Vec<CheckResult>,
    /// Identities of the build guest: no guest may ever have them.
    pub(crate) forbidden: BTreeSet<Identity>,
    /// What the build needed of its node.
    pub(crate) preconditions: Vec<Precondition>,
    /// What a guest's first boot will do, once the tree is what will be archived.
    pub(crate) first_boot: Option<FirstBoot>,
    /// What listened while the checks ran; nothing where it could not be asked.
    pub(crate) listening: Option<BTreeMap<String, String>>,
    /// What was taken out of the tree.
    pub(crate) minimized: Minimized,
    /// Bytes of `tar | zstd` of the tree before, where that was measured.
    pub(crate) unminimized_bytes: Option<u64>,
    /// The golden that it is built on, where it is.
    pub(crate) parent: Option<Parent>,
    /// Packages of the base, name to version, before any step.
    pub(crate) base_packages: BTreeMap<String, String>,
    /// What is installed after all steps and checks.
    pub(crate) installed: Installed,
}

impl Dossier {
    /// What is known once the base is there.
    pub(crate) fn new(base: Base, firstboot: Option<Vec<u8>>) -> Self {
        Self {
            started: Timestamp::now(),
            base,
            firstboot,
            checks: Vec::new(),
            forbidden: BTreeSet::new(),
            preconditions: Vec::new(),
            first_boot: None,
            listening: None,
            minimized: Minimized::default(),
            unminimized_bytes: None,
            parent: None,
            base_packages: BTreeMap::new(),
            installed: Installed::default(),
        }
    }
}
