//! `image-builder prune`: old releases go.

use anyhow::Context;
use clap::Args;
use jiff::Timestamp;
use jiff::fmt::strtime;
use jiff::tz::TimeZone;
use serde_json::json;
use spec::exit::Exit;
use spec::ids::GoldenName;

use super::lifetime::Lifetime;
use super::node::NodeArguments;
use super::{node, print};
use crate::dump;
use crate::prune::{Candidate, Decision, Keep, Needed, plan};
use crate::registry::Folder;
use crate::releases::{Release, all};

#[derive(Debug, Args)]
pub(super) struct PruneArguments {
    /// Only this golden's releases
    #[arg(long, value_name = "NAME")]
    pub golden: Option<GoldenName>,
    /// So many of the newest stay, of each golden; one always does
    #[arg(long, value_name = "N", default_value = "3")]
    pub keep: usize,
    /// Whatever is younger stays too
    #[arg(long, value_name = "SPAN")]
    pub younger_than: Option<Lifetime>,
    #[command(flatten)]
    pub node: NodeArguments,
    /// Remove them; without, the plan is printed and nothing is touched
    #[arg(long)]
    pub yes: bool,
    /// Print one JSON object
    #[arg(long)]
    pub json: bool,
}

pub(super) fn run(arguments: &PruneArguments) -> anyhow::Result<Exit> {
    let host = node::host(&arguments.node)?;
    let wanted = |release: &Release| arguments.golden.as_ref().is_none_or(|name| *name == release.manifest.golden);
    let releases: Vec<Release> = all(&host)?.into_iter().filter(wanted).collect();
    // While somebody promotes, nobody knows what a channel will point at.
    let locks = if arguments.yes { lock(&releases)? } else { Vec::new() };
    let needed = Needed::ask(&host)?;
    let candidates = releases.iter().map(|release| candidate(release, &needed)).collect::<anyhow::Result<Vec<_>>>()?;
    let keep = Keep { newest: arguments.keep, younger_than: arguments.younger_than.map(Into::into) };
    let decisions = plan(&candidates, keep, Timestamp::now());
    let decided: Vec<(&Release, &Decision)> = releases.iter().zip(&decisions).collect();
    if arguments.yes {
        for (release, _) in decided.iter().filter(|(_, decision)| **decision == Decision::Goes) {
            dump::discard(&release.archive()).with_context(|| format!("{} stays", release.manifest.archive.volid))?;
        }
    }
    drop(locks);
    tell(&decided, arguments)?;
    Ok(Exit::Done)
}

fn lock(releases: &[Release]) -> anyhow::Result<Vec<crate::registry::Locked>> {
    let mut locked = Vec::new();
    let mut seen = std::collections::BTreeSet::new();
    for release in releases {
        let folder = Folder::of_archive(&release.archive());
        if seen.insert(folder.path().to_owned()) {
            locked.push(folder.lock(&release.manifest.golden)?);
        }
    }
    Ok(locked)
}

fn candidate(release: &Release, needed: &Needed) -> anyhow::Result<Candidate> {
    let name = &release.manifest.release;
    let parsed = strtime::parse("%Y%m%dT%H%M%SZ", name).and_then(|broken| broken.to_datetime());
    let made = parsed.and_then(|at| at.to_zoned(TimeZone::UTC)).map(|zoned| zoned.timestamp()).ok();
    Ok(Candidate {
        golden: release.manifest.golden.to_string(),
        release: name.clone(),
        made,
        needed_by: needed.by(release)?,
    })
}

fn tell(decided: &[(&Release, &Decision)], arguments: &PruneArguments) -> anyhow::Result<()> {
    let goes = if arguments.yes { "removed" } else { "would go" };
    if arguments.json {
        let rows = decided.iter().map(|(release, decision)| {
            let manifest = &release.manifest;
            let why = if let Decision::Stays(why) = decision { Some(why) } else { None };
            json!({
                "golden": manifest.golden,
                "release": manifest.release,
                "archive": manifest.archive.volid,
                "bytes": manifest.archive.bytes,
                "goes": why.is_none(),
                "why": why,
            })
        });
        let rows: Vec<_> = rows.collect();
        return print::json(&json!({ "version": 1, "removed": arguments.yes, "releases": rows }));
    }
    let rows = decided.iter().map(|(release, decision)| {
        let (what, why) = match decision {
            Decision::Goes => (goes.to_owned(), String::new()),
            Decision::Stays(why) => ("stays".to_owned(), why.clone()),
        };
        let manifest = &release.manifest;
        [manifest.golden.to_string(), manifest.release.clone(), print::mebibytes(manifest.archive.bytes), what, why]
    });
    print::table(["GOLDEN", "RELEASE", "SIZE", "", "WHY"], rows)?;
    if !arguments.yes && decided.iter().any(|(_, decision)| **decision == Decision::Goes) {
        print::hint("nothing was touched; --yes removes what would go");
    }
    Ok(())
}
