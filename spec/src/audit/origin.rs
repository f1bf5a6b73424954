//! Where a shared value came from: a golden, a clone, a restored backup, or nobody knows.

use std::collections::{BTreeMap, BTreeSet};

use super::judge::Judge;
use super::roster::{Awake, HolderId, Roster};
use super::sharing::Sharing;
use crate::identity::IdentityKind;
use crate::ids::Vmid;
use crate::report::{Descent, Origin};

/// Where it came from, and how that is known. What is written down somewhere is asked before ages are.
pub(super) fn of(judge: &Judge<'_>, shared: &Sharing) -> Origin {
    let roster = &judge.roster;
    let holders: Vec<HolderId> = shared.holders.iter().map(|held| held.holder).collect();
    let known = of_golden(judge, shared)
        .or_else(|| clone_source(roster, &holders))
        .or_else(|| restored(roster, shared))
        .or_else(|| common_golden(roster, &holders))
        .or_else(|| oldest(roster, shared, &holders));
    let (from, why) = known.unwrap_or_else(|| (Descent::Unknown, ignorance(&shared.kind).to_owned()));
    Origin { from, why }
}

type Known = Option<(Descent, String)>;

fn of_golden(judge: &Judge<'_>, shared: &Sharing) -> Known {
    let golden = shared.golden.clone()?;
    let itself = shared.evidence.iter().find(|held| judge.roster.is_golden(held.holder));
    let why = match (judge.golden_of(shared.subject, &shared.value), itself) {
        (Some(_), _) => "the value is one of those that its manifest forbids to guests".to_owned(),
        (None, Some(held)) => format!("{} holds it, and its manifest does not know", judge.roster.guest(held.holder)),
        (None, None) => "it is the golden's".to_owned(),
    };
    Some((Descent::Golden { golden }, why))
}

/// The guest that others name as the one they were cloned from: one that has the value too, or one that two of them name.
fn clone_source(roster: &Roster, holders: &[HolderId]) -> Known {
    let there: BTreeSet<_> = holders.iter().map(|id| (roster.cluster(*id), roster.vmid(*id))).collect();
    let mut sources: BTreeMap<_, Vec<Vmid>> = BTreeMap::new();
    for id in holders {
        if let Some(parent) = roster.cloned_from(*id) {
            sources.entry((roster.cluster(*id), parent)).or_default().push(roster.vmid(*id));
        }
    }
    let told = sources.iter().filter(|(source, clones)| there.contains(source) || clones.len() > 1);
    let ((cluster, guest), clones) = told.max_by_key(|(source, clones)| (there.contains(source), clones.len()))?;
    let from = Descent::Clone { guest: *guest, cluster: cluster.map(|name| roster.text(name).to_owned()) };
    let verb = if let [clone] = clones.as_slice() {
        format!("{clone} was cloned from it")
    } else {
        format!("{} of them were cloned from it", clones.len())
    };
    Some((from, verb))
}

/// An archive that one of them was restored from, or a backup from before one of them was made.
fn restored(roster: &Roster, shared: &Sharing) -> Known {
    let told = shared.holders.iter().find_map(|held| Some((held.holder, roster.restored_from(held.holder)?)));
    if let Some((guest, volid)) = told {
        let why = format!("{} was restored from it", roster.vmid(guest));
        return Some((Descent::Backup { volid: volid.to_owned() }, why));
    }
    if !only_copied(&shared.kind) {
        return None;
    }
    let backup = shared.holders.iter().find(|held| roster.awake(held.holder) == Awake::Backup)?;
    let volid = roster.volid(backup.holder)?.to_owned();
    let why = "it holds the value, and nothing else tells where the others have it from".to_owned();
    Some((Descent::Backup { volid }, why))
}

fn common_golden(roster: &Roster, holders: &[HolderId]) -> Known {
    let golden = roster.golden(*holders.first()?)?;
    let all = holders.len() > 1 && holders.iter().all(|id| roster.golden(*id) == Some(golden));
    let from = Descent::Golden { golden: roster.text(golden).to_owned() };
    all.then(|| (from, "all of them were made from it; its manifest does not know the value".to_owned()))
}

/// What is only ever copied with its guest was first at the oldest one.
fn oldest(roster: &Roster, shared: &Sharing, holders: &[HolderId]) -> Known {
    if !only_copied(&shared.kind) {
        return None;
    }
    let births = holders.iter().map(|id| Some((roster.born(*id)?, *id)));
    let mut births: Vec<(i64, HolderId)> = births.collect::<Option<_>>()?;
    births.sort_unstable();
    let (first, second) = (births.first()?, births.get(1)?);
    let from = Descent::Clone {
        guest: roster.vmid(first.1),
        cluster: roster.cluster(first.1).map(|name| roster.text(name).to_owned()),
    };
    (first.0 < second.0).then(|| (from, "it is the oldest of them; no record names a parent".to_owned()))
}

/// Names and addresses are given by people, MAC addresses drawn: two guests may have come to one by themselves.
fn only_copied(kind: &IdentityKind) -> bool {
    !matches!(kind, IdentityKind::Mac | IdentityKind::Ip | IdentityKind::Hostname)
}

fn ignorance(kind: &IdentityKind) -> &'static str {
    match kind {
        IdentityKind::Mac => {
            "no golden and no record has it; Proxmox draws 24 bits and compares them with nobody's, so it may be chance"
        }
        IdentityKind::Ip | IdentityKind::Hostname => "no golden and no record has it: somebody gave it twice",
        _ => "no golden has it, no record names a parent, and the guests' ages are not known or equal",
    }
}
