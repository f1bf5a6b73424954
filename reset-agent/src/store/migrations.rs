//! The schema, step by step. What is applied is never changed: a later step mends it.

use sqlx::migrate::{Migration, Migrator};

use super::database::Kind;

static SQLITE: Migrator = sqlx::migrate!("src/store/schema/sqlite");
static POSTGRES: Migrator = sqlx::migrate!("src/store/schema/postgres");
/// Steps that both take, numbered from 10 on.
static BOTH: Migrator = sqlx::migrate!("src/store/schema/both");

/// All steps for a database.
pub(super) fn of(kind: Kind) -> Migrator {
    let first = match kind {
        Kind::Sqlite => &SQLITE,
        Kind::Postgres => &POSTGRES,
    };
    let steps: Vec<Migration> = first.iter().chain(BOTH.iter()).cloned().collect();
    Migrator::with_migrations(steps)
}
