//! A list of customers: what it says, and what would be made of it. Nothing here touches anything.
//!
//! | module | job |
//! |---|---|
//! | [`list`] | text → entries with the lines they stand on |
//! | [`plan`](mod@plan) | entries and what the ledger has → what would be made, and what stands against it |

pub mod list;
pub mod plan;

pub use list::{BadList, Entry, read};
pub use plan::{Planned, Standing, plan};
