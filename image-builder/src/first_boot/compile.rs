//! From facts to the report. Pure.

use spec::identity::Verdict;
use spec::release::{Answer, FirstBoot, GatedUnit, Init, MachineIdFound, PresetMode, Presets, System};

use super::boot::Boot;
use super::condition::{World, all_hold};
use super::facts::Facts;
use super::names::is_template;
use super::presets::{self, Change};
use super::ssh::{self, Told};
use super::units::Loaded;
use super::{openrc, prompts};

/// What is asked of a tree.
#[derive(Debug, Clone, Copy, Default)]
pub struct Question {
    /// Asks what another state of the machine-id would do.
    pub machine_id: Option<MachineIdFound>,
    /// Whether nobody needs SSH in guests of this golden: it may then be down.
    pub without_ssh: bool,
    /// Whether host keys are made from the node (`host_keys = "guest-exec"`), which a tree cannot show.
    pub keys_from_node: bool,
}

/// The wizard that asks on the console.
const WIZARD: &str = "systemd-firstboot.service";

/// Tells what the first boot will do.
pub fn compile(facts: &Facts, question: Question) -> FirstBoot {
    let machine_id = question.machine_id.unwrap_or(facts.machine_id);
    let first_boot = first_boot(facts, machine_id);
    let world = World { first_boot, paths: &facts.paths, updated: &facts.updated };
    let mode = if facts.init == Init::Systemd { presets::mode(&facts.ids, facts.systemd) } else { PresetMode::None };
    let plain = Boot::plain(&facts.units);
    let change = presets::change(&facts.units, &facts.rules, mode, &plain);
    let boot = booted(facts, plain, &change, mode, first_boot);
    let mut gated = gated(&boot, &world);
    let told = match facts.init {
        Init::Systemd => ssh::ssh(facts, &boot, &world),
        Init::Openrc => openrc::ssh(facts),
        Init::Unknown => unknown(facts),
    };
    let mut told = doubted(told, &change, mode, first_boot);
    let wizard = boot.units().unit(WIZARD).filter(|_| fires(&gated, WIZARD));
    let prompts = wizard.map(|unit| prompts::prompts(&unit, &facts.open)).unwrap_or_default();
    if !prompts.is_empty() {
        held_up(&boot, &mut gated, &mut told);
    }
    let mut report = FirstBoot {
        system: system(facts),
        machine_id,
        first_boot,
        gated,
        presets: Presets { mode, applied: first_boot, flips: change.flips },
        host_keys: told.keys,
        ssh: told.ssh,
        prompts,
        masked: facts.units.masked_in_etc(),
        generators: facts.generators.clone(),
        leftovers: facts.leftovers.clone(),
        unread: facts.unread.clone(),
        verdict: Verdict::Pass,
        reasons: Vec::new(),
    };
    judge(&mut report, question);
    report
}

/// systemd takes a missing file and the word for a first boot; an empty file only makes it draw an id.
fn first_boot(facts: &Facts, machine_id: MachineIdFound) -> Answer {
    match (facts.init, machine_id) {
        (Init::Systemd, MachineIdFound::Absent | MachineIdFound::Uninitialized) => Answer::Yes,
        (Init::Unknown, _) => Answer::Unverified,
        _ => Answer::No,
    }
}

/// The boot as it will be: presets come before anything is pulled in.
fn booted(facts: &Facts, plain: Boot, change: &Change, mode: PresetMode, first_boot: Answer) -> Boot {
    if first_boot != Answer::Yes {
        return plain;
    }
    let off = if mode == PresetMode::Full { &change.off[..] } else { &[] };
    Boot::changed(&facts.units, &change.made, off)
}

fn system(facts: &Facts) -> System {
    let id = facts.ids.first().cloned().unwrap_or_else(|| "linux".to_owned());
    System { id, version: facts.version.clone(), init: facts.init, systemd: facts.systemd }
}

fn gated(boot: &Boot, world: &World<'_>) -> Vec<GatedUnit> {
    let units = boot.units().names().filter(|name| !is_template(name));
    let mut gated: Vec<GatedUnit> = units.filter_map(|name| gated_unit(boot, name, world)).collect();
    gated.sort_by(|a, b| a.unit.cmp(&b.unit));
    gated
}

