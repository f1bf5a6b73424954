//! A vzdump archive of a container, read as a stream and trusted in nothing.
//!
//! ```text
//! file ─► feed (a thread: inflate, caps) ─► members (tar-core) ─► rules (one refusal each) ─► inspect ─► Inspection
//!           │ └─► second (another make of reader, outside): must see the same members              │
//!           └─► digests (a thread: the file, every content) ◄──────────────────────────────────────┘
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

mod blocks;
mod conf;
mod digests;
mod dpkg;
mod error;
mod extended;
mod feed;
mod inspect;
mod kept;
mod limits;
mod listing;
mod md5;
mod member;
mod members;
mod outline;
pub mod pack;
mod packages;
mod piece;
mod places;
mod privileged;
mod readings;
mod rules;
mod second;
mod secrets;
mod sightings;
mod stream;
mod terms;
mod tree;

pub use conf::read_conf;
pub use error::{ArchiveError, Refusal};
pub use inspect::{Inspection, inspect};
pub use limits::Limits;
pub use member::{Attribute, Member, MemberKind, Part};
pub use members::Members;
pub use piece::Piece;
pub use privileged::Privileged;
pub use second::SecondReader;
pub use secrets::{Secret, Shipped};
pub use stream::{Compression, Pieces, Stream};
pub use terms::{Clock, Progress, Terms};

/// The name that the configuration must have, `./` included: Proxmox finds it by nothing else.
pub const CONF_NAME: &str = "./etc/vzdump/pct.conf";
/// The name of the firewall configuration.
pub const FIREWALL_NAME: &str = "./etc/vzdump/pct.fw";
