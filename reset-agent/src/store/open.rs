//! Opening the store wherever it is: reached, brought to the current schema, checked before it is trusted.

use std::io;
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::time::Duration;

use sqlx::AnyPool;
use sqlx::migrate::MigrateError;
use thiserror::Error;

use super::database::Kind;
use super::fleet_key::FleetKey;
use super::journal::RunJournal;
use super::lease::{Holds, Leases};
use super::{migrations, postgres, sqlite};
use crate::config::{LedgerPlace, SecretError};
use crate::ledger::Ledger;

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
    /// The server's password cannot be had.
    #[error("cannot read the password of the ledger {place}")]
    Password {
        /// The server.
        place: String,
        /// Why.
        source: SecretError,
    },
    /// The database does not take us, or is none.
    #[error("cannot open the ledger {place}")]
    Connect {
        /// The file or server.
        place: String,
        /// Why.
        source: sqlx::Error,
    },
    /// The server would lose what it has acknowledged, or takes no writes.
    #[error("the ledger {place} cannot be trusted: {why}")]
    Unfit {
        /// The server.
        place: String,
        /// What is wrong and what to do.
        why: String,
    },
    /// The file is damaged.
    #[error("the ledger {place} is damaged: {found}: put a backup in its place, then run the audit")]
    Corrupt {
        /// The file.
        place: String,
        /// What SQLite's `integrity_check` found first.
        found: String,
    },
    /// The schema cannot be brought up to date, for instance because a newer program wrote it.
    #[error("cannot bring the ledger {place} to this program's schema")]
    Migrate {
        /// The file or server.
        place: String,
        /// Why.
        source: MigrateError,
    },
    /// The fleet key in the ledger is not one.
    #[error("the fleet key in the ledger {place} is not 64 hex digits: put a backup in its place")]
    BadKey {
        /// The file or server.
        place: String,
    },
    /// The operating system gave no randomness.
    #[error("cannot draw a fleet key")]
    NoRandomness(#[source] rand::rngs::SysError),
}

/// How long a process that ends waits for the ledger.
const CLOSING: Duration = Duration::from_secs(5);

/// An open store. Clones share its connections.
#[derive(Debug, Clone)]
pub struct Store {
    pool: AnyPool,
    leases: Leases,
    holds: Holds,
    key: Arc<FleetKey>,
}

impl Store {
    /// Opens the ledger where the configuration says that it is.
    ///
    /// # Errors
    /// [`OpenError`], naming the place and what to do.
    pub async fn at(place: &LedgerPlace) -> Result<Self, OpenError> {
        match place {
            LedgerPlace::File(path) => Self::open(path).await,
            LedgerPlace::Server(server) => {
                let opened = postgres::open(server).await?;
                Self::ready(opened.pool, opened.leases, &server.to_string()).await
            }
        }
    }

    /// Opens the ledger file, or makes it (mode 0600), with the folder of leases (`<file>.leases`) and the lock of
    /// openers (`<file>.opening`) beside it.
    ///
    /// # Errors
    /// As [`Store::at`].
    pub async fn open(path: &Path) -> Result<Self, OpenError> {
        let sqlite::Opened { pool, leases, alone: _alone } = sqlite::open(path).await?;
        Self::ready(pool, leases, &format!("`{}`", path.display())).await
    }

    async fn ready(pool: AnyPool, leases: Leases, place: &str) -> Result<Self, OpenError> {
        let key = async {
            let migrated = migrations::of(Kind::of(&pool)).run(&pool).await;
            migrated.map_err(|source| OpenError::Migrate { place: place.to_owned(), source })?;
            fleet_key(&pool, place).await
        };
        match key.await {
            Ok(key) => Ok(Self { pool, leases, holds: Holds::default(), key: Arc::new(key) }),
            Err(error) => {
                pool.close().await;
                Err(error)
            }
        }
    }

    /// Which database it is.
    pub fn kind(&self) -> Kind {
        Kind::of(&self.pool)
    }

    /// The key under which machine-ids are kept.
    pub fn fleet_key(&self) -> &FleetKey {
        &self.key
    }

    /// The journal of runs.
    pub fn journal(&self) -> RunJournal {
        RunJournal::new(self.pool.clone(), self.leases.clone(), self.holds.clone())
    }

    /// The ledger of identities.
    pub fn ledger(&self) -> Ledger {
        Ledger::new(self.pool.clone(), Arc::clone(&self.key), self.holds.clone(), self.leases.clone())
    }

    /// Gives this process's leases back, so that another agent need not wait for their ends, and closes all
    /// connections; SQLite then folds the WAL into the file. What is still under way in this process is refused by its
    /// fence as soon as another agent takes its run up.
    pub async fn close(self) {
        let closing = async {
            if let Leases::Rows(leases) = &self.leases
                && let Err(error) = leases.end_all().await
            {
                tracing::warn!(%error, "the leases of this process's runs were not given back: they end by themselves");
            }
            self.pool.close().await;
        };
        if tokio::time::timeout(CLOSING, closing).await.is_err() {
            tracing::warn!("the ledger's connections were still in use when this process ended");
        }
    }
}

async fn fleet_key(pool: &AnyPool, place: &str) -> Result<FleetKey, OpenError> {
    let drawn = FleetKey::draw().map_err(OpenError::NoRandomness)?;
    let connect = |source| OpenError::Connect { place: place.to_owned(), source };
    // Two first openers at once: one row wins, both read it.
    sqlx::query("INSERT INTO meta (key, value) VALUES ('fleet_key', $1) ON CONFLICT DO NOTHING")
        .bind(drawn.to_hex())
        .execute(pool)
        .await
        .map_err(connect)?;
    let text: String =
        sqlx::query_scalar("SELECT value FROM meta WHERE key = 'fleet_key'").fetch_one(pool).await.map_err(connect)?;
    FleetKey::from_hex(&text).ok_or_else(|| OpenError::BadKey { place: place.to_owned() })
}
