//! What `destroy` would do.

use pve_client::wire::GuestState;
use saga::{Move, next_move};
use spec::ids::RunId;

use super::rehearsal::{Does, Rehearsal};
use super::script::{Script, refused};
use crate::agent::Agent;
use crate::ledger::Guest;
use crate::node::look::following;
use crate::node::removal::must_be_nowhere;
use crate::node::{Found, look};
use crate::request::DestroyRequest;
use crate::sagas::DESTROY;
use crate::steps::asks::{bound_to, not_ours};
use crate::stop::Stop;

/// Where a run is given up, the steps that it has behind it are undone.
const UNDO: &str = "undo";

/// Tells it.
///
/// # Errors
/// [`Stop`]: as things are now, nothing would be destroyed.
pub async fn destroy(agent: &Agent, guest: &Guest) -> Result<Rehearsal, Stop> {
    let mut script = Script::of(agent);
    script.ctx = script.ctx.at(&guest.node);
    let (vmid, state) = (guest.vmid, guest.state);
    if !state.is_live() {
        script.tell("before", Does::Ends { what: format!("nothing is done: guest {vmid} is {state} already") });
        return Ok(script.end(DESTROY, &guest.customer));
    }
    if is_under_way(agent, guest).await? {
        let what = format!("run {} is unfinished: it is given up, and what it made is removed", guest.run);
        script.tell("before", Does::Run { what });
        host_keys(&mut script, UNDO);
        for mark in marks(&script, guest).await? {
            remove(&mut script, UNDO, guest, &mark).await?;
        }
        script.ledger(UNDO, "its row is released, or as it was before that run");
    } else {
        dismantle(&mut script, guest).await?;
    }
    Ok(script.end(DESTROY, &guest.customer))
}

/// Whether the run that made the guest has something left to do; one that was only not closed has not.
async fn is_under_way(agent: &Agent, guest: &Guest) -> Result<bool, Stop> {
    let log = agent.log_of(guest.run.as_str()).await?;
    Ok(log.is_some_and(|log| log.outcome().is_none() && next_move(&log) != Move::Done))
}

/// A guest of the pool bears the mark of the run that made it until it is its customer's.
async fn marks(script: &Script, guest: &Guest) -> Result<Vec<RunId>, Stop> {
    let pooled = script.ctx.ledger.claimed_by(&guest.run).await.map_err(Stop::failed)?;
    Ok([guest.run.clone()].into_iter().chain(pooled.map(|pooled| pooled.made_by)).collect())
}

async fn dismantle(script: &mut Script, guest: &Guest) -> Result<(), Stop> {
    match look(&script.ctx.pve, guest.vmid, &guest.run).await.map_err(Stop::failed)? {
        Found::Foreign => return Err(refused(not_ours(&DestroyRequest::of(guest)))),
        Found::Absent => must_be_nowhere(&script.ctx.pve, guest.vmid).await.map_err(refused)?,
        found => {
            if let Found::Ours(_) = found {
                secrets(script, guest).await?;
            }
            remove(script, "remove", guest, &guest.run).await?;
        }
    }
    host_keys(script, "forget");
    script.ledger("record", "`destroyed`, its identities retired");
    Ok(())
}

async fn secrets(script: &mut Script, guest: &Guest) -> Result<(), Stop> {
    if bound_to(&script.ctx, &DestroyRequest::of(guest)).await.map_err(refused)?.is_some() {
        let what = "the customer's env file is taken out, where the guest can be entered".to_owned();
        let by_helper = script.ctx.helper.is_some();
        script.tell("secrets", if by_helper { Does::Helper { what } } else { Does::Ssh { what } });
    }
    Ok(())
}

fn host_keys(script: &mut Script, step: &'static str) {
    let file = script.ctx.settings.ssh.known_hosts.display().to_string();
    script.tell(step, Does::File { what: format!("{file}: its host keys go") });
}

/// The calls that take a guest with this mark away.
async fn remove(script: &mut Script, step: &'static str, guest: &Guest, mark: &RunId) -> Result<(), Stop> {
    let (pve, vmid) = (following(&script.ctx.pve, mark), guest.vmid);
    match look(&pve, vmid, mark).await.map_err(Stop::failed)? {
        Found::Ours(config) if config.get("lock") == Some("destroyed") => {
            script.tell(step, Does::Run { what: format!("guest {vmid} is being destroyed: that is waited for") });
        }
        Found::Ours(_) => {
            if pve.status(vmid).await.map_err(Stop::failed)?.status != GuestState::Stopped {
                script.call(step, pve.stop(vmid)).await?;
            }
            script.call(step, pve.destroy(vmid)).await?;
        }
        Found::InCreation => {
            let what = format!("guest {vmid} is being made: what comes of that is waited for, stopped and destroyed");
            script.tell(step, Does::Run { what });
        }
        Found::Absent | Found::Foreign => {}
    }
    Ok(())
}
