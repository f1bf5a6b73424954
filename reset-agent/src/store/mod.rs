//! The agent's durable memory: the journal of its runs and the ledger of identities, in one SQLite file or on one
//! PostgreSQL server that several agents share.
//!
//! ```text
//! Store::at(place) ──┬── journal() ─► RunJournal      implements saga::Journal
//!                    └── ledger()  ─► ledger::Ledger  who owns which identity, for ever
//! ```
//!
//! | module | job |
//! |---|---|
//! | `open` | the store, wherever it is; why it cannot be used |
//! | `sqlite`, `postgres` | what opening means for each: made private and looked through; reached and asked whether it keeps its word |
//! | `database` | either database as one pool, and the two kinds of writing transaction |
//! | `migrations` | the schema, step by step |
//! | `journal` | runs and their records, fenced |
//! | `lease` | who works on a run right now: a lock on a file, or a row with an end |
//! | `fleet_key` | the key under which confidential identities are kept |
//!
//! # Adding a table
//!
//! A file `schema/both/00NN_what.sql` that both databases take: columns of type `TEXT` and `BIGINT`, a primary key of
//! its own (no `AUTOINCREMENT`, no `STRICT`), `ON CONFLICT`, partial unique indexes. In statements: placeholders `$1`;
//! numbers are bound and read as `i64`, yes and no as 0 and 1, times as text; tables and columns are named, never
//! drawn in from a value. What is acknowledged is on disk, in both.

mod clock;
mod database;
mod fleet_key;
mod journal;
mod lease;
mod migrations;
mod open;
mod postgres;
mod sqlite;

pub use database::Kind;
pub use fleet_key::FleetKey;
pub use journal::{RunJournal, RunSummary};
pub use open::{OpenError, Store};

pub(crate) use clock::now;
pub(crate) use database::{Tx, append, snapshot, write};
pub(crate) use lease::{Holds, Leases};
