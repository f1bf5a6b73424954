//! The customer's secrets, last of all: into a guest that was verified and recorded.
//!
//! What stands in the way parks the run and undoes nothing: the guest is whole, up, and the customer's; only its secrets
//! are missing, and its customer is not `active` before they are there.

use std::net::SocketAddr;

use saga::{Recorder, Step, StepError, output};
use serde::{Deserialize, Serialize};
use serde_json::Value;
use spec::identity::Verdict;

use super::await_guest::Reached;
use super::login::credential;
use super::record::Recorded;
use super::verify::Verified;
use crate::context::Context;
use crate::customers::{Delivery, Reachable, deliver};
use crate::node::failure::chain;

/// Delivers the customer's secrets.
pub struct Secrets;

/// What became of the secrets.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "secrets", rename_all = "kebab-case")]
pub enum SecretsEnd {
    /// They are in the guest.
    Delivered {
        /// Which and how.
        #[serde(flatten)]
        delivery: Delivery,
    },
    /// There was nothing to do, or it must not be done.
    Skipped {
        /// Why.
        why: String,
    },
}

impl Step<Context> for Secrets {
    fn name(&self) -> &'static str {
        "secrets"
    }

    async fn run(&self, ctx: &mut Context, rec: &mut Recorder<'_>) -> Result<Value, StepError> {
        let recorded: Recorded = rec.output("record")?;
        let verified: Verified = rec.output("verify")?;
        let skipped = |why: &str| output(&SecretsEnd::Skipped { why: why.to_owned() });
        let customer = ctx.ledger.customer(&recorded.guest.customer).await;
        let Some(customer) = customer.map_err(|error| StepError::from_error(&error))? else {
            return skipped("not registered");
        };
        if verified.verdict != Verdict::Pass {
            return skipped("the guest is not verified");
        }
        let reached: Reached = rec.output("await")?;
        let socket = SocketAddr::new(reached.address, ctx.settings.ssh.port);
        let guest = recorded.guest.vmid;
        let reachable = Reachable { guest, socket, host_keys: reached.host_keys, trust: reached.trust };
        let credential = credential(ctx, rec.run_id())?;
        match deliver(ctx, &customer, &recorded.guest, Some(&reachable), credential).await {
            Ok(delivery) => output(&SecretsEnd::Delivered { delivery }),
            Err(error) => Err(StepError::park(
                format!("guest {} is verified and has no secrets: {}", recorded.guest.vmid, chain(&error)),
                format!("mend what the reason names, then: reset-agent resume {}", rec.run_id()),
            )),
        }
    }

    async fn undo(&self, _ctx: &mut Context, _rec: &mut Recorder<'_>) -> Result<(), StepError> {
        // They go with the guest's disk, and the registration is unbound with the guest's row.
        Ok(())
    }
}
