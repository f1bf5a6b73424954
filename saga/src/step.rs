//! What a step is, and what its errors mean to the executor.

use std::error::Error;
use std::future::Future;
use std::pin::Pin;

use serde::Serialize;
use serde_json::Value;
use thiserror::Error;

use crate::event::Failure;
use crate::recorder::Recorder;

pub(crate) type BoxFuture<'a, T> = Pin<Box<dyn Future<Output = T> + Send + 'a>>;

/// One thing a run does, and how to make it absent again. `C` is the context: the run-time handles steps may touch.
///
/// Implement the two functions as `async fn`.
pub trait Step<C>: Send + Sync {
    /// Unique in its plan, stable for ever: it stands in journals.
    fn name(&self) -> &'static str;

    /// Does the work, or finds that it is done. Called again after a crash, with the notes of the earlier attempts.
    ///
    /// # Errors
    /// An error claims nothing about the world: the step is undone like those that succeeded.
    fn run(&self, ctx: &mut C, rec: &mut Recorder<'_>) -> impl Future<Output = Result<Value, StepError>> + Send;

    /// Makes the step's work absent, however much of it there is; harmless when repeated.
    /// The recorded output ([`Recorder::own_output`]) and notes ([`Recorder::notes`]) tell what was begun.
    ///
    /// # Errors
    /// Any error parks the run: neither forward nor back is possible without a person.
    fn undo(&self, ctx: &mut C, rec: &mut Recorder<'_>) -> impl Future<Output = Result<(), StepError>> + Send;
}

/// Why a step did not finish, in the classes the executor understands.
#[derive(Debug, Clone, PartialEq, Eq, Error)]
pub enum StepError {
    /// It cannot be done: the run unwinds.
    #[error("{0}")]
    Failed(Failure),
    /// Only a person can go on: the run rests here and can be resumed.
    #[error("{reason}")]
    Park {
        /// What is wrong.
        reason: String,
        /// What the person should run, where the step knows it.
        command: Option<String>,
    },
    /// The journal refused a note. The run stops on the spot, without a record; recovery takes it up again.
    #[error("the journal did not take the note")]
    Stopped,
}

impl StepError {
    /// A failure told in one sentence.
    pub fn failed(message: impl Into<String>) -> Self {
        Self::Failed(Failure::new(message))
    }

    /// A failure with its chain of causes.
    pub fn from_error(error: &(dyn Error + 'static)) -> Self {
        Self::Failed(Failure::from_error(error))
    }

    /// A rest that a person ends by running `command`.
    pub fn park(reason: impl Into<String>, command: impl Into<String>) -> Self {
        Self::Park { reason: reason.into(), command: Some(command.into()) }
    }
}

/// A value as a step's output.
///
/// # Errors
/// [`StepError::Failed`] if the value has no JSON form (a map whose keys are not texts, for instance).
pub fn output<T: Serialize>(value: &T) -> Result<Value, StepError> {
    serde_json::to_value(value).map_err(|error| StepError::from_error(&error))
}

/// [`Step`] without the nameless future types, so that a plan can hold steps of many kinds.
pub(crate) trait AnyStep<C>: Send + Sync {
    fn name(&self) -> &'static str;
    fn run<'a>(&'a self, ctx: &'a mut C, rec: &'a mut Recorder<'_>) -> BoxFuture<'a, Result<Value, StepError>>;
    fn undo<'a>(&'a self, ctx: &'a mut C, rec: &'a mut Recorder<'_>) -> BoxFuture<'a, Result<(), StepError>>;
}

impl<C, S: Step<C>> AnyStep<C> for S {
    fn name(&self) -> &'static str {
        Step::name(self)
    }

    fn run<'a>(&'a self, ctx: &'a mut C, rec: &'a mut Recorder<'_>) -> BoxFuture<'a, Result<Value, StepError>> {
        Box::pin(Step::run(self, ctx, rec))
    }

    fn undo<'a>(&'a self, ctx: &'a mut C, rec: &'a mut Recorder<'_>) -> BoxFuture<'a, Result<(), StepError>> {
        Box::pin(Step::undo(self, ctx, rec))
    }
}
