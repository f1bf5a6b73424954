//! From the command line to the tally.

use std::fs;

use anyhow::{Context, Result, ensure};

use super::play::{Player, Report, Tally, nothing_in_range};
use super::script::{self, Common, Scenario};
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
    let total = report.total();
    ensure!(!target.client.interrupted(), "interrupted: {total}");
    Ok(Some(total))
}

/// The scenarios whose names begin as asked, in the order of their names.
fn scenarios(options: &Options) -> Result<Vec<Scenario>> {
    let folder = fs::read_dir(&options.folder).with_context(|| format!("reading {}", options.folder.display()))?;
    let mut files: Vec<_> = folder.filter_map(|entry| Some(entry.ok()?.path())).collect();
    files.retain(|file| file.extension().is_some_and(|ending| ending == ENDING));
    files.sort();
    let common = Common::read(&options.folder).map_err(anyhow::Error::msg)?;
    let mut scenarios = Vec::new();
    for file in files {
        let name = file.file_stem().unwrap_or_default().to_string_lossy().into_owned();
        if options.scenarios.is_empty() || options.scenarios.iter().any(|wanted| name.starts_with(wanted)) {
            let text = fs::read_to_string(&file).with_context(|| format!("reading {}", file.display()))?;
            scenarios.push(script::read(&name, &text, &common)?);
        }
    }
    ensure!(!scenarios.is_empty(), "no scenario is called {:?}", options.scenarios);
    Ok(scenarios)
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;
    use std::path::Path;

    use clap::Parser;

    use super::super::pattern::text;
    use super::*;

    /// What a target and the runner itself give.
    const GIVEN: &[&str] = &[
        "node",
        "storage",
        "storage2",
        "btrfs",
        "bridge",
        "bridge2",
        "template",
        "template_file",
        "user",
        "tokenid",
        "none",
        "run",
        "task",
    ];

    #[test]
    fn every_scenario_can_be_read() {
        let options = Options::parse_from(["mintmark-conformance"]);
        assert!(scenarios(&options).unwrap().len() > 1);
    }

    #[test]
    fn every_name_in_a_scenario_gets_a_value_somewhere() {
        let folder = Path::new(concat!(env!("CARGO_MANIFEST_DIR"), "/conformance"));
        let files: Vec<_> = fs::read_dir(folder).unwrap().map(|entry| entry.unwrap().path()).collect();
        let texts: Vec<String> = files.iter().map(|file| fs::read_to_string(file).unwrap()).collect();
        let names: Vec<(String, Option<String>)> = texts.iter().flat_map(|text| text::names(text)).collect();
        let mut known: BTreeSet<&str> = names.iter().filter_map(|(_, kept)| kept.as_deref()).collect();
        known.extend(GIVEN);
        for line in texts.iter().flat_map(|text| text.lines()) {
            let called = line.strip_prefix("let ").and_then(|rest| rest.split(' ').next());
            let started = line.strip_prefix("=> task ").and_then(|rest| rest.split_once(" as ")).map(|(_, name)| name);
            known.extend(called.or(started));
        }
        let guest = |name: &str| name.strip_prefix("vm").is_some_and(|number| number.parse::<u32>().is_ok());
        let unknown: Vec<&str> = names.iter().map(|(name, _)| name.as_str()).collect();
        let unknown = unknown.into_iter().filter(|name| !guest(name) && !known.contains(name) && !text::is_blank(name));
        assert_eq!(unknown.collect::<BTreeSet<_>>(), BTreeSet::new());
    }
}
