//! The differences told, and those that were accepted written.

use std::collections::{BTreeMap, BTreeSet};

use saga::Journal;
use serde::Serialize;
use spec::exit::Exit;
use spec::ids::{RunId, Vmid};

use super::look::{World, look};
use crate::agent::Agent;
use crate::ledger::{
    Discrepancy, Follow, GuestId, GuestState, Known, LedgerError, Newcomer, Sighted, discrepancies, is_steady,
};
use crate::stop::Stop;

/// What differs between ledger and cluster, after what was accepted is written.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Rebuilt {
    /// Containers seen on the cluster, ours or not.
    pub seen: usize,
    /// Live guests of the ledger.
    pub known: usize,
    /// What was accepted and is written.
    pub accepted: Vec<Discrepancy>,
    /// What differs still.
    pub differences: Vec<Discrepancy>,
}

impl Rebuilt {
    /// Collisions where a value belongs to somebody else; parked where a person must say what is right; unverified
    /// where something could not be looked at.
    pub fn exit(&self) -> Exit {
        let exit = |difference: &Discrepancy| match difference {
            Discrepancy::Shared { .. } => Exit::Collisions,
            Discrepancy::Unread { .. } => Exit::Unverified,
            _ => Exit::Parked,
        };
        self.differences.iter().map(exit).max_by_key(|exit| *exit as u8).unwrap_or(Exit::Done)
    }
}

/// Holds the ledger against the cluster. What was seen of the guests in `accept` is written into the ledger, and nothing
/// else is; nothing is changed on the cluster.
///
/// # Errors
/// Bad input: a guest that does not differ, or in a way that cannot be accepted. Otherwise the cluster or the ledger
/// cannot be read.
pub async fn rebuild(agent: &Agent, accept: &[Vmid]) -> Result<Rebuilt, Stop> {
    let ledger = &agent.context.ledger;
    let mut world = look(&agent.context).await.map_err(Stop::failed)?;
    let known = ledger.known().await.map_err(Stop::failed)?;
    let seen: BTreeSet<Vmid> = world.sighted.iter().map(|seen| seen.vmid).collect();
    let missing = known.iter().filter(|known| !seen.contains(&known.guest.vmid));
    let missing = missing.map(|known| (known.guest.vmid, known.guest.node.clone())).collect();
    world.ask_after(&agent.context.pve, missing).await.map_err(Stop::failed)?;
    let found = compared(agent, &mut world, &known).await?;
    let accepted = chosen(&found, &known, &world.sighted, accept)?;
    if accepted.is_empty() {
        return Ok(Rebuilt { seen: world.sighted.len(), known: known.len(), accepted: Vec::new(), differences: found });
    }
    ledger.accept(&accepted, &who()).await.map_err(refused)?;
    let known = ledger.known().await.map_err(Stop::failed)?;
    let differences = compared(agent, &mut world, &known).await?;
    let accepted = found.into_iter().filter(|found| found.vmid().is_some_and(|vmid| accept.contains(&vmid)));
    Ok(Rebuilt { seen: world.sighted.len(), known: known.len(), accepted: accepted.collect(), differences })
}

fn who() -> String {
    format!("uid {}", rustix::process::getuid().as_raw())
}

fn refused(error: LedgerError) -> Stop {
    match error {
        LedgerError::Conflict(_) | LedgerError::Forbidden { .. } | LedgerError::IllegalMove { .. } => {
            Stop::usage(error)
        }
        error => Stop::failed(error),
    }
}

/// All differences, and all that could not be looked at.
async fn compared(agent: &Agent, world: &mut World, known: &[Known]) -> Result<Vec<Discrepancy>, Stop> {
    let ledger = &agent.context.ledger;
    let unfinished = agent.journal.unfinished().await.map_err(Stop::failed)?;
    let unfinished: BTreeSet<String> = unfinished.into_iter().map(|header| header.run).collect();
    // A guest under a run changes as the run goes on: it is that run's to look after.
    let (busy, known): (Vec<_>, Vec<_>) =
        known.iter().cloned().partition(|known| unfinished.contains(known.guest.run.as_str()));
    let of_busy: BTreeSet<Vmid> = busy.iter().map(|known| known.guest.vmid).collect();
    let sighted: Vec<Sighted> = world.sighted.iter().filter(|seen| !of_busy.contains(&seen.vmid)).cloned().collect();
    let mut struck: BTreeMap<RunId, GuestState> = BTreeMap::new();
    for mark in sighted.iter().filter_map(|seen| seen.config.as_ref()?.mark.as_ref()) {
        if let Some(state) = ledger.struck(mark.run.as_str()).await.map_err(Stop::failed)? {
            struck.insert(mark.run.clone(), state);
        }
    }
    let mut found = discrepancies(&known, &sighted, |identity| ledger.kept(identity), &struck);
    found.extend(shared(agent, &known, &sighted).await?);
    found.extend(busy.iter().map(|known| Discrepancy::Unread {
        vmid: Some(known.guest.vmid),
        why: format!("is under run {}, which is not over: `reset-agent resume` or `abort` ends it", known.guest.run),
    }));
    found.extend(world.unread.iter().cloned());
    found.sort_by_key(Discrepancy::vmid);
    Ok(found)
}

