//! From the command line to the tally.

use std::fs;

use anyhow::{Context, Result, ensure};

use super::play::{Player, Report, Tally, nothing_in_range};
use super::script::{self, Scenario};
use super::target::{Embedded, Options, Shell, Target};

/// The ending of scenario files.
const ENDING: &str = "scenario";

/// Plays the scenarios that were asked for; `None` when they were only to be listed.
pub fn run(mut options: Options) -> Result<Option<Tally>> {
    let scenarios = scenarios(&options)?;
    if options.list {
        for scenario in &scenarios {
            println!("{:<28} {}", scenario.name, scenario.title);
        }
        return Ok(None);
    }
    let embedded = match options.target {
        None => Some(Embedded::open(&mut options)?),
        Some(_) => None,
    };
    let shell = embedded.as_ref().map(|embedded| embedded as &dyn Shell);
    let target = Target::find(&options, shell)?;
    nothing_in_range(&target)?;
    let mut report = Report::new(options.verbose);
    for scenario in scenarios.iter().take_while(|_| !target.client.interrupted()) {
        Player::new(&target, &mut report).play(scenario);
    }
    Ok(Some(report.total()))
}

/// The scenarios whose names begin as asked, in the order of their names.
fn scenarios(options: &Options) -> Result<Vec<Scenario>> {
    let folder = fs::read_dir(&options.folder).with_context(|| format!("reading {}", options.folder.display()))?;
    let mut files: Vec<_> = folder.filter_map(|entry| Some(entry.ok()?.path())).collect();
    files.retain(|file| file.extension().is_some_and(|ending| ending == ENDING));
    files.sort();
    let mut scenarios = Vec::new();
    for file in files {
        let name = file.file_stem().unwrap_or_default().to_string_lossy().into_owned();
        if options.scenarios.is_empty() || options.scenarios.iter().any(|wanted| name.starts_with(wanted)) {
            let text = fs::read_to_string(&file).with_context(|| format!("reading {}", file.display()))?;
            scenarios.push(script::read(&name, &text)?);
        }
    }
    ensure!(!scenarios.is_empty(), "no scenario is called {:?}", options.scenarios);
    Ok(scenarios)
}
