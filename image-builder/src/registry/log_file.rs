//! A golden's log: read, and one more line.

use std::path::PathBuf;

use jiff::Timestamp;
use spec::release::{Action, ENTRY_VERSION, Entry, LOG_LIMIT, Line, LogError, Namespace, ReleaseLog};

use super::folder::{Folder, Locked};
use super::read::{ReadError, capped};
use crate::durable::{self, WriteError};
use crate::releases::Release;
use crate::signing::{Signatory, SignatoryError};

/// Why a log is of no use.
#[derive(Debug, thiserror::Error)]
pub enum LogFileError {
    /// It cannot be read.
    #[error("the release log is not to be had")]
    Read(#[from] ReadError),
    /// It is not whole.
    #[error("the release log {path} is not whole: nothing is added to it; `image-builder verify-log` tells more")]
    Broken {
        /// The file.
        path: PathBuf,
        /// Which line, and why.
        #[source]
        source: Box<LogError>,
    },
    /// A line has no JSON form.
    #[error("a line of the log has no JSON form")]
    Form(#[from] serde_json::Error),
    /// A line is not signed.
    #[error("a line of the log is not signed")]
    Sign(#[source] Box<SignatoryError>),
    /// It cannot be written.
    #[error("the release log stays as it was")]
    Write(#[from] WriteError),
}

/// A golden's log and its file.
#[derive(Debug)]
pub struct Log {
    path: PathBuf,
    text: Vec<u8>,
    /// What it says.
    pub chain: ReleaseLog,
}

impl Log {
    /// Reads the log; one that nobody has begun is empty.
    ///
    /// # Errors
    /// It cannot be read, or its chain does not hold.
    pub fn read(path: PathBuf) -> Result<Self, LogFileError> {
        let text = match capped(&path, LOG_LIMIT) {
            Err(error) if error.is_absent() => Vec::new(),
            read => read?,
        };
        match ReleaseLog::read(&text) {
            Ok(chain) => Ok(Self { path, text, chain }),
            Err(error) => Err(LogFileError::Broken { path, source: Box::new(error) }),
        }
    }

    /// The log of a release's golden.
    ///
    /// # Errors
    /// As [`Self::read`].
    pub fn of(release: &Release) -> Result<Self, LogFileError> {
        Self::read(Folder::of_archive(&release.archive()).log(&release.manifest.golden))
    }

    /// Writes one more line: signed, and on disk as a whole log when this returns.
    ///
    /// # Errors
    /// It is not signed, or not written.
    pub fn append(
        &mut self,
        _alone: &Locked,
        release: &Release,
        action: Action,
        signatory: &Signatory,
        now: Timestamp,
    ) -> Result<Line, LogFileError> {
        let (seq, prev) = self.chain.next();
        // Clocks of two machines may differ; the order of lines is the order of time.
        let at = self.chain.head().map_or(now, |line| line.entry.at.max(now));
        let entry = Entry {
            version: ENTRY_VERSION,
            seq,
            prev,
            at,
            principal: signatory.principal(Namespace::Log, now).map_err(unsigned)?,
            golden: release.manifest.golden.clone(),
            release: release.manifest.release.clone(),
            manifest: release.sha256.clone(),
            action,
        };
        let signed = serde_json::to_string(&entry)?;
        let seal = signatory.seal(Namespace::Log, signed.as_bytes(), now).map_err(unsigned)?;
        let mut chain = self.chain.clone();
        let broken = |error| LogFileError::Broken { path: self.path.clone(), source: Box::new(error) };
        let (text, line) = chain.append(signed, seal).map_err(broken)?;
        let line = line.clone();
        let whole = [self.text.as_slice(), text.as_bytes()].concat();
        durable::write(&self.path, &whole)?;
        (self.text, self.chain) = (whole, chain);
        Ok(line)
    }
}

fn unsigned(error: SignatoryError) -> LogFileError {
    LogFileError::Sign(Box::new(error))
}
