//! The golden becomes a guest: born clean, stopped, link down, our mark in its description. It is unpacked from its
//! archive, or cloned from a template that was made of it.
//!
//! The step is a loop of looking and acting. Whatever a crash or an unclear answer left behind, the next look finds it,
//! and a second POST is never sent while the first may live.

use std::collections::BTreeSet;

use pve_client::wire::{GuestConfig, Upid};
use pve_client::{CallError, Class, Meaning};
use saga::{Recorder, Step, StepError, output};
use serde::{Deserialize, Serialize};
use serde_json::Value;
use spec::ids::{RunId, Vmid, Volid};
use spec::pct::Net;

use super::asking::Asking;
use super::born::finish;
use super::mount::mount_value;
use super::reserve::{Names, free_vmid, run_id};
use super::resolve::Golden;
use super::source::{self, Source};
use crate::config::Warmth;
use crate::context::Context;
use crate::evidence::Column;
use crate::inventory::Inventory;
use crate::mark;
use crate::node::leftovers::{leftovers_on, volumes_of};
use crate::node::removal::{Creation, remove, stale_lock};
use crate::node::task::follow;
use crate::node::{Found, called, in_turn, look, patiently};
use crate::request::Wanted;

/// Restores the archive, or clones the template.
pub struct Restore;

/// The guest as it was restored.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Restored {
    /// Its VMID; the reserved one, unless a stranger had taken it.
    pub vmid: Vmid,
    /// What it was made from.
    #[serde(default)]
    pub source: Source,
    /// What it was at birth.
    pub column: Column,
}

/// Looks and acts at most this often: each turn ends with progress, and strangers hold only so many VMIDs.
const TURNS: u32 = 20;

/// All that the step was told.
pub(crate) struct Order {
    pub(crate) request: Wanted,
    pub(crate) golden: Golden,
    pub(crate) names: Names,
    pub(crate) run: RunId,
}

impl Order {
    fn read(rec: &Recorder<'_>) -> Result<Self, StepError> {
        Ok(Self {
            request: rec.input()?,
            golden: rec.output("resolve")?,
            names: rec.output("reserve")?,
            run: run_id(rec)?,
        })
    }

    /// Whether configuration and request leave the choice.
    pub(super) fn may_clone(&self, configured: Warmth) -> bool {
        configured == Warmth::Auto && !self.request.cold
    }

    fn nets(&self) -> Result<Vec<(String, Net)>, StepError> {
        let own_mac = |(key, archived): (&String, &String)| {
            let mut net: Net = archived.parse().map_err(|error| StepError::from_error(&error))?;
            let mac = self.names.macs.get(key);
            net.set_hwaddr(*mac.ok_or_else(|| StepError::failed(format!("no MAC address was reserved for {key}")))?);
            Ok((key.clone(), net))
        };
        self.golden.nics.iter().map(own_mac).collect()
    }
}

impl Step<Context> for Restore {
    fn name(&self) -> &'static str {
        "restore"
    }

    async fn run(&self, ctx: &mut Context, rec: &mut Recorder<'_>) -> Result<Value, StepError> {
        let order = Order::read(rec)?;
        let vmid = booked(ctx, &order.run).await?;
        in_turn(ctx, vmid, &ctx.settings.guests.storage, make(ctx, rec, &order, vmid)).await
    }

    async fn undo(&self, ctx: &mut Context, rec: &mut Recorder<'_>) -> Result<(), StepError> {
        let run = run_id(rec)?;
        let guest = ctx.ledger.reserved_by(&run).await.map_err(|error| StepError::from_error(&error))?;
        let Some(guest) = guest else { return Ok(()) };
        let pve = &ctx.pve;
        if let Some(source @ Source::Template { .. }) = rec.last_note(SOURCE)? {
            source.settle(ctx, guest.vmid, &run).await?;
        }
        // Written down before the guest goes: afterwards, and after a crash, nothing tells what its volumes were.
        if let Found::Ours(config) = look(pve, guest.vmid, &run).await.map_err(|error| called(&error))? {
            rec.note(VOLUMES, &volumes_of(&config)).await?;
        }
        let removal = remove(pve, guest.vmid, &run, ctx.settings.patience.task);
        in_turn(ctx, guest.vmid, &ctx.settings.guests.storage, removal).await?;
        if look(pve, guest.vmid, &run).await.map_err(|error| called(&error))? != Found::Absent {
            return rec.note("left", &"the number is another guest's now: volumes were not looked for").await;
        }
        let own: BTreeSet<Volid> = rec.last_note(VOLUMES)?.unwrap_or_default();
        let request: Wanted = rec.input()?;
        let root = &ctx.settings.guests.storage;
        let mut storages = request.volumes.storages(root);
        storages.insert(root.clone());
        let left = leftovers_on(pve, guest.vmid, &own, &storages).await;
        rec.note("left", &left).await?;
        left.refuse(guest.vmid)
    }
}

