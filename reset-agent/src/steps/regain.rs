//! The names under which a lost guest comes back: its own, unless somebody else has them by now.

use std::collections::{BTreeMap, BTreeSet};

use saga::{Recorder, Step, StepError, output};
use serde::{Deserialize, Serialize};
use serde_json::Value;
use spec::identity::{Identity, IdentityKind};
use spec::ids::{MacAddr, RunId, Vmid};
use spec::pct::Net;

use super::examine::Examined;
use super::reserve::{Names, Reserve, draw_macs, free_vmid, run_id};
use crate::config::Purpose;
use crate::context::Context;
use crate::inventory::Inventory;
use crate::ledger::{Before, Guest, LedgerError, Reservation};
use crate::node::removal::must_be_nowhere;
use crate::node::{Found, called, look, patiently};
use crate::placement::carrier;
use crate::request::{OnCollision, RecoverRequest};

/// Takes the customer's row over, or makes one where there is none.
pub struct Regain;

/// The names, and the row as it was.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Regained {
    /// The names of the guest to be.
    #[serde(flatten)]
    pub names: Names,
    /// The row of the guest that was lost; none where the ledger never knew it.
    pub before: Option<Before>,
}

/// Written down before the ledger is changed: a second attempt asks for the same.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub(crate) struct Choice {
    pub(crate) before: Option<Before>,
    pub(crate) vmid: Vmid,
    pub(crate) macs: BTreeMap<String, MacAddr>,
}

const CHOICE: &str = "choice";
/// Two agents may choose the same VMID at the same time; the ledger lets one of them have it.
const TRIES: u32 = 20;

impl Step<Context> for Regain {
    fn name(&self) -> &'static str {
        "reserve"
    }

    async fn run(&self, ctx: &mut Context, rec: &mut Recorder<'_>) -> Result<Value, StepError> {
        let request: RecoverRequest = rec.input()?;
        let examined: Examined = rec.output("resolve")?;
        let run = run_id(rec)?;
        *ctx = carrier(ctx, &request.archive).await;
        let mut tried = BTreeSet::new();
        let mut choice: Option<Choice> = rec.last_note(CHOICE)?;
        for _ in 0..TRIES {
            let chosen = if let Some(chosen) = choice.take() {
                chosen
            } else {
                let chosen = choose(ctx, &request, &examined, &tried).await?;
                rec.note(CHOICE, &chosen).await?;
                chosen
            };
            match book(ctx, &request, &examined, &run, &chosen).await {
                Ok(guest) => {
                    let names =
                        Names { guest: guest.id, vmid: guest.vmid, hostname: guest.hostname, macs: chosen.macs };
                    return output(&Regained { names, before: chosen.before });
                }
                Err(LedgerError::Conflict(conflict)) if conflict.kind == "VMID" => {
                    tried.insert(chosen.vmid);
                }
                Err(error) => return Err(StepError::from_error(&error)),
            }
        }
        Err(StepError::failed(format!("{TRIES} VMIDs were all taken by somebody faster")))
    }

    async fn undo(&self, ctx: &mut Context, rec: &mut Recorder<'_>) -> Result<(), StepError> {
        match rec.last_note::<Choice>(CHOICE)?.and_then(|choice| choice.before) {
            Some(before) => {
                let given = ctx.ledger.give_back(&before, &run_id(rec)?).await;
                given.map_err(|error| StepError::from_error(&error))
            }
            // Its row was new, if there is one.
            None => Reserve.undo(ctx, rec).await,
        }
    }
}

async fn book(
    ctx: &Context,
    request: &RecoverRequest,
    examined: &Examined,
    run: &RunId,
    chosen: &Choice,
) -> Result<Guest, LedgerError> {
    let ask = Reservation {
        customer: request.customer.clone(),
        vmid: chosen.vmid,
        node: ctx.pve.node().clone(),
        hostname: request.hostname.clone(),
        golden: examined.source.title.clone(),
        run: run.clone(),
        macs: chosen.macs.values().copied().collect(),
    };
    match &chosen.before {
        Some(before) => ctx.ledger.regain(before, &ask).await,
        None => match ctx.ledger.reserve(&ask).await? {
            reserved if reserved.ours => Ok(reserved.guest),
            reserved => Err(LedgerError::NotOurs {
                guest: reserved.guest.id,
                owner: reserved.guest.run.to_string(),
                run: run.to_string(),
            }),
        },
    }
}