fn gated_unit(boot: &Boot, name: &str, world: &World<'_>) -> Option<GatedUnit> {
    let Loaded::Unit(unit) = boot.units().load(name) else { return None };
    let gates: Vec<String> = unit.conditions.iter().filter(|c| c.is_gate()).map(ToString::to_string).collect();
    if gates.is_empty() {
        return None;
    }
    let pulled_by = boot.pulled_by(name);
    let (fires, why) = match (&pulled_by, all_hold(&unit.conditions, world)) {
        (None, _) => (Answer::No, "nothing pulls it in at boot".to_owned()),
        (Some(_), (answer, Some(condition))) if answer == Answer::No => (answer, format!("{condition} is not met")),
        (Some(_), (answer, Some(condition))) => (answer, format!("a tree does not tell whether {condition} is met")),
        (Some(by), (answer, None)) => (answer, format!("{by} pulls it in, and all its conditions are met")),
    };
    Some(GatedUnit { unit: unit.name.clone(), gates, pulled_by, fires, why })
}

fn fires(gated: &[GatedUnit], name: &str) -> bool {
    gated.iter().any(|gated| gated.unit == name && gated.fires == Answer::Yes)
}

/// What comes after the wizard never comes while it waits; sshd does.
fn held_up(boot: &Boot, gated: &mut [GatedUnit], told: &mut Told) {
    let why = format!("the boot waits for {WIZARD} at the console");
    for unit in gated.iter_mut().filter(|unit| unit.unit != WIZARD && boot.precedes(WIZARD, &unit.unit)) {
        (unit.fires, unit.why) = (Answer::No, why.clone());
    }
    if told.ssh.comes_up != Answer::No {
        (told.ssh.comes_up, told.ssh.why) = (Answer::No, why);
    }
}

fn unknown(facts: &Facts) -> Told {
    let mut told = ssh::no_server();
    if let Some(server) = &facts.ssh.server {
        told.ssh.program = Some(server.program.clone());
        told.ssh.comes_up = Answer::Unverified;
        "neither systemd nor OpenRC is there: what starts the server was not read".clone_into(&mut told.ssh.why);
    }
    told
}

/// Where it is not known whether presets disable, a server that they would disable may be down.
fn doubted(mut told: Told, change: &Change, mode: PresetMode, first_boot: Answer) -> Told {
    let in_doubt = mode == PresetMode::Unknown && first_boot == Answer::Yes && told.ssh.comes_up == Answer::Yes;
    if let Some(unit) = told.ssh.units.iter().find(|unit| change.off.contains(unit)).filter(|_| in_doubt) {
        told.ssh.comes_up = Answer::Unverified;
        told.ssh.why = format!("a preset disables {unit}, and whether this systemd applies that is not known");
    }
    told
}

/// The verdict and its reasons.
fn judge(report: &mut FirstBoot, question: Question) {
    let mut judged = Vec::new();
    if !report.prompts.is_empty() {
        let asked = report.prompts.join("; ");
        judged.push((Verdict::Fail, format!("the first boot waits at the console for an answer: {asked}")));
    }
    judged.push(ssh_verdict(report, question));
    if !report.unread.is_empty() {
        judged.push((Verdict::Unverified, format!("{} files could not be read", report.unread.len())));
    }
    report.verdict = judged.iter().map(|(verdict, _)| *verdict).max().unwrap_or(Verdict::Unverified);
    report.reasons = judged.into_iter().map(|(_, reason)| reason).collect();
}

fn ssh_verdict(report: &FirstBoot, question: Question) -> (Verdict, String) {
    let ssh = &report.ssh;
    let why = &ssh.why;
    let no_key = report.host_keys.iter().all(|key| key.comes_back == Answer::No);
    match ssh.comes_up {
        Answer::Yes => (Verdict::Pass, format!("ssh comes up: {why}")),
        _ if ssh.program.is_none() => (Verdict::Pass, format!("ssh: {why}")),
        _ if question.without_ssh => (Verdict::Pass, format!("nobody is to log in by ssh, which is not up: {why}")),
        Answer::Unverified => (Verdict::Unverified, format!("ssh: {why}")),
        Answer::No if no_key && question.keys_from_node && !ssh.units.is_empty() => {
            let why = "no host key comes back by itself; the recipe has them made from the node, after the start";
            (Verdict::Unverified, format!("ssh: {why}"))
        }
        Answer::No => (Verdict::Fail, format!("ssh does not come up: {why}{}", remedy(report, no_key))),
    }
}

/// What to do about it.
fn remedy(report: &FirstBoot, no_key: bool) -> String {
    if report.ssh.units.is_empty() || !no_key {
        return String::new();
    }
    let waits = report.first_boot == Answer::No
        && report.host_keys.iter().any(|key| key.why.contains("FirstBoot") || key.why.contains("first-boot"));
    let other = if waits { ", or set machine_id = \"uninitialized\"" } else { "" };
    format!("; set host_keys = \"baked-unit\"{other}")
}
