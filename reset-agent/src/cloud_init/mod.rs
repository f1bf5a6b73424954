//! User-data for goldens with cloud-init: rendered once for each guest, out of a template and a closed set of variables.
//!
//! ```text
//!   template (the operator's) ──► Template (every placeholder known, every value used)
//!   Values (typed) ────────────────► render ──► Seed: user-data, meta-data, vendor-data, network-config
//! ```
//!
//! Nothing here reads a file or a clock: the same request renders the same bytes.

mod seed;
mod template;
mod variable;

pub use seed::Seed;
pub use template::{Template, TemplateError};
pub use variable::{Constants, Values, Variable, Word};
