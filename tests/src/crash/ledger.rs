//! Where the cells' ledger is: the lab's file, or a PostgreSQL server of the matrix's own.

use std::fs;
use std::path::{Path, PathBuf};

use anyhow::{Context, Result};
use postgres_lab::Server;

use crate::lab::Lab;

/// A kind of database.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, clap::ValueEnum)]
pub enum Database {
    /// One file.
    #[default]
    Sqlite,
    /// A server, whose leases outlive their agents.
    Postgres,
}

impl Database {
    /// As the command line has it.
    pub fn title(self) -> &'static str {
        match self {
            Self::Sqlite => "sqlite",
            Self::Postgres => "postgres",
        }
    }
}

/// Seconds after which a dead agent's run may be taken over: the shortest that is accepted.
const LEASE: u32 = 2;

/// The ledger of a stage.
pub(super) enum Ledger {
    /// This file, with what lies beside it.
    File(PathBuf),
    /// A database of this server.
    Server {
        /// It ends with this value.
        server: Server,
        /// The database.
        url: String,
    },
}

impl Ledger {
    /// The lab's own, or an empty one on a server that is started for it.
    pub(super) fn open(database: Database, lab: &Lab) -> Result<Self> {
        match database {
            Database::Sqlite => Ok(Self::File(lab.layout.ledger())),
            Database::Postgres => {
                let server = Server::start().context("starting PostgreSQL")?;
                let url = server.new_database().context("making a database")?;
                Ok(Self::Server { server, url })
            }
        }
    }

    pub(super) fn database(&self) -> Database {
        match self {
            Self::File(_) => Database::Sqlite,
            Self::Server { .. } => Database::Postgres,
        }
    }

    /// The `[ledger]` of a configuration.
    pub(super) fn section(&self) -> String {
        match self {
            Self::File(path) => format!("path = \"{}\"", path.display()),
            Self::Server { url, .. } => format!("url = \"{url}\"\nlease = {LEASE}"),
        }
    }

    /// Everything that it keeps, and where.
    pub(super) fn kept(&self) -> Result<Vec<(String, Vec<u8>)>> {
        match self {
            Self::File(path) => beside(path),
            Self::Server { server, url } => {
                let mut kept = vec![("the server's rows".to_owned(), server.dump(url)?.into_bytes())];
                for folder in ["base", "global", "pg_wal"] {
                    below(&server.data().join(folder), &mut kept)?;
                }
                kept.push(("the server's log".to_owned(), fs::read(server.log()).context("reading the server's log")?));
                Ok(kept)
            }
        }
    }
}

/// The files whose names begin as this one's.
fn beside(path: &Path) -> Result<Vec<(String, Vec<u8>)>> {
    let folder = path.parent().context("the ledger's folder")?;
    let begin = path.file_name().context("the ledger's name")?.to_string_lossy().into_owned();
    let mut kept = Vec::new();
    for entry in fs::read_dir(folder).context("reading the lab's folder")? {
        let path = entry?.path();
        let own = path.file_name().is_some_and(|name| name.to_string_lossy().starts_with(&begin));
        if own && path.is_file() {
            let bytes = fs::read(&path).with_context(|| format!("reading {}", path.display()))?;
            kept.push((path.display().to_string(), bytes));
        }
    }
    Ok(kept)
}

/// All files of a folder. A server at work removes some while they are listed: those are gone.
fn below(folder: &Path, kept: &mut Vec<(String, Vec<u8>)>) -> Result<()> {
    for entry in fs::read_dir(folder).with_context(|| format!("reading {}", folder.display()))? {
        let path = entry?.path();
        if path.is_dir() {
            below(&path, kept)?;
        } else if let Ok(bytes) = fs::read(&path) {
            kept.push((path.display().to_string(), bytes));
        }
    }
    Ok(())
}
