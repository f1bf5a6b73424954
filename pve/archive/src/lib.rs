//! A vzdump archive of a container, read as a stream and trusted in nothing.
//!
//! ```text
//! file ─► stream (inflate, caps) ─► tee ─► members (tar-core) ─► rules (one refusal each) ─► inspect ─► Inspection
//!    └─► digests (a thread) ◄─────────┴─► witness (the tar crate, a thread): must see the same members
//! ```
//!
//! - [`read_conf`] gives the embedded `pct.conf` and stops there: its cost does not grow with the archive.
//! - [`inspect()`] reads the whole archive once, in constant memory, and reports: digests, members, configuration
//!   against the allow-list ([`spec::pct::check_golden`]), files at the identity catalog's places, secrets, packages, sizes.
//!   It never unpacks.
//! - [`pack::pack()`] writes such an archive from a tree, the same bytes for the same tree.
//!
//! An archive that breaks a rule is refused with an [`ArchiveError`] that names the member. What is legal but must not
//! be in a golden (a snapshot in its configuration, a private key in its tree) is no error but part of the report.

mod conf;
mod digests;
mod error;
mod inspect;
mod limits;
mod member;
mod members;
pub mod pack;
mod packages;
mod places;
mod readings;
mod rules;
mod secrets;
mod sightings;
mod stream;
mod tee;
mod witness;

pub use conf::read_conf;
pub use error::{ArchiveError, Refusal};
pub use inspect::{Inspection, Progress, inspect};
pub use limits::Limits;
pub use member::{Member, MemberKind};
pub use members::Members;
pub use secrets::Secret;
pub use stream::{Compression, Stream};

/// The name that the configuration must have, `./` included: Proxmox finds it by nothing else.
pub const CONF_NAME: &str = "./etc/vzdump/pct.conf";
/// The name of the firewall configuration.
pub const FIREWALL_NAME: &str = "./etc/vzdump/pct.fw";
