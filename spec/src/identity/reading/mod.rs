//! Readings: the content of one file at a catalog item's place → what is seen there. Bytes in, value out.
//!
//! Strip, observe and the inspection of archives must agree on every byte of a file, so each format is read here and
//! nowhere else; opening files, following links and pairing key halves is the caller's. [`content_seen`] picks the
//! reading by the item's row; the modules hold one format each, and no reading repeats a secret.

pub mod accounts;
mod content;
pub mod digest;
pub mod duid;
pub mod engine_id;
pub mod host_key;
pub mod hostname;
pub mod hosts;
pub mod lines;
pub mod machine_id;
pub mod names;
pub mod postgres;
pub mod wire;

pub use content::content_seen;
pub use host_key::{NotAPublicKey, PublicHalf};