/// Values of our guests that somebody else has a right to: another guest, dead or alive, or a golden.
async fn shared(agent: &Agent, known: &[Known], sighted: &[Sighted]) -> Result<Vec<Discrepancy>, Stop> {
    let ledger = &agent.context.ledger;
    let forbidden = ledger.forbidden().await.map_err(Stop::failed)?;
    let mut found = Vec::new();
    for seen in sighted {
        let Some(mark) = seen.config.as_ref().and_then(|config| config.mark.as_ref()) else { continue };
        let own = known.iter().find(|known| known.guest.vmid == seen.vmid && known.guest.run == mark.run);
        let own = own.map_or(GuestId(0), |known| known.guest.id);
        let steady: Vec<_> = seen.identities.iter().filter(|identity| is_steady(&identity.kind)).cloned().collect();
        let taken = ledger.taken(&steady, own).await.map_err(Stop::failed)?;
        let of_golden = |identity: &_| {
            let golden = forbidden.iter().find(|set| set.identities.contains(identity))?;
            Some(format!("golden {}", golden.golden))
        };
        for identity in &steady {
            if let Some(holder) = taken.get(identity).cloned().or_else(|| of_golden(identity)) {
                let what = format!("{} {}", identity.kind.title(), identity.shown());
                found.push(Discrepancy::Shared { vmid: seen.vmid, what, holder });
            }
        }
    }
    Ok(found)
}

/// What is to be written of the guests that were named, with the reason.
fn chosen(
    found: &[Discrepancy],
    known: &[Known],
    sighted: &[Sighted],
    accept: &[Vmid],
) -> Result<Vec<(Follow, String)>, Stop> {
    let mut chosen = Vec::new();
    for vmid in accept.iter().copied().collect::<BTreeSet<_>>() {
        let of_guest: Vec<&Discrepancy> = found.iter().filter(|found| found.vmid() == Some(vmid)).collect();
        if of_guest.is_empty() {
            return Err(Stop::bad_input(format!("--accept {vmid}: ledger and cluster do not differ there")));
        }
        if let Some(cannot) = of_guest.iter().find(|found| !found.can_be_accepted()) {
            return Err(Stop::bad_input(format!("--accept {vmid}: guest {vmid} {cannot}: that cannot be accepted")));
        }
        let why: Vec<String> = of_guest.iter().map(ToString::to_string).collect();
        chosen.push((accepted(vmid, &of_guest, known, sighted)?, why.join("; ")));
    }
    Ok(chosen)
}

fn accepted(vmid: Vmid, found: &[&Discrepancy], known: &[Known], sighted: &[Sighted]) -> Result<Follow, Stop> {
    let lacks = |what: &str| Stop::bad_input(format!("--accept {vmid}: guest {vmid} has no {what} that can be read"));
    let known = known.iter().find(|known| known.guest.vmid == vmid);
    let gone = |found: &&Discrepancy| matches!(found, Discrepancy::Gone { .. } | Discrepancy::Replaced { .. });
    if let Some(known) = known.filter(|_| found.iter().any(gone)) {
        return Ok(Follow::Retired { guest: known.guest.id });
    }
    let seen = sighted.iter().find(|seen| seen.vmid == vmid).ok_or_else(|| lacks("configuration"))?;
    let config = seen.config.as_ref().ok_or_else(|| lacks("configuration"))?;
    let hostname = config.hostname.clone().ok_or_else(|| lacks("hostname"))?;
    if let Some(known) = known {
        return Ok(Follow::Amended { guest: known.guest.id, sighted: seen.clone(), hostname });
    }
    let mark = config.mark.clone().ok_or_else(|| lacks("mark"))?;
    let customer = mark.customer.ok_or_else(|| lacks("customer in its description"))?;
    let newcomer = Newcomer { sighted: seen.clone(), customer, hostname, run: mark.run, golden: mark.golden };
    Ok(Follow::Added(newcomer))
}
