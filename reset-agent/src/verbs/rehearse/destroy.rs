//! What `destroy` would do.

use pve_client::wire::GuestState;
use saga::{Move, next_move};
use spec::ids::RunId;

use super::rehearsal::{Does, Rehearsal};
use super::script::Script;
use crate::agent::Agent;
use crate::ledger::Guest;
use crate::node::removal::must_be_nowhere;
use crate::node::{Found, look};
use crate::request::DestroyRequest;
use crate::sagas::DESTROY;
use crate::steps::asks::not_ours;
use crate::stop::Stop;

/// Tells it.
///
/// # Errors
/// [`Stop`]: as things are now, nothing would be destroyed.
pub async fn destroy(agent: &Agent, guest: &Guest) -> Result<Rehearsal, Stop> {
    let mut script = Script::of(agent);
    let (vmid, state) = (guest.vmid, guest.state);
    if !state.is_live() {
        script.tell("before", Does::Ends { what: format!("nothing is done: guest {vmid} is {state} already") });
        return Ok(script.end(DESTROY, &guest.customer));
    }
    if is_under_way(agent, guest).await? {
        let what = format!("run {} is unfinished: it is given up, and what it made is removed", guest.run);
        script.tell("before", Does::Run { what });
        for mark in marks(&script, guest).await? {
            remove(&mut script, guest, &mark).await?;
        }
        script.ledger("reserve", "its row is released, or as it was before that run");
    } else {
        dismantle(&mut script, guest).await?;
    }
    Ok(script.end(DESTROY, &guest.customer))
}

/// Whether the run that made the guest has something left to do; one that was only not closed has not.
async fn is_under_way(agent: &Agent, guest: &Guest) -> Result<bool, Stop> {
    let log = agent.journal.log(guest.run.as_str()).await.map_err(Stop::failed)?;
    Ok(log.outcome().is_none() && next_move(&log) != Move::Done)
}

/// A guest of the pool bears the mark of the run that made it until it is its customer's.
async fn marks(script: &Script, guest: &Guest) -> Result<Vec<RunId>, Stop> {
    let pooled = script.ctx.ledger.claimed_by(&guest.run).await.map_err(Stop::failed)?;
    Ok([guest.run.clone()].into_iter().chain(pooled.map(|pooled| pooled.made_by)).collect())
}

async fn dismantle(script: &mut Script, guest: &Guest) -> Result<(), Stop> {
    match look(&script.ctx.pve, guest.vmid, &guest.run).await.map_err(Stop::failed)? {
        Found::Foreign => return Err(Stop::failed(not_ours(&DestroyRequest::of(guest)))),
        Found::Absent => must_be_nowhere(&script.ctx.pve, guest.vmid).await.map_err(Stop::failed)?,
        Found::Ours(_) | Found::InCreation => remove(script, guest, &guest.run).await?,
    }
    let file = script.ctx.settings.ssh.known_hosts.display().to_string();
    script.tell("forget", Does::File { what: format!("{file}: its host keys go") });
    script.ledger("record", "`destroyed`, its identities retired");
    Ok(())
}

/// The calls that take a guest with this mark away.
async fn remove(script: &mut Script, guest: &Guest, mark: &RunId) -> Result<(), Stop> {
    let (pve, vmid) = (script.ctx.pve.clone(), guest.vmid);
    match look(&pve, vmid, mark).await.map_err(Stop::failed)? {
        Found::Ours(config) if config.get("lock") == Some("destroyed") => {
            script.tell("remove", Does::Run { what: format!("guest {vmid} is being destroyed: that is waited for") });
        }
        Found::Ours(_) => {
            if pve.status(vmid).await.map_err(Stop::failed)?.status != GuestState::Stopped {
                script.call("remove", pve.stop(vmid)).await?;
            }
            script.call("remove", pve.destroy(vmid)).await?;
        }
        Found::InCreation => {
            let what = format!("guest {vmid} is being made: what comes of that is waited for, stopped and destroyed");
            script.tell("remove", Does::Run { what });
        }
        Found::Absent | Found::Foreign => {}
    }
    Ok(())
}
