//! The grammar of a guest's configuration: `/etc/pve/lxc/<vmid>.conf`, and `etc/vzdump/pct.conf` in an archive.
//!
//! [`PctConf`] is the document, read leniently as Proxmox does: what it cannot read is warned about and kept. Printing
//! gives back exactly the text that was read; [`PctConf::canonical`] gives what Proxmox would write. A [`Section`] is
//! one of its parts: the current configuration, `[pve:pending]`, or a snapshot.
//!
//! [`Net`], [`MountPoint`] and [`Features`] are typed views of property strings (`name=eth0,bridge=vmbr0,…`); all
//! three hold a [`Properties`], which is checked against one table per format ([`PropertyFormat`]). [`check_golden`] says what of a
//! configuration must not come along in a golden.
//!
//! Source of the facts: recordings of Proxmox VE 9's own parser and writer (`tests/fixtures/pve-observed/`).

mod document;
mod edit;
mod features;
pub mod format;
mod golden;
mod kind;
mod mount;
mod net;
mod parse;
mod percent;
mod print;
mod property;
mod schema;
mod size;

pub use document::{PctConf, RawLxc, Section, SectionName, Warning};
pub use edit::InvalidValue;
pub use features::Features;
pub use golden::{ConfigFinding, check_golden};
pub use kind::Kind as PropertyKind;
pub use mount::{MountPoint, MountSource};
pub use net::{Ip4Config, Ip6Config, Net};
pub use property::{FieldError, Key as PropertyKey, Properties, PropertyError, PropertyFormat};
pub use schema::{check_device, family_index};
pub use size::{DiskSize, InvalidSize};
