//! `image-builder first-boot`.

use std::path::Path;

use anyhow::Context;
use clap::{Args, ValueEnum};
use firstboot_unit::root::Root;
use serde_json::json;
use spec::exit::Exit;
use spec::identity::Verdict;
use spec::release::{Answer, FirstBoot, MachineIdFound, PresetMode};

use super::bad_input::BadInput;
use super::node::NodeArguments;
use super::{node, print};
use crate::first_boot::{Question, compile, read};
use crate::releases;

#[derive(Debug, Args)]
pub(super) struct FirstBootArguments {
    /// The root directory of a system, or a release: NAME, NAME@RELEASE, a volume id, a manifest's path
    #[arg(value_name = "TREE|REF")]
    pub subject: String,
    #[command(flatten)]
    pub node: NodeArguments,
    /// Of a tree: what this state of /etc/machine-id would do, instead of the one that is there
    #[arg(long, value_name = "STATE", value_enum)]
    pub machine_id: Option<State>,
    /// Of a tree: nobody needs SSH, it may be down
    #[arg(long)]
    pub without_ssh: bool,
    /// Print the report as one JSON object
    #[arg(long)]
    pub json: bool,
}

/// A state of `/etc/machine-id` in an image.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub(super) enum State {
    /// An empty file: an id is drawn, no first boot
    Empty,
    /// No file: a first boot
    Absent,
    /// The word: a first boot
    Uninitialized,
}

impl From<State> for MachineIdFound {
    fn from(state: State) -> Self {
        match state {
            State::Empty => Self::Empty,
            State::Absent => Self::Absent,
            State::Uninitialized => Self::Uninitialized,
        }
    }
}

pub(super) fn run(arguments: &FirstBootArguments) -> anyhow::Result<Exit> {
    let report = report(arguments).map_err(BadInput::of)?;
    if arguments.json {
        print::json(&json!({ "version": 1, "subject": arguments.subject, "first_boot": report }))?;
    } else {
        print(&report)?;
    }
    Ok(match report.verdict {
        Verdict::Pass | Verdict::Skipped => Exit::Done,
        Verdict::Unverified => Exit::Unverified,
        Verdict::Fail => Exit::Failed,
    })
}

/// A tree is compiled; of a release the report of its build is told.
fn report(arguments: &FirstBootArguments) -> anyhow::Result<FirstBoot> {
    let FirstBootArguments { subject, machine_id, without_ssh, .. } = arguments;
    if Path::new(subject).is_dir() {
        let root = Root::open(subject).with_context(|| format!("cannot open {subject}"))?;
        let facts = read(&root).with_context(|| format!("cannot read the tree {subject}"))?;
        let question =
            Question { machine_id: machine_id.map(Into::into), without_ssh: *without_ssh, keys_from_node: false };
        return Ok(compile(&facts, question));
    }
    if machine_id.is_some() || *without_ssh {
        anyhow::bail!("{subject} is no directory; --machine-id and --without-ssh ask about a tree");
    }
    let release = releases::find(&node::host(&arguments.node)?, subject)
        .with_context(|| format!("{subject} is no directory and no release"))?;
    release.manifest.first_boot.with_context(|| format!("the build of {subject} did not look at its first boot"))
}

fn print(report: &FirstBoot) -> anyhow::Result<()> {
    let system = &report.system;
    let version = system.version.as_deref().unwrap_or("unknown");
    let systemd = system.systemd.map(|version| format!(", systemd {version}")).unwrap_or_default();
    print::pairs([
        ("system", format!("{} {version}{systemd}", system.id)),
        ("machine-id", report.machine_id.as_str().to_owned()),
        ("first boot", report.first_boot.as_str().to_owned()),
        ("ssh comes up", format!("{}: {}", report.ssh.comes_up.as_str(), report.ssh.why)),
        ("questions at the console", list(&report.prompts)),
        ("masked units", list(&report.masked)),
        ("generators, not run", list(&report.generators)),
        ("leftovers", list(&report.leftovers)),
        ("not read", list(&report.unread)),
        ("verdict", in_words(report.verdict).to_owned()),
    ])?;
    let gated = report
        .gated
        .iter()
        .map(|unit| [unit.unit.clone(), unit.fires.as_str().to_owned(), unit.gates.join(" "), unit.why.clone()]);
    print::table(["GATED UNIT", "FIRES", "GATE", "WHY"], gated)?;
    let keys = report.host_keys.iter();
    let keys = keys.map(|key| [key.path.clone(), key.comes_back.as_str().to_owned(), key.by.clone(), key.why.clone()]);
    print::table(["HOST KEY", "COMES BACK", "BY", "WHY"], keys)?;
    let flips = report.presets.flips.iter().map(|flip| {
        let to = if flip.enabled { "enabled" } else { "disabled" };
        [flip.unit.clone(), to.to_owned(), flip.rule.clone()]
    });
    print::table([preset_header(report), "BECOMES", "RULE"], flips)?;
    print::table(["REASON"], report.reasons.iter().map(|reason| [reason.clone()]))
}

/// Presets are told even where they are not applied: the column says which it is.
fn preset_header(report: &FirstBoot) -> &'static str {
    match (report.presets.applied, report.presets.mode) {
        (Answer::Yes, PresetMode::Unknown) => "PRESET, PERHAPS APPLIED",
        (Answer::Yes, _) => "PRESET, APPLIED",
        _ => "PRESET, NOT APPLIED",
    }
}

fn in_words(verdict: Verdict) -> &'static str {
    match verdict {
        Verdict::Pass => "pass",
        Verdict::Skipped => "skipped",
        Verdict::Unverified => "unverified",
        Verdict::Fail => "fail",
    }
}

fn list(items: &[String]) -> String {
    if items.is_empty() { "none".to_owned() } else { items.join(", ") }
}
