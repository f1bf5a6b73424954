//! Identity: what must differ between two guests, what must not travel, and how one tells.
//!
//! Four verbs share one table. `strip` puts an item to sleep in an image, `renew` wakes it in a guest, `observe`
//! reads it, `judge` holds what was read against the table. The first three touch files and live in
//! `firstboot-unit`; the table ([`Catalog`]), what a file's content says ([`reading`]), what was seen
//! ([`Observation`]) and the judgement ([`judge_image`], [`judge_guest`]) are pure and live here. A whole fleet is
//! judged by the module `audit`.

pub mod catalog;
mod forbidden;
mod judge;
mod observation;
pub mod reading;
mod value;

pub use catalog::{Catalog, GuestRule, Harm, ImageRule, Item, ItemId, MachineIdState, Reading, Renewer, Rewrite, item};
pub use forbidden::ForbiddenSet;
pub use judge::{Expected, Finding, Kept, Verdict, judge_guest, judge_image, overall};
pub use observation::{Observation, Seen};
pub use value::{Identity, IdentityKind, UnknownKind};
