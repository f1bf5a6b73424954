//! The helper: the one part of Mintmark that runs as root beside the guests of a node.
//!
//! It knows three verbs. `observe`: which identities does this guest hold? `deliver`: put these files into one of a few
//! places of this guest. `renew`: make these identities of this guest anew. A running guest is reached through its
//! init process, a stopped one is mounted for the moment. No private key leaves: an answer holds public halves,
//! digests and ids only. What is written is written as the guest's own root, with none of the node's rights.
//!
//! - [`protocol`]: what crosses the socket, one JSON line each way
//! - [`guest`]: a guest's tree found, opened and read; mounted only under a record
//! - [`deliver`](mod@deliver): files put into a closed set of places
//! - [`renew`](mod@renew): identities made anew
//! - [`attend`]: a request answered, whatever its verb
//! - [`lanes`]: one request for a guest at a time
//! - [`serve`]: the unix socket, and who may ask

pub mod attend;
pub mod deliver;
pub mod guest;
pub mod lanes;
pub mod protocol;
pub mod renew;
pub mod serve;
