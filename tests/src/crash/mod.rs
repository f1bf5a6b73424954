//! The crash matrix (`make crash-matrix`): the agent killed with SIGKILL at every moment of every step, forward and on
//! the way back, against the embedded node and real containers; then taken up by the program as it is shipped.
//!
//! ```text
//!   cell: step × direction × moment
//!     approach: a victim carries a run to the step's edge and is killed there
//!     strike:   a victim goes on, and is killed at the moment: at a record, or while the node holds its request or task
//!     recovery: `reset-agent provision` or `resume`, as anybody would
//!     judgement: invariants I1 to I7 over node, ledger, journal and everything that was said
//! ```
//!
//! [`cell`] lists the cells, [`die`] names records, [`mod@victim`] is the process that is killed, [`play`] plays a cell,
//! [`world`] looks, [`invariants`] judges, [`watch`] looks all the time, [`canary`] searches for secrets, [`report`]
//! counts.

mod canary;
mod cell;
mod die;
mod golden;
mod invariants;
mod options;
mod play;
mod report;
mod run;
mod stage;
mod victim;
mod watch;
mod world;

pub use cell::{Cell, Direction, Moment};
pub use options::{Command, Options};
pub use report::Report;
pub use run::{run, sample};
pub use stage::Stage;
pub use victim::victim;
