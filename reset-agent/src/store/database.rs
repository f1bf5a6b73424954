//! One pool of connections to either database, and the transactions on it.
//!
//! Both databases run the same SQL. What they do not share is how a writer keeps others out: SQLite has one writer at
//! a time by nature, PostgreSQL is told to have one for the ledger, so that a value that was looked for and not found
//! is still free when it is taken. The journal's rows are each one run's: for them the row's own lock is enough.

use sqlx::{Any, AnyPool, Transaction};

/// A transaction of either database.
pub(crate) type Tx = Transaction<'static, Any>;

/// Which database it is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Kind {
    /// A file on this machine.
    Sqlite,
    /// A server, which several machines may share.
    Postgres,
}

impl Kind {
    /// The kind of database behind a pool.
    pub(crate) fn of(pool: &AnyPool) -> Self {
        if pool.connect_options().database_url.scheme() == "sqlite" { Self::Sqlite } else { Self::Postgres }
    }
}

/// The number of the lock that writers of the ledger hold: `mintledg` as bytes.
const WRITERS: i64 = 0x6d69_6e74_6c65_6467;

/// A transaction that keeps all other writers of the ledger out, from its first statement to its end.
pub(crate) async fn write(pool: &AnyPool) -> Result<Tx, sqlx::Error> {
    let mut tx = append(pool).await?;
    if Kind::of(pool) == Kind::Postgres {
        sqlx::query("SELECT pg_advisory_xact_lock($1)").bind(WRITERS).execute(&mut *tx).await?;
    }
    Ok(tx)
}

/// A transaction that reads everything as of one instant, whoever writes meanwhile.
pub(crate) async fn snapshot(pool: &AnyPool) -> Result<Tx, sqlx::Error> {
    pool.begin_with(match Kind::of(pool) {
        Kind::Sqlite => "BEGIN",
        Kind::Postgres => "BEGIN ISOLATION LEVEL REPEATABLE READ READ ONLY",
    })
    .await
}

/// A transaction that writes rows that nobody else may touch: a run's own.
pub(crate) async fn append(pool: &AnyPool) -> Result<Tx, sqlx::Error> {
    pool.begin_with(match Kind::of(pool) {
        // A deferred one that turns into a writer half-way fails at once with `database is locked`.
        Kind::Sqlite => "BEGIN IMMEDIATE",
        // Each statement sees what others have committed before it, those that waited for a lock too.
        Kind::Postgres => "BEGIN ISOLATION LEVEL READ COMMITTED",
    })
    .await
}
