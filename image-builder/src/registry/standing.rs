//! A release with everything that is said of it: its signatures, its gates, its log.

use jiff::Timestamp;
use spec::release::seal::AllowedSigners;
use spec::release::{LogError, Reached, Standing, State, history, state};

use super::beside::{BesideError, Signed};
use super::log_file::{Log, LogFileError};
use crate::releases::Release;

/// Where a release stands.
#[derive(Debug)]
pub struct Stands {
    /// Its signed documents; why they do not count, where they do not.
    pub signed: Result<Signed, BesideError>,
    /// Its golden's log.
    pub log: Log,
    /// What happened to it, in order.
    pub history: Vec<Reached>,
    /// How far it has come.
    pub state: State,
}

/// Why nobody can say where a release stands.
#[derive(Debug, thiserror::Error)]
pub enum StandsError {
    /// The log is of no use.
    #[error("nobody can say where the release stands")]
    Log(#[from] LogFileError),
    /// A line of the log is not its writer's.
    #[error("the release log is not to be believed")]
    Seals(#[from] LogError),
}

impl Stands {
    /// Reads all of it. That a release is not signed is a standing too.
    ///
    /// # Errors
    /// The log cannot be read or is not to be believed.
    pub fn of(release: &Release, signers: &AllowedSigners, now: Timestamp) -> Result<Self, StandsError> {
        let log = Log::of(release)?;
        log.chain.verify_seals(signers)?;
        let signed = Signed::of(&release.archive(), signers, now);
        let none = Standing::default();
        let standing = signed.as_ref().map_or(&none, |signed| &signed.standing);
        let history = history(&release.sha256, standing, log.chain.lines());
        let state = state(&history);
        Ok(Self { signed, log, history, state })
    }
}
