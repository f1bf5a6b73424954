//! What stands between this agent and its work: each check with its verdict, what it blocks, and how to mend it.
//!
//! | module | job |
//! |---|---|
//! | [`privileges`] | which privileges the work needs, and which of them the token has: pure |
//! | [`roles`] | the least roles, as lines to run on the node: pure |
//! | [`preflight`](mod@preflight) | the same, before a run makes anything |
//! | [`examine`](mod@examine) | the checks, carried out |
//! | [`orphans`](mod@orphans) | whether runs left guests behind: pure |
//! | [`render`] | the checks as a table |

pub mod examine;
pub mod orphans;
pub mod preflight;
pub mod privileges;
pub mod render;
pub mod roles;

pub use examine::{Archives, Check, Diagnosis, examine, golden_archives};
pub use orphans::orphans;
pub use preflight::preflight;
