//! A machine-id issued by the ledger: told to the guest's init through its environment before the first start, and
//! taken out of the configuration again once the guest has it.
//!
//! systemd in a container takes `container_uuid` for its machine-id where `/etc/machine-id` is empty, absent or
//! `uninitialized` (machine-id(5)). The value is confidential: it stands in the node's configuration and in the guest,
//! in the ledger as a keyed digest, and never in the journal.

use pve_client::wire::GuestConfig;
use pve_client::{Class, ConfigChange, Meaning};
use saga::{Recorder, Step, StepError, output};
use serde_json::{Value, json};
use spec::identity::{Finding, Identity, IdentityKind, Verdict};
use spec::ids::{MachineId, RunId, Vmid};
use uuid::Uuid;

use super::proof::ProvenReset;
use super::reserve::{Names, run_id};
use crate::config::MachineIdSource;
use crate::context::Context;
use crate::ledger::{GuestId, LedgerError};
use crate::node::{called, must_be_ours, patiently};

/// Issues the machine-id, where the configuration says so.
pub struct IssueMachineId;

/// Takes it out of the configuration again.
pub struct WithdrawMachineId;

const VARIABLE: &str = "container_uuid=";
/// 122 random bits meet a taken value never; a fight over the configuration ends sooner or later.
const TRIES: u32 = 3;

impl Step<Context> for IssueMachineId {
    fn name(&self) -> &'static str {
        "issue"
    }

    async fn run(&self, ctx: &mut Context, rec: &mut Recorder<'_>) -> Result<Value, StepError> {
        if ctx.settings.machine_id == MachineIdSource::Guest {
            return output(&json!({ "machine-id": "guest" }));
        }
        let names: Names = rec.output("reserve")?;
        let proven: ProvenReset = rec.output("reset")?;
        for _ in 0..TRIES {
            let config = must_be_ours(&ctx.pve, proven.vmid(), &run_id(rec)?).await?;
            if is_held(ctx, names.guest, &config).await? {
                return output(&json!({ "machine-id": "ledger" }));
            }
            if config.get("env").is_some() {
                return Err(StepError::failed("the guest has an environment of its own: a golden must not have one"));
            }
            let id = draw(ctx, names.guest).await?;
            write(ctx, proven.vmid(), issue_of(&config, id)).await?;
        }
        Err(StepError::failed(format!("somebody else keeps changing the configuration of guest {}", proven.vmid())))
    }

    async fn undo(&self, _ctx: &mut Context, _rec: &mut Recorder<'_>) -> Result<(), StepError> {
        // The guest goes as a whole; the value stays taken for ever.
        Ok(())
    }
}

impl Step<Context> for WithdrawMachineId {
    fn name(&self) -> &'static str {
        "withdraw"
    }

    async fn run(&self, ctx: &mut Context, rec: &mut Recorder<'_>) -> Result<Value, StepError> {
        let proven: ProvenReset = rec.output("reset")?;
        let (vmid, run) = (proven.vmid(), run_id(rec)?);
        for _ in 0..TRIES {
            let config = must_be_ours(&ctx.pve, vmid, &run).await?;
            if issued(&config).is_none() {
                return output(&json!({ "variable": "absent" }));
            }
            if goes_with_the_next_start(ctx, vmid).await? {
                return output(&json!({ "variable": "goes with the next start" }));
            }
            write(ctx, vmid, withdrawal_of(&config)).await?;
        }
        Err(withdrawal_failed(vmid, &run))
    }

    async fn undo(&self, _ctx: &mut Context, _rec: &mut Recorder<'_>) -> Result<(), StepError> {
        // The guest goes as a whole.
        Ok(())
    }
}

/// The machine-id, as it is told to the guest's init.
pub(crate) fn issue_of(config: &GuestConfig, id: Uuid) -> ConfigChange {
    ConfigChange::of(config).set("env", &format!("{VARIABLE}{id}"))
}

/// The same taken out again.
pub(crate) fn withdrawal_of(config: &GuestConfig) -> ConfigChange {
    ConfigChange::of(config).delete(&["env"])
}

fn withdrawal_failed(vmid: Vmid, run: &RunId) -> StepError {
    StepError::park(
        format!(
            "the issued machine-id of guest {vmid} still stands in its configuration: a copy of it would take it over"
        ),
        format!("on the node: pct set {vmid} --delete env; then: reset-agent resume {run}"),
    )
}

