//! Secrets in an image, wherever they lie: by a file's name, or by what it holds. What is found is never repeated.
//!
//! Every byte of every file passes one search for some fifty fixed words ("anchors") that stand in or before a secret;
//! only where one stands a closer look is taken. Text files pass a second search, for assignments.
//!
//! | module | what it is |
//! |---|---|
//! | `names` | files that hold credentials by their name |
//! | `anchors` | the table of words, and who looks closer at each |
//! | `keys` | private keys |
//! | `tokens` | tokens of a known shape |
//! | `values` | passwords in addresses and assignments, by their entropy |
//! | `scanner` | the search over a stream, across the borders of its pieces |
//! | `report` | what was found: left behind, or shipped by a package and unchanged |

mod anchors;
mod keys;
mod names;
mod report;
mod scanner;
mod tokens;
mod values;

pub(crate) use report::Report;
pub use report::{Secret, Shipped};
pub(crate) use scanner::Scanner;
