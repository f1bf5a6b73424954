//! The recipe as accepted.

use std::collections::BTreeMap;

use super::golden_ref::GoldenRef;
use super::public_key::PublicKey;
use crate::identity::{Kept, MachineIdState};
use crate::ids::{GoldenName, Sha256Hex, StorageId, Volid};
use crate::minimize::Minimize;
use crate::pct::{DiskSize, Features, Net};

/// What a golden is made of; every value checked.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Recipe {
    /// The golden's name; also the build guest's hostname.
    pub name: GoldenName,
    /// What the build starts from.
    pub base: Base,
    /// The container that is built in, and that the golden's configuration comes from.
    pub container: Container,
    /// Who may log in to guests of this golden.
    pub access: Access,
    /// What is done in the running build guest, in this order.
    pub steps: Vec<Step>,
    /// What must hold afterwards.
    pub checks: Vec<Check>,
    /// How identity is put to sleep.
    pub clean: Clean,
    /// What the golden does without.
    pub minimize: Minimize,
    /// Where the result goes.
    pub release: Release,
}

/// What a build starts from.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Base {
    /// A template on the node's storage.
    Template {
        /// Its volume id.
        volid: Volid,
        /// The digest that its file must have; without it the build records what it found.
        sha256: Option<Sha256Hex>,
    },
    /// A Debian tree made by the builder.
    Bootstrap(Bootstrap),
    /// Another golden.
    Golden(GoldenRef),
}

/// A Debian tree, made with mmdebstrap.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Bootstrap {
    /// Debian's suite: `trixie`.
    pub suite: String,
    /// Packages on top of the essential ones and apt.
    pub packages: Vec<String>,
    /// A moment of Debian's archive, as snapshot.debian.org keeps it: `20261101T000000Z`. The build takes packages from
    /// there, the golden's guests from Debian's own mirrors.
    pub snapshot: Option<String>,
}

/// The container's configuration.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Container {
    /// What it may do; `nesting` and `keyctl` for Docker.
    pub features: Features,
    /// CPU cores; all of the node's where absent.
    pub cores: Option<u16>,
    /// Memory.
    pub memory: DiskSize,
    /// The root file system.
    pub rootfs: RootFs,
    /// Network interfaces by number; none has a hardware address.
    pub nets: BTreeMap<u8, Net>,
}

/// The root file system of the container.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct RootFs {
    /// The storage.
    pub storage: StorageId,
    /// The size.
    pub size: DiskSize,
}

/// Who may log in to guests of this golden. Public keys only.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Access {
    /// Nobody by SSH: guests are reached from their node.
    None,
    /// Whoever holds a user certificate of this CA.
    UserCa(KeySource),
    /// The holders of these keys.
    AdminKeys(Vec<KeySource>),
}

/// Where a public key stands.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum KeySource {
    /// In a file; the path is relative to the recipe, or absolute.
    File(String),
    /// In the recipe.
    Inline(PublicKey),
}

/// One step of the build.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Step {
    /// Install packages from the guest's apt sources; `name` or `name=version`.
    Apt(Vec<String>),
    /// Run a script or a command as root in the guest.
    Run(Script),
    /// Copy a file into the guest.
    Copy(CopyFile),
    /// Set variables for all later steps and checks; they do not reach the golden.
    Env(BTreeMap<String, String>),
}

/// Something to run with `sh` in the guest.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Script {
    /// A file beside the recipe: one word with a slash in it.
    File(String),
    /// A command line: everything else.
    Command(String),
}

impl Script {
    /// As it stands in the recipe.
    pub fn as_str(&self) -> &str {
        match self {
            Self::File(text) | Self::Command(text) => text,
        }
    }
}

/// A file to copy into the guest.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct CopyFile {
    /// The file, relative to the recipe.
    pub from: String,
    /// Where it goes, absolute in the guest.
    pub to: String,
    /// Its permission bits; root owns it.
    pub mode: u32,
}

/// Something that must exit 0 in the finished build guest.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Check {
    /// What to run.
    pub run: Script,
}

/// How identity is put to sleep.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Clean {
    /// Who makes a guest's SSH host keys.
    pub host_keys: HostKeys,
    /// What the golden's machine-id holds.
    pub machine_id: MachineIdState,
    /// Catalog items that stay, each with its reason.
    pub keep: Vec<Kept>,
}

/// Who makes a guest's SSH host keys.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum HostKeys {
    /// The unit that is baked into the golden.
    BakedUnit,
    /// The helper on the node, which runs the guest's own `ssh-keygen -A`.
    GuestExec,
}

impl HostKeys {
    /// The word in recipes and manifests.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::BakedUnit => "baked-unit",
            Self::GuestExec => "guest-exec",
        }
    }
}

/// Where the golden goes.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Release {
    /// The storage that takes the archive (content `backup`).
    pub storage: StorageId,
    /// The most bytes that the archive may have.
    pub size_budget: Option<DiskSize>,
}
