//! Scenario files: what they hold and how they are read. `docs/how-to/conformance.md` tells how they are written.

mod common;
mod lines;
mod read;
mod scenario;
mod statement;

pub(crate) use common::Common;
pub(crate) use read::read;
pub(crate) use scenario::{Action, Answered, Base, Call, Identity, Need, Scenario, Section, Step, TaskStart};
