//! Scenario files: what they hold and how they are read. `docs/how-to/conformance.md` tells how they are written.

mod lines;
mod read;
mod scenario;
mod statement;

pub(crate) use read::read;
pub(crate) use scenario::{Action, Answered, Call, Identity, Need, Scenario, Section, Step, TaskStart};
