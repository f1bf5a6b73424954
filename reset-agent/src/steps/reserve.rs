//! Names are chosen first and written down, so that every later step can be repeated.

use std::collections::{BTreeMap, BTreeSet};

use pve_client::{Client, Meaning};
use rand::TryRng;
use rand::rngs::SysRng;
use saga::{Recorder, Step, StepError, output};
use serde::{Deserialize, Serialize};
use serde_json::Value;
use spec::ids::{Hostname, MacAddr, NodeName, RunId, Vmid};

use super::resolve::Golden;
use crate::config::{Drawn, Purpose};
use crate::context::Context;
use crate::inventory::{Inventory, MacPrefix, draw_mac};
use crate::ledger::{Guest, GuestId, GuestState, LedgerError, Reservation, Scope};
use crate::node::{called, patiently};
use crate::placement::choose;
use crate::request::ProvisionRequest;

/// Takes node, customer, VMID, hostname and MACs in the ledger.
pub struct Reserve;

/// The same for a guest that is no customer's yet, or never: its numbers may be others.
pub struct ReserveFor(pub Purpose);

/// The names, and where the guest will be made.
#[derive(Debug, Serialize)]
struct Reserved<'a> {
    #[serde(flatten)]
    names: Names,
    /// Where there was a choice.
    #[serde(skip_serializing_if = "Option::is_none")]
    node: Option<&'a NodeName>,
}

/// The names of the guest to be.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Names {
    /// The guest's number in the ledger.
    pub guest: GuestId,
    /// The VMID; a restore that finds it taken by a stranger moves to another.
    pub vmid: Vmid,
    /// The hostname.
    pub hostname: Hostname,
    /// A MAC address for every archived interface, by key.
    pub macs: BTreeMap<String, MacAddr>,
}

/// Two runs may draw the same addresses at the same time; the ledger lets one of them have them. A VMID that went to
/// another costs no try: the numbers come to an end by themselves.
const TRIES: u32 = 20;

impl Step<Context> for Reserve {
    fn name(&self) -> &'static str {
        "reserve"
    }

    async fn run(&self, ctx: &mut Context, rec: &mut Recorder<'_>) -> Result<Value, StepError> {
        ReserveFor(Purpose::Customer).run(ctx, rec).await
    }

    async fn undo(&self, ctx: &mut Context, rec: &mut Recorder<'_>) -> Result<(), StepError> {
        ReserveFor(Purpose::Customer).undo(ctx, rec).await
    }
}

impl Step<Context> for ReserveFor {
    fn name(&self) -> &'static str {
        Reserve.name()
    }

    async fn run(&self, ctx: &mut Context, rec: &mut Recorder<'_>) -> Result<Value, StepError> {
        let Self(purpose) = *self;
        let request: ProvisionRequest = rec.input()?;
        let golden: Golden = rec.output("resolve")?;
        let run = run_id(rec)?;
        // An attempt that was cut off may have reserved already: what it chose stands.
        let node = match ctx.ledger.reserved_by(&run).await.map_err(|error| StepError::from_error(&error))? {
            Some(guest) => guest.node,
            None => choose(ctx, &golden, request.size, purpose, &run).await?,
        };
        *ctx = ctx.at(&node);
        let inventory = surveyed(ctx, &request.hostname).await?;
        let numbers = ctx.settings.vmids.of(purpose);
        let (mut lost, mut draws) = (BTreeSet::new(), 0);
        while draws < TRIES {
            let vmid = free_vmid(ctx, numbers, &inventory, &lost, apart(lost.len())?).await?;
            let ask = Reservation {
                customer: request.customer.clone(),
                vmid,
                node: ctx.pve.node().clone(),
                hostname: request.hostname.clone(),
                golden: golden.title.clone(),
                run: run.clone(),
                macs: draw_macs(ctx.settings.guests.mac_prefix, &inventory.macs, golden.nics.len())?,
            };
            match ctx.ledger.reserve(&ask).await {
                Ok(reserved) if reserved.ours => {
                    let names = names(&golden, &reserved.guest, reserved.macs);
                    let node = Some(&reserved.guest.node).filter(|_| ctx.is_cluster());
                    return output(&Reserved { names, node });
                }
                Ok(reserved) => return Err(has_a_guest(&reserved.guest)),
                Err(LedgerError::Conflict(conflict)) if may_redraw(&conflict.kind) => {
                    tracing::debug!(%conflict, "drawing again");
                    if conflict.kind == "VMID" {
                        lost.insert(vmid);
                    } else {
                        draws += 1;
                    }
                }
                Err(error) => return Err(StepError::from_error(&error)),
            }
        }
        Err(StepError::failed(format!(
            "{TRIES} draws of MAC addresses all met taken ones: choose another `guests.mac_prefix`"
        )))
    }

    async fn undo(&self, ctx: &mut Context, rec: &mut Recorder<'_>) -> Result<(), StepError> {
        let run = run_id(rec)?;
        let failed = |error: LedgerError| StepError::from_error(&error);
        let Some(guest) = ctx.ledger.reserved_by(&run).await.map_err(failed)? else { return Ok(()) };
        if !guest.state.is_live() {
            return Ok(());
        }
        if !guest.state.may_become(GuestState::Released) {
            ctx.ledger.mark(guest.id, GuestState::Failed).await.map_err(failed)?;
        }
        ctx.ledger.release(guest.id, &run).await.map_err(failed)
    }
}