/// Looks and acts until there is a guest.
async fn make(ctx: &Context, rec: &mut Recorder<'_>, order: &Order, booked: Vmid) -> Result<Value, StepError> {
    let mut vmid = booked;
    let mut source = chosen(ctx, rec, order).await?;
    let mut strangers = BTreeSet::new();
    // What came of an earlier attempt's asking, nobody knows but the node.
    let mut asked = Asking::noted(rec)?.filter(|asking| asking.vmid == vmid);
    let mut refused = None;
    for _ in 0..TURNS {
        match look(&ctx.pve, vmid, &order.run).await.map_err(|error| called(&error))? {
            Found::Ours(config) if config.get("lock").is_none() => {
                // The lock may go before the work is done: the task's end decides.
                source.settle(ctx, vmid, &order.run).await?;
                return output(&finish(ctx, order, vmid, source, &config).await?);
            }
            Found::Ours(config) if config.get("lock") != Some("create") => return Err(locked(vmid, &config)),
            Found::Ours(_) | Found::InCreation => match source.creation(ctx, vmid, &order.run, asked.as_ref()).await? {
                Some(Creation::Ours(upid)) => follow(&ctx.pve, &upid, ctx.settings.patience.task).await?,
                Some(Creation::OursAndDead) => return Err(stale_lock(vmid)),
                Some(Creation::Foreign) => vmid = rebook(ctx, order, vmid, &mut strangers).await?,
                None => {}
            },
            Found::Foreign => vmid = rebook(ctx, order, vmid, &mut strangers).await?,
            // Taken, and no container of this node: a machine, or a guest of another node.
            Found::Absent if refused == Some(vmid) => vmid = rebook(ctx, order, vmid, &mut strangers).await?,
            Found::Absent => {
                if let Some(asking) = asked.as_ref().filter(|asking| asking.vmid == vmid) {
                    refuse_after_failure(ctx, &source, asking, &order.run).await?;
                }
                asked = Some(Asking::note(ctx, rec, vmid, &order.run).await?);
                match ask(ctx, order, &source, vmid).await? {
                    Some(Asked::Task(upid)) => {
                        rec.note("task", &upid).await?;
                        follow(&ctx.pve, &upid, ctx.settings.patience.task).await?;
                    }
                    Some(Asked::Taken) => refused = Some(vmid),
                    Some(Asked::Unclear) => {}
                    None => {
                        source = Source::Archive;
                        rec.note(SOURCE, &source).await?;
                        asked = None;
                    }
                }
            }
        }
    }
    Err(StepError::failed(format!("no guest came to be in {TURNS} turns of looking and asking")))
}

/// The note of the volumes that an undo is about to remove.
const VOLUMES: &str = "volumes";
/// The note of what the guest is made from.
const SOURCE: &str = "source";

/// What an earlier attempt chose, or the choice now.
async fn chosen(ctx: &Context, rec: &mut Recorder<'_>, order: &Order) -> Result<Source, StepError> {
    if let Some(source) = rec.last_note(SOURCE)? {
        return Ok(source);
    }
    // An earlier attempt that left no word may have asked for a restore already.
    let source = if rec.attempt() > 1 { Source::Archive } else { Source::choose(ctx, order).await? };
    rec.note(SOURCE, &source).await?;
    Ok(source)
}

fn locked(vmid: Vmid, config: &GuestConfig) -> StepError {
    let lock = config.get("lock").unwrap_or_default();
    StepError::park(
        format!("the new guest {vmid} is locked ({lock}) by somebody else"),
        "wait for that to end, then: reset-agent resume",
    )
}

/// The VMID in force: an earlier attempt may have moved to another.
async fn booked(ctx: &Context, run: &RunId) -> Result<Vmid, StepError> {
    let guest = ctx.ledger.reserved_by(run).await.map_err(|error| StepError::from_error(&error))?;
    let guest = guest.ok_or_else(|| StepError::failed("the ledger lost this run's reservation"))?;
    Ok(guest.vmid)
}

