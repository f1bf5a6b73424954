//! A run's acts as they are gathered, behind a gate that lets no change through.

use std::future::Future;
use std::mem::take;
use std::sync::{Arc, Mutex, PoisonError};

use pve_client::{CallError, Failure, Gate, Outline};
use saga::StepError;
use spec::exit::Exit;
use spec::identity::{Identity, IdentityKind};
use spec::ids::{CustomerId, Hostname};

use super::later::Later;
use super::rehearsal::{Act, Does, Rehearsal};
use crate::agent::Agent;
use crate::context::Context;
use crate::ledger::GuestId;
use crate::stop::Stop;

/// What would stop the run, as the end of the dry run: with the run's words, and the exit code that it would have.
pub(super) fn refused(error: StepError) -> Stop {
    match error {
        StepError::Park { reason, command } => {
            let todo = command.map(|command| format!("; to do: {command}")).unwrap_or_default();
            Stop { exit: Exit::Parked, error: anyhow::Error::msg(format!("the run would rest: {reason}{todo}")) }
        }
        error => Stop::failed(error),
    }
}

/// What came to the gate.
type Told = Arc<Mutex<Vec<Outline>>>;

/// A run as far as it is rehearsed.
pub(super) struct Script {
    /// What the steps' own functions look at; whatever would change something on the node is told and not sent.
    pub(super) ctx: Context,
    /// Names for what the run will choose.
    pub(super) later: Later,
    told: Told,
    acts: Vec<Act>,
}

impl Script {
    /// Nothing yet.
    pub(super) fn of(agent: &Agent) -> Self {
        let told = Told::default();
        let sink = Arc::clone(&told);
        let gate = Gate::shut(move |outline| sink.lock().unwrap_or_else(PoisonError::into_inner).push(outline));
        let ctx = Context { pve: agent.context.pve.behind(gate), ..agent.context.clone() };
        Self { ctx, later: Later::default(), told, acts: Vec::new() }
    }

    /// A call, as the client would send it; what it would say.
    ///
    /// # Errors
    /// It could not be sent: its parameters are none that the node takes.
    pub(super) async fn call<T>(
        &mut self,
        step: &'static str,
        call: impl Future<Output = Result<T, CallError>>,
    ) -> Result<Vec<Outline>, Stop> {
        match call.await {
            Err(error) if !matches!(error.failure, Failure::Withheld { .. }) => return Err(Stop::failed(error)),
            _ => {}
        }
        let told = take(&mut *self.told.lock().unwrap_or_else(PoisonError::into_inner));
        self.acts.extend(told.iter().map(|outline| Act { step, does: self.later.call(outline) }));
        Ok(told)
    }

    /// Anything else.
    pub(super) fn tell(&mut self, step: &'static str, does: Does) {
        let does = does.map(|text| self.later.named(text));
        self.acts.push(Act { step, does });
    }

    /// Rows of the ledger.
    pub(super) fn ledger(&mut self, step: &'static str, what: impl Into<String>) {
        self.tell(step, Does::Ledger { what: what.into() });
    }

    /// The hostname must be nobody's in the ledger, or this guest's.
    ///
    /// # Errors
    /// It is another's, or the ledger cannot be read.
    pub(super) async fn hostname_is_free(&self, hostname: &Hostname, own: Option<GuestId>) -> Result<(), Stop> {
        let name = Identity::new(IdentityKind::Hostname, hostname.as_str());
        match self.ctx.ledger.owner(&name).await.map_err(Stop::failed)? {
            Some(owner) if Some(owner.guest) != own => Err(Stop::failed(StepError::failed(format!(
                "hostname {hostname} is {owner}'s: choose another with --hostname"
            )))),
            _ => Ok(()),
        }
    }

    /// All of it.
    pub(super) fn end(self, plan: &'static str, customer: &CustomerId) -> Rehearsal {
        let later = self.later.legend(&self.acts);
        Rehearsal { plan, customer: customer.clone(), acts: self.acts, later }
    }
}
