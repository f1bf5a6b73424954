//! Releases: what a golden is, and everything that is said of it after its build.
//!
//! ```text
//! archive → manifest ← verdict          what it is, signed by who built it
//!              ↑
//!          evidence (built, linted, drilled, verified)   what was found out about it, each record signed
//!              ↑
//!          channel  ─→ log              who may have it, signed, numbered and expiring; all of it in a chain of lines
//! ```
//!
//! | module | what it is |
//! |---|---|
//! | `first_boot` | what the first boot of a guest will do |
//! | `lock` | what a build was made from, exact enough to make it again |
//! | `manifest` | the document beside an archive: digests, configuration, packages, what no guest may have |
//! | `sizes` | how big a golden is, and why |
//! | `verdict` | every row of the catalog and its state in the image |
//! | `evidence` | what a principal says of a gate |
//! | `standing` | evidence and log folded: which gates count, and how far a release has come |
//! | `channel` | a signed pointer at a release, with a serial and an end |
//! | `log` | the chain of everything that was done |
//! | `precondition` | what a build needs of its node, and how that was found |
//! | `provenance` | how it was built, in the words of in-toto and SLSA |
//! | `document` | what all signed documents have in common |
//! | [`seal`] | signatures, and whose they may be |

mod channel;
mod document;
mod evidence;
mod first_boot;
mod lock;
mod log;
mod manifest;
mod parent;
mod precondition;
mod provenance;
pub mod seal;
mod sizes;
mod standing;
mod verdict;

pub use channel::{Channel, EvidenceRef, NotCurrent, Target, Withdrawal, Withdrawn};
pub use document::{Document, DocumentError, Namespace, Sealed, open, read};
pub use evidence::{Evidence, Gate, UnknownGate};
pub use first_boot::{
    Answer, FirstBoot, Flip, GatedUnit, HostKeyOrigin, Init, MachineIdFound, PresetMode, Presets, Ssh, System,
};
pub use lock::{AptSource, Inputs, LOCK_VERSION, Lock, LockDifference, LockedBase, LockedPackage};
pub use log::{Action, ENTRY_VERSION, Entry, LOG_LIMIT, Line, LogError, ReleaseLog, no_line};
pub use manifest::{Archive, Base, Builder, CheckResult, Manifest, VerdictRef};
pub use parent::Parent;
pub use precondition::{Need, Precondition};
pub use provenance::provenance;
pub use sizes::{Before, Bills, Minimized, RuleOutcome, Sizes};
pub use standing::{Missing, Passed, Reached, Standing, State, VERIFY_WITHIN, history, state};
pub use verdict::{RowState, Statement, rows};
