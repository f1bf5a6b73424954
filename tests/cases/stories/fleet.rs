//! Two agents on one PostgreSQL ledger, asked for ten guests at once: ten, each its own, and none besides.

use std::collections::{BTreeMap, BTreeSet};
use std::fs;
use std::thread;
use std::time::{Duration, Instant};

use anyhow::{Context, Result, anyhow, ensure};
use e2e::lab::Served;
use postgres_lab::Server;
use serde_json::{Value, json};
use spec::identity::IdentityKind;

use super::guests::{observe, vmid_of};
use crate::Story;
use crate::stage::Stage;

pub(crate) const STORIES: &[Story] =
    &[("fleet::i1_i2_i4_two_agents_of_one_ledger_make_ten_guests_at_once", ten_at_once)];

const GUESTS: usize = 10;
/// From the first request until the last guest is active, and the same back.
const MOST: Duration = Duration::from_secs(90);
/// A caller waits as long as it is let.
const WAIT: &str = "Prefer: wait=600";

fn ten_at_once(stage: &Stage) -> Result<()> {
    let golden = stage.small()?.golden.as_str();
    let server = Server::start()?;
    let url = server.new_database()?;
    let begun = Instant::now();
    let agents = open(stage, &url)?;
    let guests = all_at_once(&agents, |agent, n| {
        let ask = json!({"customer": customer(n), "golden": golden});
        let key = format!("Idempotency-Key: order-{n}");
        agent.call("POST", "/v1/guests", &[WAIT, &key], Some(&ask))?.with(201)
    })?;
    let taken = begun.elapsed();
    eprintln!("     ({GUESTS} guests active after {:.1} s)", taken.as_secs_f64());
    ensure!(guests.iter().all(|guest| guest["state"] == "active" && guest["exit"] == "done"), "{guests:#?}");
    each_is_its_own(stage, &guests)?;
    none_besides(stage, &guests)?;
    both_know(&agents, &guests)?;
    agents.into_iter().try_for_each(Served::stop)?;

    // What two others find in the ledger is theirs to destroy.
    let begun = Instant::now();
    let agents = open(stage, &url)?;
    let gone = all_at_once(&agents, |agent, n| {
        agent.call("DELETE", &format!("/v1/guests/{}", customer(n)), &[WAIT], None)?.with(200)
    })?;
    let freed = begun.elapsed();
    eprintln!("     (gone after {:.1} s more)", freed.as_secs_f64());
    ensure!(gone.iter().all(|guest| guest["state"] == "destroyed"), "{gone:#?}");
    none_besides(stage, &[])?;
    agents.into_iter().try_for_each(Served::stop)?;
    ensure!(taken < MOST && freed < MOST, "made in {taken:?}, destroyed in {freed:?}: {MOST:?} each is the most");
    Ok(())
}

/// Two agents as on two machines: the ledger is all that they share.
fn open(stage: &Stage, url: &str) -> Result<[Served; 2]> {
    let layout = &stage.lab.layout;
    let written = fs::read_to_string(layout.agent_config())?;
    let open = |name: &str| {
        let ledger = format!("path = \"{}\"", layout.ledger().display());
        let pins = layout.known_hosts().display().to_string();
        let own = layout.root().join(format!("{name}.known_hosts")).display().to_string();
        let config = written.replace(&ledger, &format!("url = \"{url}\"")).replace(&pins, &own);
        ensure!(!config.contains(&ledger), "the lab's ledger is another one: {config}");
        stage.lab.serve(name, &config)
    };
    Ok([open("west")?, open("east")?])
}

fn customer(n: usize) -> String {
    format!("fleet-{n}")
}

/// Asks for each of the guests at the same time, every other one of the same agent.
fn all_at_once(agents: &[Served; 2], ask: impl Fn(&Served, usize) -> Result<Value> + Sync) -> Result<Vec<Value>> {
    let ask = &ask;
    thread::scope(|scope| {
        let asked: Vec<_> = (0..GUESTS).map(|n| scope.spawn(move || ask(&agents[n % 2], n))).collect();
        let answers = asked.into_iter().enumerate();
        let told =
            answers.map(|(n, thread)| thread.join().map_err(|_| anyhow!("a caller panicked"))?.context(customer(n)));
        told.collect()
    })
}

/// No address, name or identity twice, be it on the node, in the guest's tree or in what the API tells.
fn each_is_its_own(stage: &Stage, guests: &[Value]) -> Result<()> {
    let mut seen: BTreeMap<String, BTreeSet<String>> = BTreeMap::new();
    let mut own = |kind: &str, value: String| -> Result<()> {
        ensure!(seen.entry(kind.to_owned()).or_default().insert(value.clone()), "two guests have {kind} {value}");
        Ok(())
    };
    for guest in guests {
        let vmid = vmid_of(guest)?;
        let config = stage.lab.pct(&["config", &vmid.to_string()])?.ok()?.stdout;
        let mac = config.split("hwaddr=").nth(1).and_then(|rest| rest.get(..17)).context("a MAC")?;
        own("the MAC", mac.to_owned())?;
        own("the VMID", vmid.to_string())?;
        own("the run", guest["run"].as_str().context("a run")?.to_owned())?;
        own("the address", guest["address"].as_str().context("an address")?.to_owned())?;
        let mut keys = 0;
        for observation in observe(stage, vmid)? {
            let Some(identity) = observation.seen.identity() else { continue };
            let unique = [IdentityKind::MachineId, IdentityKind::Hostname].contains(&identity.kind);
            let key = matches!(identity.kind, IdentityKind::SshHostKey(_));
            keys += usize::from(key);
            if unique || key {
                own(&identity.kind.to_string(), identity.value.clone())?;
            }
        }
        ensure!(keys >= 3, "guest {vmid} has {keys} host keys");
    }
    let counts: BTreeMap<&str, usize> = seen.iter().map(|(kind, values)| (kind.as_str(), values.len())).collect();
    ensure!(counts.len() >= 9 && counts.values().all(|count| *count == GUESTS), "{counts:?}");
    Ok(())
}

/// The node has these guests and no other, and no disk of another.
fn none_besides(stage: &Stage, guests: &[Value]) -> Result<()> {
    let wanted: BTreeSet<u32> = guests.iter().map(vmid_of).collect::<Result<_>>()?;
    let there: BTreeSet<u32> = stage.vmids()?.into_iter().collect();
    ensure!(there == wanted, "on the node are {there:?}, in the ledger {wanted:?}");
    let listed = stage.lab.node(&["pvesm", "list", "local", "--content", "rootdir"])?.ok()?.stdout;
    let owners: Vec<&str> = listed.lines().skip(1).filter_map(|line| line.split_whitespace().last()).collect();
    let expected: Vec<String> = wanted.iter().map(ToString::to_string).collect();
    ensure!(owners == expected, "disks of other guests: {listed}");
    Ok(())
}

/// Every run, and every guest, is the same to both agents.
fn both_know(agents: &[Served; 2], guests: &[Value]) -> Result<()> {
    for guest in guests {
        let run = guest["run"].as_str().context("a run")?;
        let views = agents.each_ref().map(|agent| agent.get(&format!("/v1/runs/{run}")));
        let [one, other] = views;
        let (one, other) = (one?, other?);
        ensure!(one == other && one["end"] == "done", "the agents tell of {run}: {one} and {other}");
    }
    let [one, other] = agents.each_ref().map(|agent| agent.get("/v1/guests"));
    let (one, other) = (one?, other?);
    let count = one["guests"].as_array().context("guests")?.len();
    ensure!(one == other && count == GUESTS, "the agents tell of {count} guests: {one} and {other}");
    Ok(())
}
