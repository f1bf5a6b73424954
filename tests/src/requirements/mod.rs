//! Which test holds which acceptance row: `docs/reference/requirements.md`, made from the sources.
//!
//! | part | job |
//! |---|---|
//! | `rows.toml` | the rows, in our own words |
//! | `covers.toml` | tests that cover a row without its number in their name |
//! | `reasons.toml` | rows without a test, each with why |
//! | [`tests`] | the tests of a source file, and the rows that they cite: text in, value out |
//! | [`sources`] | all of the workspace's |
//! | [`matrix`] | rows, tests and reasons brought together; what is wrong with them |
//! | [`page`] | the same as Markdown |

pub mod matrix;
pub mod page;
pub mod sources;
pub mod tests;
