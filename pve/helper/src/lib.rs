//! The helper: the one part of Mintmark that runs as root beside the guests of a node.
//!
//! It answers one question, `observe`: which identities does this guest hold? A running guest is read through its init
//! process, a stopped one is mounted for the moment. Nothing is changed, and no private key leaves: an answer holds
//! public halves, digests and ids only.
//!
//! - [`protocol`]: what crosses the socket, one JSON line each way
//! - [`guest`]: a guest's tree found, opened and read; mounted only under a record
//! - [`lanes`]: one look at a guest at a time
//! - [`serve`]: the unix socket, and who may ask

pub mod guest;
pub mod lanes;
pub mod protocol;
pub mod serve;
