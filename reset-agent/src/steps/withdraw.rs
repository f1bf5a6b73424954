//! A guest that is to be destroyed loses its customer's secrets first: a disk may outlive its guest.
//!
//! A way that is closed stops nothing, since the file goes with the disk: what became of it is recorded.

use saga::{Recorder, Step, StepError, output};
use serde::{Deserialize, Serialize};
use serde_json::Value;

use super::login::credential;
use crate::context::Context;
use crate::customers::withdraw;
use crate::ledger::Customer;
use crate::node::failure::chain;
use crate::request::DestroyRequest;

/// Takes the customer's env file out of the guest.
pub struct WithdrawSecrets;

/// What became of the env file.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "secrets", rename_all = "kebab-case")]
pub enum Withdrawal {
    /// It is out of the guest.
    Withdrawn,
    /// No secrets were delivered to this guest.
    Nothing,
    /// It is left to go with the guest's disk.
    Left {
        /// Why.
        why: String,
    },
}

impl Step<Context> for WithdrawSecrets {
    fn name(&self) -> &'static str {
        "secrets"
    }

    async fn run(&self, ctx: &mut Context, rec: &mut Recorder<'_>) -> Result<Value, StepError> {
        let asked: DestroyRequest = rec.input()?;
        let Some(customer) = bound_to(ctx, &asked).await? else { return output(&Withdrawal::Nothing) };
        let guest = ctx.ledger.guest(asked.guest).await.map_err(|error| StepError::from_error(&error))?;
        let login = credential(ctx, rec.run_id())?;
        match withdraw(ctx, &customer, &guest, asked.reachable.as_ref(), login).await {
            Ok(()) => output(&Withdrawal::Withdrawn),
            Err(error) => {
                let why = chain(&error);
                tracing::warn!(vmid = %asked.vmid, why, "the secrets go with the guest's disk");
                output(&Withdrawal::Left { why })
            }
        }
    }

    async fn undo(&self, _ctx: &mut Context, _rec: &mut Recorder<'_>) -> Result<(), StepError> {
        // A guest that stays gets them again by `customers deliver`.
        Ok(())
    }
}

/// The customer whose secrets this guest has, or was about to have.
pub(crate) async fn bound_to(ctx: &Context, asked: &DestroyRequest) -> Result<Option<Customer>, StepError> {
    let customer = ctx.ledger.customer(&asked.customer).await.map_err(|error| StepError::from_error(&error))?;
    let is_bound = |customer: &Customer| customer.binding.as_ref().is_some_and(|bound| bound.guest == asked.guest);
    Ok(customer.filter(is_bound))
}
