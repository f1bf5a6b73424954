//! What a guest was at each stage of its making, side by side.

mod column;
mod comparison;

pub use column::Column;
pub use comparison::{Comparison, Row};