/// What is taken on the node; the hostname must not be.
///
/// # Errors
/// It is, or the node cannot tell.
pub(crate) async fn surveyed(ctx: &Context, hostname: &Hostname) -> Result<Inventory, StepError> {
    let inventory = Inventory::of_node(&ctx.pve).await.map_err(|error| StepError::from_error(&error))?;
    match inventory.holder_of_hostname(hostname) {
        Some(vmid) => Err(StepError::failed(format!(
            "hostname {hostname} is guest {vmid}'s on this node: choose another with --hostname"
        ))),
        None => Ok(inventory),
    }
}

/// The run's own id.
///
/// # Errors
/// The journal holds another form of id.
pub(super) fn run_id(rec: &Recorder<'_>) -> Result<RunId, StepError> {
    rec.run_id().parse().map_err(|error: spec::ids::InvalidId| StepError::from_error(&error))
}

/// Whether another draw may succeed; a hostname was chosen by the caller and is never drawn.
fn may_redraw(kind: &str) -> bool {
    kind != "hostname"
}

fn has_a_guest(guest: &Guest) -> StepError {
    StepError::failed(format!(
        "customer {} has guest {} ({}) from run {} already",
        guest.customer, guest.vmid, guest.state, guest.run
    ))
}

fn names(golden: &Golden, guest: &Guest, macs: Vec<MacAddr>) -> Names {
    Names {
        guest: guest.id,
        vmid: guest.vmid,
        hostname: guest.hostname.clone(),
        macs: golden.nics.keys().cloned().zip(macs).collect(),
    }
}

/// How many free numbers are passed over by a run that lost so many to others: those that draw at the same time draw
/// apart, the further the more they are.
fn apart(lost: usize) -> Result<usize, StepError> {
    let mut random = [0];
    SysRng.try_fill_bytes(&mut random).map_err(|error| StepError::from_error(&error))?;
    Ok(usize::from(random[0]) % (1 << lost.min(6)))
}

/// A VMID of the range that nobody is known to have: the first, or so many of them later. The node is asked about it
/// too: other guests may be out of this token's sight.
pub(crate) async fn free_vmid(
    ctx: &Context,
    drawn: Drawn,
    inventory: &Inventory,
    tried: &BTreeSet<Vmid>,
    later: usize,
) -> Result<Vmid, StepError> {
    let live = ctx.ledger.list(Scope::Live).await.map_err(|error| StepError::from_error(&error))?;
    let reserved: BTreeSet<Vmid> = live.iter().map(|guest| guest.vmid).collect();
    let taken = |vmid: &Vmid| [&inventory.vmids, tried, &reserved].iter().any(|those| those.contains(vmid));
    let mut free: Vec<Vmid> = drawn.range.iter().filter(|vmid| !taken(vmid)).collect();
    let first = later.checked_rem(free.len()).unwrap_or_default();
    free.rotate_left(first);
    for vmid in free {
        if is_free(&ctx.pve, vmid).await? {
            return Ok(vmid);
        }
    }
    Err(full(drawn))
}

async fn is_free(pve: &Client, vmid: Vmid) -> Result<bool, StepError> {
    match patiently(|| pve.check_free(vmid)).await {
        Ok(_) => Ok(true),
        Err(error) if error.refusal().is_some_and(|r| r.meaning() == Meaning::GuestExists) => Ok(false),
        Err(error) => Err(called(&error)),
    }
}

fn full(Drawn { key, range }: Drawn) -> StepError {
    StepError::failed(format!("no VMID from {} to {} is free: widen `{key}`", range.from, range.to))
}

pub(crate) fn draw_macs(
    prefix: MacPrefix,
    occupied: &BTreeSet<MacAddr>,
    count: usize,
) -> Result<Vec<MacAddr>, StepError> {
    let mut occupied = occupied.clone();
    let mut macs = Vec::new();
    for _ in 0..count {
        // Drawn beforehand, since drawing may fail and the closure may not.
        let mut bits = [0_u8; 60];
        SysRng.try_fill_bytes(&mut bits).map_err(|error| StepError::from_error(&error))?;
        let mut draws = bits.as_chunks::<3>().0.iter();
        let random = || draws.next().copied().unwrap_or_default();
        let mac = draw_mac(prefix, &occupied, random).map_err(|error| StepError::from_error(&error))?;
        occupied.insert(mac);
        macs.push(mac);
    }
    Ok(macs)
}