/// Proxmox keeps a running guest's environment until its next start, and remembers what shall go.
async fn goes_with_the_next_start(ctx: &Context, vmid: Vmid) -> Result<bool, StepError> {
    let rows = patiently(|| ctx.pve.pending(vmid)).await.map_err(|error| called(&error))?;
    Ok(rows.iter().any(|row| row.key == "env" && row.delete.is_some()))
}

/// Whether the guest's init took the issued machine-id. None where none was issued, or the variable is gone already.
pub(super) fn finding(config: &GuestConfig, identities: &[Identity]) -> Option<Finding> {
    let issued = issued(config)?;
    let observed = identities.iter().find(|identity| identity.kind == IdentityKind::MachineId);
    let (verdict, why) = match observed {
        Some(observed) if observed.value == issued => (Verdict::Pass, "it is the issued one"),
        Some(_) => (Verdict::Fail, "it is not the one that the ledger issued"),
        None => (Verdict::Unverified, "nobody saw whether it is the one that the ledger issued"),
    };
    Some(Finding { item: "machine-id".into(), place: "issued".into(), verdict, why: why.into() })
}

/// The issued machine-id in a configuration, as 32 digits.
fn issued(config: &GuestConfig) -> Option<String> {
    let uuid: Uuid = config.get("env")?.strip_prefix(VARIABLE)?.parse().ok()?;
    Some(uuid.simple().to_string())
}

async fn is_held(ctx: &Context, guest: GuestId, config: &GuestConfig) -> Result<bool, StepError> {
    let Some(value) = issued(config) else { return Ok(false) };
    let owner = ctx.ledger.owner(&Identity::new(IdentityKind::MachineId, &value)).await;
    Ok(owner.map_err(|error| StepError::from_error(&error))?.is_some_and(|owner| owner.guest == guest))
}

async fn draw(ctx: &Context, guest: GuestId) -> Result<Uuid, StepError> {
    loop {
        let id = Uuid::new_v4();
        let machine_id: MachineId =
            id.simple().to_string().parse().map_err(|_| StepError::failed("a drawn machine-id is none"))?;
        match ctx.ledger.issue(guest, &Identity::new(IdentityKind::MachineId, &machine_id.to_string())).await {
            Ok(()) => return Ok(id),
            Err(LedgerError::Conflict(_)) => tracing::debug!("a drawn machine-id is taken"),
            Err(error) => return Err(StepError::from_error(&error)),
        }
    }
}

/// Whatever came of it, the next look tells.
async fn write(ctx: &Context, vmid: Vmid, change: ConfigChange) -> Result<(), StepError> {
    match patiently(|| ctx.pve.change_config(vmid, change.clone())).await {
        Ok(()) => Ok(()),
        Err(error) if error.refusal().is_some_and(|r| r.meaning() == Meaning::ModifiedConfiguration) => Ok(()),
        Err(error) if error.class() == Class::Ambiguous => Ok(()),
        Err(error) if error.class() == Class::Permanent => Err(StepError::failed(format!(
            "the node does not take a guest's environment (Proxmox VE 9.1 does): set `machine_id.source` to \"guest\" \
             ({})",
            crate::node::failure::chain(&error)
        ))),
        Err(error) => Err(called(&error)),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const ID: &str = "5a97c58c0f3e4d0c9b1a2f3e4d5c6b7a";

    fn config(env: &str) -> GuestConfig {
        GuestConfig { values: [("env".to_owned(), env.to_owned())].into(), ..GuestConfig::default() }
    }

    #[test]
    fn a_guest_must_have_taken_what_was_issued() {
        let uuid: Uuid = ID.parse().unwrap();
        let config = config(&format!("container_uuid={uuid}"));
        let verdict = |identities: &[Identity]| finding(&config, identities).unwrap().verdict;
        assert_eq!(verdict(&[Identity::new(IdentityKind::MachineId, ID)]), Verdict::Pass);
        assert_eq!(verdict(&[Identity::new(IdentityKind::MachineId, &ID.replace('5', "6"))]), Verdict::Fail);
        assert_eq!(verdict(&[]), Verdict::Unverified);
    }

    #[test]
    fn another_environment_is_none_of_ours() {
        assert_eq!(finding(&config("A=1"), &[]), None);
        assert_eq!(finding(&GuestConfig::default(), &[]), None);
    }
}
