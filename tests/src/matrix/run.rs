//! The matrix run: a golden per group, two guests per golden.

use std::fs;
use std::path::Path;
use std::time::{Duration, Instant};

use anyhow::{Context, Result, ensure};
use serde_json::Value;
use spec::identity::Verdict;
use spec::release::Manifest;

use super::app::{App, Group};
use super::apps::GROUPS;
use super::judge::{Three, judge};
use super::options::Options;
use super::reading::{Reading, Seen, parse};
use super::recipe::{self, PREPARE, READ};
use super::report::{Report, Row};
use crate::lab::{Lab, until};

/// Who gets the two guests.
const CUSTOMERS: [&str; 2] = ["matrix-a", "matrix-b"];
/// How long the services of a guest may take until all of them work.
const SETTLED: Duration = Duration::from_secs(90);

/// Runs the groups that were asked for; `None` when they were only to be listed.
pub fn run(options: &Options) -> Result<Option<Report>> {
    let groups: Vec<&Group> = GROUPS.iter().filter(|group| wanted(&options.goldens, group.name)).collect();
    ensure!(!groups.is_empty(), "no golden of the matrix is called {:?}", options.goldens);
    if options.list {
        for group in groups {
            let names: Vec<&str> = group.apps.iter().map(|app| app.name).collect();
            println!("{:<16} {}", group.name, names.join(" "));
        }
        return Ok(None);
    }
    // What a killed or kept run left behind must not be taken for this run's.
    Lab::at(options.settings(), true)?.close()?;
    let lab = Lab::open(options.settings(), true)?;
    let mut report = Report::default();
    for group in groups {
        let begun = Instant::now();
        report.rows.extend(one(&lab, options, group));
        report.seconds.push((group.name, begun.elapsed().as_secs()));
    }
    if !options.keep {
        lab.close()?;
    }
    Ok(Some(report))
}

fn wanted(words: &[String], name: &str) -> bool {
    words.is_empty() || words.iter().any(|word| name.contains(word.as_str()))
}

/// One group; what stops it is every application's failure.
fn one(lab: &Lab, options: &Options, group: &'static Group) -> Vec<Row> {
    let readings = golden(lab, options, group).and_then(|(manifest, path)| {
        let build = parse(&checked(&manifest)?);
        let guests = guests(lab, group, &path);
        if !options.keep {
            destroy(lab)?;
        }
        Ok((build, guests?))
    });
    match readings {
        Ok((build, [a, b])) => group.apps.iter().map(|app| row(group, app, &build, [&a, &b])).collect(),
        Err(error) => {
            eprintln!("{}: {error:#}", group.name);
            group.apps.iter().map(|app| failed(group, app)).collect()
        }
    }
}

fn golden(lab: &Lab, options: &Options, group: &Group) -> Result<(Manifest, String)> {
    let folder = lab.layout.root().join("recipes").join(group.name);
    fs::create_dir_all(&folder).context("making the recipe's folder")?;
    let user_ca = format!("{}.pub", lab.layout.user_ca().display());
    write(&folder, "golden.toml", &recipe::recipe(group, &options.bridge, &user_ca))?;
    write(&folder, PREPARE, &recipe::prepare(group))?;
    write(&folder, READ, &recipe::read(group))?;
    let recipe = folder.join("golden.toml");
    let built: Value = lab.builder(&["build", &recipe.to_string_lossy(), "--json"])?.ok()?.json()?;
    let path = built["manifest"].as_str().context("the build names no manifest")?.to_owned();
    let manifest = serde_json::from_slice(&fs::read(&path).context("reading the manifest")?).context("the manifest")?;
    lab.release_undrilled(&path)?;
    Ok((manifest, path))
}

fn write(folder: &Path, name: &str, text: &str) -> Result<()> {
    fs::write(folder.join(name), text).with_context(|| format!("writing {name}"))
}

/// What the recipe's check said in the build guest.
fn checked(manifest: &Manifest) -> Result<String> {
    let check = manifest.checks.iter().find(|check| check.run.contains(READ));
    Ok(check.context("the manifest has no reading")?.output.clone())
}

fn guests(lab: &Lab, group: &Group, manifest: &str) -> Result<[Reading; 2]> {
    let [a, b] = CUSTOMERS.map(|customer| provision(lab, customer, manifest));
    let (a, b) = (a?, b?);
    Ok([settled(lab, group, a)?, settled(lab, group, b)?])
}

fn provision(lab: &Lab, customer: &str, manifest: &str) -> Result<u32> {
    let arguments = ["provision", "--customer", customer, "--golden", manifest, "--json"];
    let guest: Value = lab.agent(&arguments)?.ok()?.json()?;
    let vmid = guest["vmid"].as_u64().with_context(|| format!("no vmid in {guest}"))?;
    u32::try_from(vmid).context("a vmid")
}

/// The guest's reading, once every service that can work does, or as it is when the time is up.
fn settled(lab: &Lab, group: &Group, vmid: u32) -> Result<Reading> {
    let script = recipe::read(group);
    let look = || -> Result<Reading> { Ok(parse(&lab.in_guest(vmid, &script)?.ok()?.stdout)) };
    let mut last = look()?;
    let all_work = until("the services of a guest", SETTLED, || {
        if group.apps.iter().all(|app| ready(app, &last)) {
            return Ok(());
        }
        let idle: Vec<&str> = group.apps.iter().filter(|app| !ready(app, &last)).map(|app| app.name).collect();
        match look() {
            Ok(reading) => last = reading,
            Err(error) => return Err(format!("{error:#}")),
        }
        Err(idle.join(" "))
    });
    if let Err(error) = all_work {
        eprintln!("{} in guest {vmid}: {error:#}", group.name);
    }
    Ok(last)
}

fn ready(app: &App, reading: &Reading) -> bool {
    app.never_works.is_some()
        || match reading.get(app.name) {
            Some(Seen::There { works, identity }) => *works && !identity.is_empty(),
            Some(Seen::Absent) => true,
            None => false,
        }
}

fn destroy(lab: &Lab) -> Result<()> {
    CUSTOMERS.into_iter().try_for_each(|customer| lab.agent(&["destroy", customer])?.ok().map(drop))
}

fn row(group: &Group, app: &'static App, build: &Reading, guests: [&Reading; 2]) -> Row {
    let three = Three { build: build.get(app.name), guests: guests.map(|guest| guest.get(app.name)) };
    let (verdict, why) = judge(app, &three);
    let all = [three.build, three.guests[0], three.guests[1]];
    let identities = all.map(|seen| match seen {
        Some(Seen::There { identity, .. }) => identity.clone(),
        _ => String::new(),
    });
    let works = three.guests.map(|seen| matches!(seen, Some(Seen::There { works: true, .. })));
    Row { golden: group.name, app: app.name, rows: app.rows, identities, works, verdict, why }
}

fn failed(group: &Group, app: &'static App) -> Row {
    Row {
        golden: group.name,
        app: app.name,
        rows: app.rows,
        identities: Default::default(),
        works: [false; 2],
        verdict: Verdict::Fail,
        why: format!("there are no guests of {}: the reason stands above", group.name),
    }
}
