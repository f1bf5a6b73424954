//! What an archive holds, as two digests: of the tree it unpacks to, and of its members in order.
//!
//! `docs/reference/tree-digest.md` defines the normal form, with an example that a shell reproduces.
//!
//! | module | what it is |
//! |---|---|
//! | `content` | members' content on its way to be hashed, holes filled in |
//! | `nodes` | the tree, collected name by name |
//! | `normal` | its normal form, sorted and hashed |
//! | `order` | the members as they stand in the archive |

mod content;
mod nodes;
mod normal;
mod order;

pub(crate) use content::Content;
pub(crate) use nodes::Nodes;
pub(crate) use order::Order;
