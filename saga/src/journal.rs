//! Where records go.

use std::any::Any;
use std::error::Error;
use std::fmt;
use std::future::Future;

use thiserror::Error;

use crate::event::{Header, Outcome, Record};
use crate::log::LogError;

/// Durable records of runs, and who may write them. Implement the functions as `async fn`.
pub trait Journal: Send + Sync {
    /// Accepts a run: its `opened` record and its claim, both or neither.
    ///
    /// # Errors
    /// [`JournalError::Exists`] if a run of that id is known.
    fn open(&self, header: &Header) -> impl Future<Output = Result<Claim, JournalError>> + Send;

    /// Takes over a run that nobody holds, with all its records in order.
    ///
    /// # Errors
    /// [`JournalError::Held`] while another holder lives; [`JournalError::Unknown`].
    fn claim(&self, run: &str) -> impl Future<Output = Result<(Claim, Vec<Record>), JournalError>> + Send;

    /// Makes one record durable before it returns.
    ///
    /// # Errors
    /// [`JournalError::Fenced`] if the run was claimed by someone else meanwhile.
    fn append(&self, claim: &Claim, record: &Record) -> impl Future<Output = Result<(), JournalError>> + Send;

    /// Makes the `closed` record durable and marks the run as ended.
    ///
    /// # Errors
    /// As [`Journal::append`].
    fn close(
        &self,
        claim: &Claim,
        record: &Record,
        outcome: Outcome,
    ) -> impl Future<Output = Result<(), JournalError>> + Send;

    /// The runs that are not closed, oldest first.
    ///
    /// # Errors
    /// [`JournalError::Storage`].
    fn unfinished(&self) -> impl Future<Output = Result<Vec<Header>, JournalError>> + Send;
}

/// The right to write one run's records, until it is dropped or its process dies.
pub struct Claim {
    run: String,
    fence: u64,
    _hold: Box<dyn Any + Send + Sync>,
}

impl Claim {
    /// `fence` grows with every claim of the run; dropping `hold` must free the run for the next holder.
    pub fn new(run: impl Into<String>, fence: u64, hold: impl Any + Send + Sync) -> Self {
        Self { run: run.into(), fence, _hold: Box::new(hold) }
    }

    /// The run held.
    pub fn run(&self) -> &str {
        &self.run
    }

    /// How many claims of this run there have been: a writer with an older number is a ghost.
    pub fn fence(&self) -> u64 {
        self.fence
    }
}

impl fmt::Debug for Claim {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Claim({}, fence {})", self.run, self.fence)
    }
}

/// Why the journal did not do as asked.
#[derive(Debug, Error)]
pub enum JournalError {
    /// Run ids are used once.
    #[error("run `{run}` exists already")]
    Exists {
        /// The run.
        run: String,
    },
    /// No such run.
    #[error("run `{run}` is not in the journal")]
    Unknown {
        /// The run.
        run: String,
    },
    /// Someone alive is working on it.
    #[error("run `{run}` is held by {holder}: wait for it to end, or stop it")]
    Held {
        /// The run.
        run: String,
        /// Who holds it.
        holder: String,
    },
    /// The run went to another holder while this one thought it still had it.
    #[error("run `{run}` was taken over: fence {fence} is no longer the latest")]
    Fenced {
        /// The run.
        run: String,
        /// The number that is out of date.
        fence: u64,
    },
    /// A record that cannot follow those before it.
    #[error("the records of run `{run}` do not add up")]
    Inconsistent {
        /// The run.
        run: String,
        /// The rule broken.
        source: LogError,
    },
    /// The store itself failed.
    #[error("cannot {action}")]
    Storage {
        /// What was tried, as it fits "cannot …".
        action: String,
        /// Why.
        source: Box<dyn Error + Send + Sync>,
    },
}