/// Chooses under which names the guest comes back. Nothing is written.
///
/// # Errors
/// It is not lost, or a name is somebody else's and must not be replaced.
pub(crate) async fn choose(
    ctx: &Context,
    request: &RecoverRequest,
    examined: &Examined,
    tried: &BTreeSet<Vmid>,
) -> Result<Choice, StepError> {
    let failed = |error: LedgerError| StepError::from_error(&error);
    let before = ctx.ledger.lost_guest(&request.customer).await.map_err(failed)?;
    if let Some(guest) = before.as_ref().filter(|guest| guest.state.is_live()) {
        must_be_lost(ctx, guest).await?;
    }
    let inventory = patiently(|| Inventory::of_node(&ctx.pve)).await.map_err(|error| called(&error))?;
    let archived = archived_macs(examined)?;
    let collisions = collisions(ctx, request, examined, &archived, before.as_ref(), &inventory).await?;
    if !collisions.is_empty() && request.on_collision == OnCollision::Refuse {
        let told: Vec<&str> = collisions.values().map(String::as_str).collect();
        return Err(StepError::failed(format!(
            "{}; with --on-collision reset the guest gets fresh addresses instead",
            told.join("; ")
        )));
    }
    let fresh = draw_macs(ctx.settings.guests.mac_prefix, &inventory.macs, archived.len())?;
    let kept_or_fresh = archived.into_iter().zip(fresh).map(|((key, archived), fresh)| {
        let own = archived.filter(|_| !collisions.contains_key(&key));
        (key, own.unwrap_or(fresh))
    });
    let macs = kept_or_fresh.collect();
    let drawn = ctx.settings.vmids.of(Purpose::Customer);
    Ok(Choice { before: before.map(Before), vmid: free_vmid(ctx, drawn, &inventory, tried, 0).await?, macs })
}

/// The archived address of every interface.
pub(crate) fn archived_macs(examined: &Examined) -> Result<BTreeMap<String, Option<MacAddr>>, StepError> {
    let parsed = examined.source.nics.iter().map(|(key, text)| {
        let net: Net = text.parse().map_err(|error| StepError::from_error(&error))?;
        Ok((key.clone(), net.hwaddr()))
    });
    parsed.collect()
}

/// Interfaces whose archived address somebody else has or had, with a sentence each. A hostname that is another's is
/// an error: nobody but the caller can choose a name.
async fn collisions(
    ctx: &Context,
    request: &RecoverRequest,
    examined: &Examined,
    archived: &BTreeMap<String, Option<MacAddr>>,
    own: Option<&Guest>,
    inventory: &Inventory,
) -> Result<BTreeMap<String, String>, StepError> {
    let hostname = &request.hostname;
    if let Some(vmid) = inventory.holder_of_hostname(hostname) {
        return Err(StepError::failed(format!(
            "hostname {hostname} is guest {vmid}'s on this node: choose another with --hostname"
        )));
    }
    let mut found = BTreeMap::new();
    for (key, mac) in archived.iter().filter_map(|(key, mac)| Some((key, (*mac)?))) {
        let identity = Identity::new(IdentityKind::Mac, &mac.to_string());
        let owner = ctx.ledger.owner(&identity).await.map_err(|error| StepError::from_error(&error))?;
        let owner = owner.filter(|owner| Some(owner.guest) != own.map(|guest| guest.id));
        let why = match owner {
            Some(owner) => Some(format!("{key}'s address {mac} is {owner}'s")),
            None if inventory.macs.contains(&mac) => Some(format!("{key}'s address {mac} is on another guest's card")),
            None if examined.source.forbidden.contains(&identity) => {
                Some(format!("{key}'s address {mac} is a golden's"))
            }
            None => None,
        };
        found.extend(why.map(|why| (key.clone(), why)));
    }
    Ok(found)
}

/// Recovering is for what is lost: while the customer's guest is there, a second one with its identity is not made.
async fn must_be_lost(ctx: &Context, guest: &Guest) -> Result<(), StepError> {
    let (ctx, vmid) = (ctx.at(&guest.node), guest.vmid);
    match look(&ctx.pve, vmid, &guest.run).await.map_err(|error| called(&error))? {
        Found::Ours(_) => Err(StepError::failed(format!(
            "guest {vmid} of customer {} is still there: to replace it by its backup, destroy it first: reset-agent destroy {vmid}",
            guest.customer
        ))),
        Found::Absent => must_be_nowhere(&ctx.pve, vmid).await,
        Found::InCreation | Found::Foreign => Ok(()),
    }
}
