//! Releases: what a golden is, and everything that is said of it after its build.
//!
//! | module | what it is |
//! |---|---|
//! | `first_boot` | what the first boot of a guest will do |
//! | `lock` | what a build was made from, exact enough to make it again |
//! | `manifest` | the document beside an archive: digests, configuration, packages, what no guest may have |
//! | `sizes` | how big a golden is, and why |

mod first_boot;
mod lock;
mod manifest;
mod sizes;

pub use first_boot::{
    Answer, FirstBoot, Flip, GatedUnit, HostKeyOrigin, Init, MachineIdFound, PresetMode, Presets, Ssh, System,
};
pub use lock::{AptSource, Inputs, LOCK_VERSION, Lock, LockDifference, LockedBase, LockedPackage};
pub use manifest::{Archive, Base, CheckResult, Manifest};
pub use sizes::{Before, Minimized, RuleOutcome, Sizes};
