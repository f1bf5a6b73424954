//! Whose word counts for a golden, and whether it is the newest: what a release must show before it is restored.
//!
//! ```text
//! reference ─► channel (signed, current, not older than seen, issued by its line in the log)
//!                 ─► manifest and verdict (those of the channel, signed by a builder)
//!                      ─► evidence (every gate passed, each record by who may give it)
//!                           ─► not withdrawn, by any channel or line of the log
//! ```
//!
//! | module | job |
//! |---|---|
//! | `files` | a document and its signature, read within limits |
//! | `roles` | who may sign what: the allowed signers and the roles of the configuration |
//! | `pointers` | a golden's channels and log, held against each other and against what was seen before |
//! | `papers` | a release's own documents: manifest, verdict, records of its gates |
//! | `admission` | all of it for one reference |
//! | `refusal` | every way in which a golden is refused, with what to do |

mod admission;
mod files;
mod papers;
mod pointers;
mod refusal;
mod roles;

pub use admission::{Admitted, ensure_not_withdrawn, golden_of, resolve};
pub use refusal::Refusal;
pub use roles::allowed_signers;
