//! The drill: a release tried out before anybody relies on it.
//!
//! ```text
//! release → room looked at → two twins restored → booted → accepted → booted again → compared → removed → report
//! ```
//!
//! | module | what it is |
//! |---|---|
//! | [`mod@line`] | the line above as a function |
//! | [`room`] | what of an earlier drill is there before, and that nothing is there after |
//! | [`twin`] | a throwaway guest: born with a name and addresses of its own, on a bridge that leads nowhere |
//! | [`acceptance`] | what must hold in each twin: names, keys, services, sshd on the wire, Docker by function |
//! | [`table`] | every item of the catalog as restored, after reset, after boot and after the second boot |
//! | [`compare`] | what both twins hold and nothing explains |
//! | [`report`] | all of it as data: the details of the `drilled` gate |
//!
//! Both twins run at once on one bridge: that is how a collision shows. They are stopped before their trees are read.

mod acceptance;
pub mod compare;
mod docker;
mod known_hosts;
mod line;
mod network;
mod order;
mod report;
mod room;
mod rows;
mod services;
mod suspects;
mod table;
mod twin;

pub use line::{DrillError, drill};
pub use order::Drill;
pub use report::{Check, Compared, DrillReport, ItemRow, Suspect, TwinFacts};
pub use room::{Places, Residue, RoomError};
pub use twin::TwinError;

/// What a twin's hostname begins with; its VMID follows.
const NAMES: &str = "mintmark-drill-";
