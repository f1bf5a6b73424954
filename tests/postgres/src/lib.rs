//! A PostgreSQL server of one's own, for tests: Debian's programs, a cluster in a temporary folder, gone when the
//! process that started it is gone, however that ends.
//!
//! ```no_run
//! let server = postgres_lab::Server::start()?;
//! let url = server.new_database()?; // postgres://…, empty
//! # Ok::<(), postgres_lab::LabError>(())
//! ```

mod keeper;
mod server;

pub use server::{LabError, Server};
