//! What stands between this agent and its work: each check with its verdict, what it blocks, and how to mend it.
//!
//! | module | job |
//! |---|---|
//! | [`privileges`] | which privileges the work needs, and which of them the token has: pure |
//! | [`examine`](mod@examine) | the checks, carried out |
//! | [`render`] | the checks as a table |

pub mod examine;
pub mod privileges;
pub mod render;

pub use examine::{Check, Diagnosis, examine};
