//! The suites of the workspace, run one after the other and counted together.
//!
//! libtest counts each binary by itself and says nothing at the end; a reader wants one line, and the reason of every
//! skip. [`Tally`] reads libtest's lines (pure), [`run()`] starts cargo and shows its output as it comes.

mod run;
mod tally;

pub use run::{Tier, run};
pub use tally::Tally;
