//! How a call fails, and what that says about the world.

use std::time::Duration;

use pve_wire::api::ParamErrors;

use crate::answer::{Class, Meaning, Refusal};
use crate::law::{Next, Rule};
use crate::tls::Fingerprint;

/// A call that did not end well.
#[derive(Debug, thiserror::Error)]
#[error("{method} {path} failed")]
pub struct CallError {
    /// The HTTP method.
    pub method: &'static str,
    /// The path below `/api2/json`.
    pub path: String,
    /// The law of this call.
    pub rule: &'static Rule,
    /// What happened.
    #[source]
    pub failure: Failure,
}

/// What happened to a call.
#[derive(Debug, thiserror::Error)]
pub enum Failure {
    /// Nothing was sent: the API's table refuses the parameters, as the node would.
    #[error("the parameters are wrong, nothing was sent: {}", told(errors))]
    Invalid {
        /// What is wrong with which parameter.
        errors: ParamErrors,
    },
    /// Nothing was sent: the parameters are longer than every node takes.
    #[error("the parameters have {length} bytes and may have {most}, nothing was sent")]
    TooLong {
        /// Their length.
        length: usize,
        /// The most that is sent.
        most: usize,
    },
    /// Nothing was sent: there was no connection.
    #[error("the node could not be reached, nothing was sent")]
    NeverSent(#[source] reqwest::Error),
    /// Nothing was sent: whoever makes the call may not any more.
    #[error("nothing was sent: {why}")]
    Withheld {
        /// Why not.
        why: String,
    },
    /// Nothing was sent: somebody else answers at that address, or the node's certificate was renewed.
    #[error(
        "the certificate at this address has fingerprint {presented}, which is not trusted: \
         compare it with `pvenode cert info` on the node, then add it to `fingerprints` or name its authority"
    )]
    Untrusted {
        /// The fingerprint that was presented.
        presented: Fingerprint,
    },
    /// The request went out and no whole answer came back.
    #[error("the connection broke before the answer was complete; the node may have acted")]
    Broken(#[source] reqwest::Error),
    /// The request went out and no answer came in time.
    #[error("no answer within {} s; the node may have acted", after.as_secs())]
    TimedOut {
        /// The call's deadline.
        after: Duration,
    },
    /// The node said no.
    #[error(transparent)]
    Refused(Refusal),
    /// The node said yes, in words that are not understood.
    #[error("the answer is not understood: {why}")]
    Unreadable {
        /// What is wrong with it.
        why: String,
    },
}

impl CallError {
    /// What follows from it.
    pub fn class(&self) -> Class {
        match &self.failure {
            Failure::Invalid { .. } | Failure::TooLong { .. } | Failure::Withheld { .. } => Class::Permanent,
            Failure::NeverSent(_) => Class::Transient,
            Failure::Untrusted { .. } => Class::Authority,
            Failure::Broken(_) | Failure::TimedOut { .. } | Failure::Unreadable { .. } => Class::Ambiguous,
            Failure::Refused(refusal) => refusal.class(),
        }
    }

    /// What to do next, by the law of this call.
    pub fn next(&self) -> Next {
        let meaning = self.refusal().map(Refusal::meaning);
        self.rule.next(self.class(), meaning.as_ref())
    }

    /// Whether the node does not know the task that was asked for: it was restarted, or its list of tasks is short.
    pub fn is_forgotten_task(&self) -> bool {
        self.refusal().is_some_and(|refusal| refusal.meaning() == Meaning::UnknownTask)
    }

    /// The node's refusal, if it was one.
    pub fn refusal(&self) -> Option<&Refusal> {
        match &self.failure {
            Failure::Refused(refusal) => Some(refusal),
            _ => None,
        }
    }
}

fn told(errors: &ParamErrors) -> String {
    errors.iter().map(|(name, why)| format!("{name}: {}", why.trim().replace('\n', " "))).collect::<Vec<_>>().join("; ")
}