/// A stranger has the VMID: another one is booked.
async fn rebook(ctx: &Context, order: &Order, taken: Vmid, strangers: &mut BTreeSet<Vmid>) -> Result<Vmid, StepError> {
    strangers.insert(taken);
    let inventory = patiently(|| Inventory::of_node(&ctx.pve)).await.map_err(|error| called(&error))?;
    let drawn = ctx.settings.vmids.around(taken);
    let vmid = free_vmid(ctx, drawn, &inventory, strangers, 0).await?;
    tracing::info!(%taken, %vmid, "the VMID is a stranger's, moving on");
    let guest = ctx.ledger.rebook(order.names.guest, &order.run, vmid).await;
    Ok(guest.map_err(|error| StepError::from_error(&error))?.vmid)
}

/// What became of the POST.
pub(super) enum Asked {
    /// A task works on it.
    Task(Upid),
    /// Somebody has the VMID, perhaps this run's earlier self: look.
    Taken,
    /// Nobody knows: look.
    Unclear,
}

async fn ask(ctx: &Context, order: &Order, source: &Source, vmid: Vmid) -> Result<Option<Asked>, StepError> {
    match source {
        Source::Archive | Source::Pool => ask_restore(ctx, order, vmid).await.map(Some),
        Source::Template { vmid: template } => source::ask(ctx, order, *template, vmid).await,
    }
}

async fn ask_restore(ctx: &Context, order: &Order, vmid: Vmid) -> Result<Asked, StepError> {
    let restore = restore_of(ctx, order, vmid)?;
    match patiently(|| ctx.pve.restore(restore.clone())).await {
        Ok(upid) => Ok(Asked::Task(upid)),
        Err(error) if error.refusal().is_some_and(|r| r.meaning() == Meaning::GuestExists) => Ok(Asked::Taken),
        Err(error) if error.class() == Class::Ambiguous => {
            tracing::warn!(%error, "the restore's answer was lost, looking for its task");
            Ok(Asked::Unclear)
        }
        // Nothing was made yet: unwinding needs no right that is missing here. With a token that is refused as a whole
        // it could not even look, so that one parks.
        Err(error) if error.class() == Class::Authority && !is_token_refused(&error) => {
            Err(StepError::from_error(&error))
        }
        Err(error) => Err(called(&error)),
    }
}

pub(super) fn is_token_refused(error: &CallError) -> bool {
    error.refusal().is_some_and(|refusal| refusal.meaning() == Meaning::CredentialsRefused)
}

/// The restore as it is asked for.
///
/// # Errors
/// An archived interface cannot be read, or no address was reserved for it.
pub(crate) fn restore_of(ctx: &Context, order: &Order, vmid: Vmid) -> Result<pve_client::Restore, StepError> {
    let (golden, names) = (&order.golden, &order.names);
    let new = pve_client::Restore::new(
        vmid,
        &golden.archive,
        &names.hostname,
        &ctx.settings.guests.storage,
        order.request.size,
    );
    let new = if golden.release.is_none() { with_volumes(new, ctx, order) } else { new };
    let description = mark::description(&order.request.customer, &golden.title, &order.run);
    order.nets()?.iter().try_fold(new.description(&description), |restore, (key, net)| {
        let mut net = net.clone();
        net.set("bridge", ctx.settings.guests.bridge.as_str()).map_err(|error| StepError::from_error(&error))?;
        restore.net(key, &net).map_err(|_| StepError::failed(format!("{key} has no MAC address")))
    })
}

/// A backup holds what was on its guest's volumes: they must be there when it is unpacked. A golden has none, and its guests
/// get theirs afterwards.
fn with_volumes(new: pve_client::Restore, ctx: &Context, order: &Order) -> pve_client::Restore {
    let volumes = order.request.volumes.iter().enumerate();
    volumes.fold(new, |restore, (index, volume)| {
        restore.mount(&format!("mp{index}"), &mount_value(volume, &ctx.settings.guests.storage))
    })
}

/// There is no guest although an earlier attempt asked for one: if its task failed, that is the answer. A clone may be
/// asked for again: its task bears the template's number, and the node refuses the second of one VMID.
async fn refuse_after_failure(ctx: &Context, source: &Source, asking: &Asking, run: &RunId) -> Result<(), StepError> {
    let vmid = asking.vmid;
    if *source != Source::Archive {
        return source.settle(ctx, vmid, run).await;
    }
    let tasks = asking.tasks(ctx, run).await?;
    match tasks.first().map(|row| row.upid.parse::<Upid>()) {
        None => Ok(()),
        Some(Ok(upid)) => {
            follow(&ctx.pve, &upid, ctx.settings.patience.task).await?;
            Err(StepError::failed(format!("guest {vmid} was restored and somebody removed it")))
        }
        Some(Err(error)) => Err(StepError::from_error(&error)),
    }
}
