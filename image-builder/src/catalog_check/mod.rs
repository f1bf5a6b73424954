//! The catalog proves itself: each row is planted, and must be seen, refused, stripped and gone, in a tree and in an
//! archive of it. What cannot be planted says why.

mod planted;
mod row;

pub use planted::{CheckError, check};
pub use row::{Outcome, RowProof};
