//! The ledger as a file: made private, one opener at a time, looked through before it is trusted.

use std::fs::{DirBuilder, File, OpenOptions};
use std::io;
use std::os::unix::fs::{DirBuilderExt, OpenOptionsExt};
use std::path::Path;
use std::time::Duration;

use sqlx::any::{AnyConnectOptions, AnyPoolOptions};
use sqlx::sqlite::SqliteConnectOptions;
use sqlx::{AnyPool, ConnectOptions};

use super::lease::{FileLeases, Leases};
use super::open::OpenError;

/// How long a writer waits for another before it gives up.
const BUSY_TIMEOUT: Duration = Duration::from_secs(10);

/// An open file.
pub(super) struct Opened {
    pub(super) pool: AnyPool,
    pub(super) leases: Leases,
    /// Held while tables are made: of two openers of a new file both would make them, and one would fail.
    pub(super) alone: File,
}

/// Opens the file or makes it.
pub(super) async fn open(path: &Path) -> Result<Opened, OpenError> {
    let leases = make_files(path)?;
    let alone = alone(path).await?;
    let pool = connect(path).await?;
    match check(&pool, path).await {
        Ok(()) => Ok(Opened { pool, leases: Leases::Files(leases), alone }),
        Err(error) => {
            pool.close().await;
            Err(error)
        }
    }
}

fn make_files(path: &Path) -> Result<FileLeases, OpenError> {
    let failed = |path: &Path, source| OpenError::Make { path: path.to_owned(), source };
    if let Some(folder) = path.parent().filter(|folder| !folder.as_os_str().is_empty()) {
        let made = DirBuilder::new().recursive(true).mode(0o700).create(folder);
        made.map_err(|source| failed(folder, source))?;
    }
    // SQLite gives its -wal and -shm files the mode of the main file: private before the first byte.
    let opened = OpenOptions::new().create(true).append(true).mode(0o600).open(path);
    opened.map_err(|source| failed(path, source))?;
    let leases = path.with_added_extension("leases");
    FileLeases::in_dir(leases.clone()).map_err(|source| failed(&leases, source))
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

async fn connect(path: &Path) -> Result<AnyPool, OpenError> {
    sqlx::any::install_default_drivers();
    let failed = |source| OpenError::Connect { place: place(path), source };
    let url = SqliteConnectOptions::new().filename(path).to_url_lossy();
    let options = AnyConnectOptions::from_url(&url).map_err(failed)?;
    let pool = AnyPoolOptions::new().max_connections(4).after_connect(|connection, _| {
        Box::pin(async move {
            // What is acknowledged is on disk.
            let settings = "PRAGMA journal_mode = WAL; PRAGMA synchronous = FULL; PRAGMA foreign_keys = ON;";
            let patience = format!("PRAGMA busy_timeout = {}; {settings}", BUSY_TIMEOUT.as_millis());
            sqlx::raw_sql(sqlx::AssertSqlSafe(patience)).execute(connection).await.map(drop)
        })
    });
    pool.connect_with(options).await.map_err(failed)
}

async fn check(pool: &AnyPool, path: &Path) -> Result<(), OpenError> {
    let found: String = sqlx::query_scalar("PRAGMA integrity_check(1)")
        .fetch_one(pool)
        .await
        .map_err(|source| OpenError::Connect { place: place(path), source })?;
    if found == "ok" { Ok(()) } else { Err(OpenError::Corrupt { place: place(path), found }) }
}

fn place(path: &Path) -> String {
    format!("`{}`", path.display())
}
