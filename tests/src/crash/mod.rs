//! The crash matrix (`make crash-matrix`): the agent killed with SIGKILL at every moment of every step, forward and on
//! the way back, against the embedded node and real containers; then taken up by the program as it is shipped.
//!
//! ```text
//!   cell: plan × step × direction × moment
//!     approach: a victim carries a run to the step's edge and is killed there
//!     strike:   a victim goes on, and is killed at the moment: at a record, or while the node holds its request or task
//!     recovery: the same command once more, or `resume`, as anybody would
//!     judgement: invariants I1 to I7 over node, ledger, journal and everything that was said
//! ```
//!
//! [`table`] tells what each step of a plan asks of the node, [`cell`] lists the cells, [`die`] names records,
//! [`mod@victim`] is the process that is killed, [`scene`] brings a cell about, [`recovery`] takes it up, [`play`] plays
//! it, [`world`] looks, [`invariants`] judges, [`watch`] looks all the time, [`canary`] searches for secrets, [`report`]
//! counts. [`agent`], [`ledger`] and [`vault`] are what the cells are played with.

mod agent;
mod canary;
mod cell;
mod die;
mod golden;
mod invariants;
mod ledger;
mod options;
mod play;
mod recovery;
mod report;
mod run;
mod scene;
mod stage;
mod table;
mod vault;
mod victim;
mod watch;
mod world;

pub use cell::{Cell, Direction, Moment};
pub use ledger::Database;
pub use options::{Command, Options};
pub use report::Report;
pub use run::{run, sample};
pub use stage::Stage;
pub use victim::victim;
