//! The server as a test sees it.

use std::fs;
use std::io::{self, BufRead, BufReader};
use std::path::{Path, PathBuf};
use std::process::{Child, Command};
use std::sync::atomic::{AtomicU32, Ordering};

use tempfile::TempDir;
use thiserror::Error;

use crate::keeper;

/// Why there is no server.
#[derive(Debug, Error)]
pub enum LabError {
    /// The package is not installed.
    #[error("PostgreSQL's server is not in /usr/lib/postgresql: run `make setup`")]
    NotInstalled,
    /// A file or program could not be used.
    #[error("cannot {action}")]
    Io {
        /// What was tried, as it fits "cannot …".
        action: &'static str,
        /// Why.
        source: io::Error,
    },
    /// It did not come up, or refused.
    #[error("PostgreSQL does not do as asked: {told}")]
    Refused {
        /// What it said.
        told: String,
    },
}

/// A running server. It ends with this value, or with the process.
#[derive(Debug)]
pub struct Server {
    programs: PathBuf,
    folder: TempDir,
    keeper: Child,
    databases: AtomicU32,
}

impl Server {
    /// Makes a cluster and starts its server.
    ///
    /// # Errors
    /// [`LabError`].
    pub fn start() -> Result<Self, LabError> {
        let programs = programs().ok_or(LabError::NotInstalled)?;
        let failed = |action| move |source| LabError::Io { action, source };
        let folder = tempfile::Builder::new().prefix("mintmark-pg-").tempdir().map_err(failed("make a folder"))?;
        keeper::hand_over(folder.path()).map_err(failed("give the folder to PostgreSQL's user"))?;
        let keeper = keeper::start(&programs, folder.path()).map_err(failed("start PostgreSQL"))?;
        let mut server = Self { programs, folder, keeper, databases: AtomicU32::new(0) };
        server.await_start()?;
        Ok(server)
    }

    fn await_start(&mut self) -> Result<(), LabError> {
        let mut told = String::new();
        let said = self.keeper.stdout.take().map(|stdout| BufReader::new(stdout).read_line(&mut told));
        match said.transpose() {
            Ok(_) if told == "ready\n" => Ok(()),
            Ok(_) => Err(LabError::Refused { told: self.logs() }),
            Err(source) => Err(LabError::Io { action: "wait for PostgreSQL", source }),
        }
    }

    /// A new empty database, as a URL of the whole cluster's owner.
    ///
    /// # Errors
    /// [`LabError`].
    pub fn new_database(&self) -> Result<String, LabError> {
        let name = format!("lab_{}", self.databases.fetch_add(1, Ordering::SeqCst));
        self.sql(&format!("CREATE DATABASE {name}"))?;
        Ok(format!("postgres://mint@localhost/{name}?host={}", self.folder.path().display()))
    }

    /// Has the server's owner say something to it, and returns what `psql` printed.
    ///
    /// # Errors
    /// [`LabError`].
    pub fn sql(&self, statement: &str) -> Result<String, LabError> {
        let mut psql = Command::new(self.programs.join("psql"));
        psql.args([
            "-X",
            "-q",
            "-A",
            "-t",
            "-v",
            "ON_ERROR_STOP=1",
            "-U",
            "mint",
            "-d",
            "postgres",
            "-c",
            statement,
            "-h",
        ]);
        self.asked(psql.arg(self.folder.path()))
    }

    /// The folder of the cluster's files, write-ahead log included.
    pub fn data(&self) -> PathBuf {
        self.folder.path().join("data")
    }

    /// What the server says.
    pub fn log(&self) -> PathBuf {
        self.folder.path().join("server.log")
    }

    /// All rows of a database as SQL: in its files long values are compressed.
    ///
    /// # Errors
    /// [`LabError`].
    pub fn dump(&self, url: &str) -> Result<String, LabError> {
        self.asked(Command::new(self.programs.join("pg_dump")).args(["--inserts", "--dbname", url]))
    }

    fn asked(&self, command: &mut Command) -> Result<String, LabError> {
        let failed = |source| LabError::Io { action: "ask PostgreSQL", source };
        let answer = command.current_dir(self.folder.path()).output().map_err(failed)?;
        if answer.status.success() {
            return Ok(String::from_utf8_lossy(&answer.stdout).trim().to_owned());
        }
        Err(LabError::Refused { told: String::from_utf8_lossy(&answer.stderr).into_owned() })
    }

    fn logs(&self) -> String {
        let log = |name: &str| fs::read_to_string(self.folder.path().join(name)).unwrap_or_default();
        format!("{}{}", log("initdb.log"), log("server.log"))
    }
}

impl Drop for Server {
    fn drop(&mut self) {
        drop(self.keeper.stdin.take());
        // The shell ends once the server has; a test that is over does not care how.
        let _ended = self.keeper.wait();
    }
}

/// The newest server's programs, as Debian lays them out.
fn programs() -> Option<PathBuf> {
    let version = |path: &Path| path.file_name().and_then(|name| name.to_str()?.parse::<u32>().ok());
    let installed = fs::read_dir("/usr/lib/postgresql").ok()?.filter_map(Result::ok).map(|entry| entry.path());
    let newest = installed.filter(|path| path.join("bin/postgres").exists()).max_by_key(|path| version(path))?;
    Some(newest.join("bin"))
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, reason = "a test that panics has failed")]

    use super::*;

    #[test]
    fn a_server_ends_with_its_value_and_leaves_nothing() {
        let server = Server::start().unwrap();
        let url = server.new_database().unwrap();
        assert!(url.starts_with("postgres://mint@localhost/lab_0?host=/"), "{url}");
        assert_eq!(server.sql("SELECT 6 * 7").unwrap(), "42");
        assert!(server.dump(&url).unwrap().contains("PostgreSQL database dump"));
        assert!(server.sql("SELECT nonsense").unwrap_err().to_string().contains("nonsense"));
        let pid = fs::read_to_string(server.folder.path().join("data/postmaster.pid")).unwrap();
        let pid = pid.lines().next().unwrap().to_owned();
        let folder = server.folder.path().to_owned();
        assert!(Path::new("/proc").join(&pid).exists());
        drop(server);
        assert!(!Path::new("/proc").join(&pid).exists(), "the server goes on");
        assert!(!folder.exists(), "{} is left", folder.display());
    }
}
