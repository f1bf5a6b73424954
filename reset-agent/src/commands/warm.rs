//! `warm`: goldens turned into templates.

use serde_json::json;
use spec::exit::Exit;
use spec::ids::{CustomerId, GoldenName, Hostname, RunId, Sha256Hex, Vmid};
use spec::pct::DiskSize;
use uuid::Uuid;

use super::output::Output;
use crate::agent::Agent;
use crate::cli::Warm;
use crate::context::Context;
use crate::golden::GoldenRef;
use crate::golden::admitting::admission;
use crate::golden::warming::{Removed, Standing, ensure_can_clone, retire, survey};
use crate::ledger::{WarmGolden, WarmState};
use crate::outcome::{End, Outcome};
use crate::render;
use crate::request::ProvisionRequest;
use crate::sagas::WARM;
use crate::steps::inspect;
use crate::stop::Stop;
use crate::volume::Volumes;

pub(super) async fn run(agent: &Agent, output: Output, what: Warm) -> Result<Exit, Stop> {
    match what {
        Warm::List => list(agent, output).await,
        Warm::Make { golden, size } => make(agent, output, golden, size).await,
        Warm::Remove { vmid, .. } => remove(agent, output, vmid).await,
    }
}

async fn list(agent: &Agent, output: Output) -> Result<Exit, Stop> {
    let all = survey(&agent.context).await.map_err(Stop::failed)?;
    output.print(&json!({ "warm": all }), || shown(&all))?;
    Ok(Exit::Done)
}

fn shown(all: &[Standing]) -> String {
    let mut table = render::table(["vmid", "golden", "node", "storage", "size", "cloned from"]);
    for Standing { warm, unusable, .. } in all {
        table.add_row([
            warm.vmid.to_string(),
            warm.title.clone(),
            warm.node.to_string(),
            warm.storage.to_string(),
            warm.size.to_string(),
            unusable.as_ref().map_or_else(|| "yes".to_owned(), |why| format!("no: {why}")),
        ]);
    }
    table.to_string()
}

async fn make(agent: &Agent, output: Output, golden: GoldenRef, size: Option<DiskSize>) -> Result<Exit, Stop> {
    let context = &agent.context;
    ensure_can_clone(context).await.map_err(Stop::unusable)?;
    let release = admission(context, &golden).await.map_err(Stop::unusable)?.shelved;
    let size = size.unwrap_or(context.settings.guests.rootfs);
    if let Some(warm) = everywhere(context, &release.sha256, size).await? {
        let text = format!("guest {} is the warm golden of {} already", warm.vmid, warm.title);
        output.print(&json!({ "warm": warm, "existing": true }), || text)?;
        return Ok(Exit::Done);
    }
    let run = Uuid::now_v7().to_string();
    let request = template(&release.manifest.golden, golden, &run, size)?;
    let input = serde_json::to_value(request).map_err(Stop::failed)?;
    let finished = agent.start(WARM, &run, input).await.map_err(Stop::failed)?;
    let outcome = Outcome::of(&finished.log, false);
    let all = context.ledger.warm().await.map_err(Stop::failed)?;
    let made = all.into_iter().find(|warm| warm.run.as_str() == run && warm.state == WarmState::Ready);
    output.print(&json!({ "warm": made, "existing": false, "outcome": outcome }), || match (&made, &outcome.end) {
        (Some(warm), End::Done) => format!("guest {} is the warm golden of {}", warm.vmid, warm.title),
        _ => render::outcome(&outcome),
    })?;
    Ok(outcome.exit())
}

/// One of the templates of a release, where every node has one that can be used.
async fn everywhere(context: &Context, release: &Sha256Hex, size: DiskSize) -> Result<Option<WarmGolden>, Stop> {
    let mut found = None;
    for there in context.everywhere() {
        let storage = &there.settings.guests.storage;
        let warm = there.ledger.warm_for(release, there.pve.node(), storage).await.map_err(Stop::failed)?;
        let Some(warm) = warm.filter(|warm| warm.size <= size) else { return Ok(None) };
        if inspect(&there, &warm).await.map_err(Stop::failed)?.is_err() {
            return Ok(None);
        }
        found.get_or_insert(warm);
    }
    Ok(found)
}

/// The template as a guest of ours: it has a number, a name and addresses that nobody else may have. Both names bear
/// the run's, so that a new one can be made while clones keep an old one.
fn template(name: &GoldenName, golden: GoldenRef, run: &str, size: DiskSize) -> Result<ProvisionRequest, Stop> {
    let short: String = name.as_str().chars().take(40).collect();
    let run: RunId = run.parse().map_err(Stop::failed)?;
    let tail = run.as_str().rsplit('-').next().unwrap_or_default();
    let id = format!("warm-{short}-{tail}");
    let host = id.to_ascii_lowercase().replace(|c: char| !c.is_ascii_alphanumeric(), "-");
    let customer: CustomerId = id.parse().map_err(Stop::failed)?;
    let hostname: Hostname = host.parse().map_err(Stop::failed)?;
    let (volumes, checks) = (Volumes::default(), Vec::new());
    Ok(ProvisionRequest { customer, golden, hostname, size, volumes, checks, cold: true, hold_after: None })
}

async fn remove(agent: &Agent, output: Output, vmid: Option<Vmid>) -> Result<Exit, Stop> {
    let all = survey(&agent.context).await.map_err(Stop::failed)?;
    let meant: Vec<Standing> = match vmid {
        Some(vmid) => all.into_iter().filter(|standing| standing.warm.vmid == vmid).collect(),
        None => all.into_iter().filter(|standing| standing.for_good).collect(),
    };
    if let (Some(vmid), []) = (vmid, meant.as_slice()) {
        return Err(Stop::bad_input(format!("guest {vmid} is no warm golden; `reset-agent warm list` shows them")));
    }
    let mut ends = Vec::new();
    for Standing { warm, .. } in meant {
        let end = retire(&agent.context, &warm).await.map_err(Stop::failed)?;
        ends.push((warm, end));
    }
    let lines = ends.iter().map(|(warm, end)| match end {
        Removed::Gone => format!("{} ({}) is gone", warm.vmid, warm.title),
        Removed::InUse { by } => {
            format!("{} ({}) is retired; disks built on it: {}", warm.vmid, warm.title, by.join(", "))
        }
    });
    let text = if ends.is_empty() { "no template has to go".to_owned() } else { lines.collect::<Vec<_>>().join("\n") };
    let rows: Vec<_> =
        ends.iter().map(|(warm, end)| json!({ "vmid": warm.vmid, "title": warm.title, "result": end })).collect();
    output.print(&json!({ "removed": rows }), || text)?;
    let in_use = ends.iter().any(|(_, end)| *end != Removed::Gone);
    Ok(if in_use { Exit::Failed } else { Exit::Done })
}
