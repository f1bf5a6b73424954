//! The agent's one durable file: the journal of its runs and the ledger of identities, in SQLite.
//!
//! ```text
//! Store::open(path) ──┬── journal() ─► SqliteJournal   implements saga::Journal
//!                     └── ledger()  ─► ledger::Ledger  who owns which identity, for ever
//! ```
//!
//! What is acknowledged is on disk: WAL with `synchronous=FULL`. Every write transaction is `BEGIN IMMEDIATE`: a
//! deferred one that turns into a writer half-way fails at once with `database is locked`, whatever the busy timeout.

mod clock;
mod fleet_key;
mod journal;
mod lease;
mod sqlite;

pub use fleet_key::FleetKey;
pub use journal::{RunSummary, SqliteJournal};
pub use sqlite::{OpenError, Store};

pub(crate) use clock::now;
pub(crate) use sqlite::write;
