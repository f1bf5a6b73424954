//! A call's error as a step's: what a person must mend parks the run, what can never work unwinds it.

use std::error::Error;

use pve_client::{CallError, Class, Failure, WaitError};
use saga::StepError;

/// What a failed call means for a run that has something on the node.
///
/// Authority, an unreachable node and an unclear outcome park: unwinding needs the same node and the same rights, and
/// would fail too.
pub fn called(error: &CallError) -> StepError {
    match error.class() {
        Class::Permanent | Class::Conflict => StepError::from_error(error),
        Class::Transient | Class::Ambiguous | Class::Authority | Class::Operator => park(error, advice(error)),
    }
}

/// What a task that could not be followed means.
pub fn waited(error: WaitError) -> StepError {
    match error {
        WaitError::Lost { source, .. } => called(&source),
        WaitError::TimedOut { .. } => {
            park(&error, "look at the task on the node, then resume the run with `reset-agent resume`")
        }
    }
}

fn advice(error: &CallError) -> &'static str {
    match (&error.failure, error.class()) {
        (Failure::Untrusted { .. }, _) => "compare the fingerprint on the node, then `reset-agent resume`",
        (_, Class::Authority) => "grant what `reset-agent doctor` names, then `reset-agent resume`",
        (_, Class::Operator) => "unlock the guest on the node (`pct unlock`), then `reset-agent resume`",
        _ => "make sure that the node answers, then `reset-agent resume`",
    }
}

fn park(error: &dyn Error, command: &str) -> StepError {
    StepError::park(chain(error), command)
}

/// An error with its causes, in one line.
pub fn chain(error: &dyn Error) -> String {
    let mut text = error.to_string();
    let mut cause = error.source();
    while let Some(error) = cause {
        text.push_str(": ");
        text.push_str(&error.to_string());
        cause = error.source();
    }
    text
}
