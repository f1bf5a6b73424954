//! Opening the file: made private, brought to the current schema, checked before it is trusted.

use std::fs::{DirBuilder, File, OpenOptions};
use std::io;
use std::os::unix::fs::{DirBuilderExt, OpenOptionsExt};
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::time::Duration;

use sqlx::migrate::{MigrateError, Migrator};
use sqlx::sqlite::{SqliteConnectOptions, SqliteJournalMode, SqlitePoolOptions, SqliteSynchronous};
use sqlx::{Sqlite, SqlitePool, Transaction};
use thiserror::Error;

use super::fleet_key::FleetKey;
use super::journal::SqliteJournal;
use super::lease::Leases;
use crate::ledger::Ledger;

static SCHEMA: Migrator = sqlx::migrate!("src/store/schema");

/// How long a writer waits for another before it gives up.
const BUSY_TIMEOUT: Duration = Duration::from_secs(10);

/// Why the store cannot be used. Nothing is mended silently.
#[derive(Debug, Error)]
pub enum OpenError {
    /// The file or a folder beside it cannot be made.
    #[error("cannot make `{path}`")]
    Make {
        /// The file or folder.
        path: PathBuf,
        /// Why.
        source: io::Error,
    },
    /// The lock that keeps openers apart cannot be had.
    #[error("cannot lock `{path}`")]
    Lock {
        /// The lock file.
        path: PathBuf,
        /// Why.
        source: io::Error,
    },
    /// SQLite does not take the file.
    #[error("cannot open the ledger `{path}`")]
    Connect {
        /// The file.
        path: PathBuf,
        /// Why.
        source: sqlx::Error,
    },
    /// The file is damaged.
    #[error("the ledger `{path}` is damaged: {found}: put a backup in its place, then run the audit")]
    Corrupt {
        /// The file.
        path: PathBuf,
        /// What SQLite's `integrity_check` found first.
        found: String,
    },
    /// The file's schema cannot be brought up to date, for instance because a newer program wrote it.
    #[error("cannot bring the ledger `{path}` to this program's schema")]
    Migrate {
        /// The file.
        path: PathBuf,
        /// Why.
        source: MigrateError,
    },
    /// The fleet key in the file is not one.
    #[error("the fleet key in the ledger `{path}` is not 64 hex digits: put a backup in its place")]
    BadKey {
        /// The file.
        path: PathBuf,
    },
    /// The operating system gave no randomness.
    #[error("cannot draw a fleet key")]
    NoRandomness(#[source] rand::rngs::SysError),
}

/// An open store. Clones share its connections.
#[derive(Debug, Clone)]
pub struct Store {
    pool: SqlitePool,
    leases: Leases,
    key: Arc<FleetKey>,
}

impl Store {
    /// Opens the ledger file, or makes it (mode 0600), with the folder of leases (`<file>.leases`) and the lock of
    /// openers (`<file>.opening`) beside it.
    ///
    /// # Errors
    /// [`OpenError`], naming the file and what to do.
    pub async fn open(path: &Path) -> Result<Self, OpenError> {
        let leases = make_files(path)?;
        // Held until this returns: of two openers of a new file both would make its tables, and one would fail.
        let _alone = alone(path).await?;
        let pool = connect(path).await?;
        let key = async {
            check(&pool, path).await?;
            SCHEMA.run(&pool).await.map_err(|source| OpenError::Migrate { path: path.to_owned(), source })?;
            fleet_key(&pool, path).await
        };
        match key.await {
            Ok(key) => Ok(Self { pool, leases, key: Arc::new(key) }),
            Err(error) => {
                pool.close().await;
                Err(error)
            }
        }
    }

    /// The journal of runs.
    pub fn journal(&self) -> SqliteJournal {
        SqliteJournal::new(self.pool.clone(), self.leases.clone())
    }

    /// The ledger of identities.
    pub fn ledger(&self) -> Ledger {
        Ledger::new(self.pool.clone(), Arc::clone(&self.key))
    }

    /// Closes all connections; SQLite then folds the WAL into the file.
    pub async fn close(self) {
        self.pool.close().await;
    }
}

/// A transaction that is a writer from its first statement.
pub(crate) async fn write(pool: &SqlitePool) -> Result<Transaction<'static, Sqlite>, sqlx::Error> {
    pool.begin_with("BEGIN IMMEDIATE").await
}

fn make_files(path: &Path) -> Result<Leases, OpenError> {
    let failed = |path: &Path, source| OpenError::Make { path: path.to_owned(), source };
    if let Some(folder) = path.parent().filter(|folder| !folder.as_os_str().is_empty()) {
        let made = DirBuilder::new().recursive(true).mode(0o700).create(folder);
        made.map_err(|source| failed(folder, source))?;
    }
    // SQLite gives its -wal and -shm files the mode of the main file: private before the first byte.
    let opened = OpenOptions::new().create(true).append(true).mode(0o600).open(path);
    opened.map_err(|source| failed(path, source))?;
    let leases = path.with_added_extension("leases");
    Leases::in_dir(leases.clone()).map_err(|source| failed(&leases, source))
}

/// Waits until nobody else opens this ledger. The kernel frees the lock when its holder's process ends, however it
/// ends. A file of its own: SQLite's locks on the ledger are none of ours.
async fn alone(ledger: &Path) -> Result<File, OpenError> {
    let path = ledger.with_added_extension("opening");
    let lock = path.clone();
    let locking = tokio::task::spawn_blocking(move || -> io::Result<File> {
        let file = OpenOptions::new().create(true).write(true).truncate(false).mode(0o600).open(lock)?;
        file.lock()?;
        Ok(file)
    });
    let locked = locking.await.unwrap_or_else(|stopped| Err(io::Error::other(stopped)));
    locked.map_err(|source| OpenError::Lock { path, source })
}

async fn connect(path: &Path) -> Result<SqlitePool, OpenError> {
    let options = SqliteConnectOptions::new()
        .filename(path)
        .journal_mode(SqliteJournalMode::Wal)
        .synchronous(SqliteSynchronous::Full)
        .foreign_keys(true)
        .busy_timeout(BUSY_TIMEOUT);
    let pool = SqlitePoolOptions::new().max_connections(4).connect_with(options).await;
    pool.map_err(|source| OpenError::Connect { path: path.to_owned(), source })
}

async fn check(pool: &SqlitePool, path: &Path) -> Result<(), OpenError> {
    let found: String = sqlx::query_scalar("PRAGMA integrity_check(1)")
        .fetch_one(pool)
        .await
        .map_err(|source| OpenError::Connect { path: path.to_owned(), source })?;
    if found == "ok" { Ok(()) } else { Err(OpenError::Corrupt { path: path.to_owned(), found }) }
}

async fn fleet_key(pool: &SqlitePool, path: &Path) -> Result<FleetKey, OpenError> {
    let drawn = FleetKey::draw().map_err(OpenError::NoRandomness)?;
    let connect = |source| OpenError::Connect { path: path.to_owned(), source };
    // Two first openers at once: one row wins, both read it.
    sqlx::query("INSERT INTO meta (key, value) VALUES ('fleet_key', $1) ON CONFLICT DO NOTHING")
        .bind(drawn.to_hex())
        .execute(pool)
        .await
        .map_err(connect)?;
    let text: String =
        sqlx::query_scalar("SELECT value FROM meta WHERE key = 'fleet_key'").fetch_one(pool).await.map_err(connect)?;
    FleetKey::from_hex(&text).ok_or_else(|| OpenError::BadKey { path: path.to_owned() })
}
