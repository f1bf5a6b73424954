//! Whether the SSH server comes up under systemd, and who brings its keys back.

use spec::release::{Answer, HostKeyOrigin, Ssh};

use super::boot::Boot;
use super::condition::{World, all_hold};
use super::facts::{Facts, KeyFact, Server};
use super::makers::{Maker, makers};
use super::unit::Unit;
use super::units::Loaded;

/// Units that start a server, under the names that distributions give them.
const OPENSSH: [&str; 4] = ["ssh.service", "sshd.service", "ssh.socket", "sshd.socket"];
const DROPBEAR: [&str; 2] = ["dropbear.service", "dropbear.socket"];

/// The server with its keys, told.
#[derive(Debug)]
pub(super) struct Told {
    pub(super) ssh: Ssh,
    pub(super) keys: Vec<HostKeyOrigin>,
}

/// A unit of the boot that starts the server, and the service that it starts.
struct Starter {
    unit: Unit,
    service: String,
    answer: Answer,
    why: Option<String>,
}

/// Tells whether the server of a systemd guest comes up.
pub(super) fn ssh(facts: &Facts, boot: &Boot, world: &World<'_>) -> Told {
    let Some(server) = &facts.ssh.server else { return no_server() };
    let names = candidates(boot, server);
    let starters: Vec<Starter> = names.iter().filter_map(|name| starter(boot, name, world)).collect();
    let Some(starter) = starters.iter().find(|starter| starter.answer != Answer::No).or(starters.first()) else {
        let ssh = Ssh { units: Vec::new(), comes_up: Answer::No, why: not_started(boot, &names), ..of(server) };
        return Told { ssh, keys: origins(facts, boot, None, &[], world) };
    };
    let keys = origins(facts, boot, Some(starter), &names, world);
    let (comes_up, why) = verdict(starter, &keys);
    let units = starters.iter().map(|starter| starter.unit.name.clone()).collect();
    Told { ssh: Ssh { units, comes_up, why, ..of(server) }, keys }
}

pub(super) fn no_server() -> Told {
    let why = "no SSH server is installed".to_owned();
    Told { ssh: Ssh { program: None, units: Vec::new(), comes_up: Answer::No, why }, keys: Vec::new() }
}

fn of(server: &Server) -> Ssh {
    Ssh { program: Some(server.program.clone()), units: Vec::new(), comes_up: Answer::No, why: String::new() }
}

/// The units that exist under the server's names, each once; services before sockets, since a service reads the keys
/// at once.
fn candidates(boot: &Boot, server: &Server) -> Vec<String> {
    let names: &[&str] = if server.is_dropbear { &DROPBEAR } else { &OPENSSH };
    let mut found: Vec<String> = Vec::new();
    for name in names {
        let name = boot.units().canonical(name);
        if boot.units().load(&name) != Loaded::Missing && !found.contains(&name) {
            found.push(name);
        }
    }
    found
}

fn starter(boot: &Boot, name: &str, world: &World<'_>) -> Option<Starter> {
    let unit = boot.units().unit(name).filter(|_| boot.has(name))?;
    let (answer, condition) = all_hold(&unit.conditions, world);
    let why = condition.map(|condition| match answer {
        Answer::No => format!("{name} is skipped: {condition} is not met"),
        _ => format!("a tree does not tell whether {condition} of {name} is met"),
    });
    let service = name.strip_suffix(".socket").map_or_else(|| name.to_owned(), |stem| served_by(&unit, stem));
    Some(Starter { unit, service, answer, why })
}

fn served_by(socket: &Unit, stem: &str) -> String {
    match &socket.service {
        Some(service) => service.clone(),
        None if socket.accept => format!("{stem}@connection.service"),
        None => format!("{stem}.service"),
    }
}

fn not_started(boot: &Boot, names: &[String]) -> String {
    let masked: Vec<&str> =
        names.iter().filter(|name| boot.units().load(name) == Loaded::Masked).map(String::as_str).collect();
    match (names, &masked[..]) {
        ([], _) => "no unit starts it".to_owned(),
        (_, []) => format!("nothing pulls {} in at boot; enable one of them", names.join(" or ")),
        (_, masked) => format!("{} is masked, and nothing else starts it", masked.join(" and ")),
    }
}

/// Where each key comes from.
fn origins(
    facts: &Facts,
    boot: &Boot,
    starter: Option<&Starter>,
    names: &[String],
    world: &World<'_>,
) -> Vec<HostKeyOrigin> {
    let mut server = names.to_vec();
    server.extend(starter.map(|starter| starter.service.clone()));
    // What a socket starts brings its own dependencies along.
    let later = starter.filter(|starter| starter.service != starter.unit.name);
    let boot = later.map_or_else(|| boot.clone(), |starter| boot.with(&starter.service, &starter.unit.name));
    let makers = makers(&boot, &server, &facts.ssh, world);
    facts.ssh.keys.iter().map(|key| origin(key, facts, &boot, starter, &makers)).collect()
}

fn origin(key: &KeyFact, facts: &Facts, boot: &Boot, starter: Option<&Starter>, makers: &[Maker]) -> HostKeyOrigin {
    let origin = |by: &str, comes_back, why: String| HostKeyOrigin {
        path: key.path.clone(),
        by: by.to_owned(),
        comes_back,
        why,
    };
    if key.whole {
        return origin("the image", Answer::Yes, "it is in the tree: every guest would share it".to_owned());
    }
    if let Some(by) = makes_its_own(facts, starter) {
        return origin(&by, Answer::Yes, "the server makes it when it is first needed (-R)".to_owned());
    }
    let mut best: Option<HostKeyOrigin> = None;
    for maker in makers.iter().filter(|maker| maker.makes(&key.path)) {
        let in_time = starter.is_none_or(|starter| in_time(boot, &maker.unit, starter));
        let told = match maker.answer {
            Answer::Yes if !in_time => {
                let why = "it runs, but nothing orders it before the SSH server".to_owned();
                origin(&maker.unit, Answer::Unverified, why)
            }
            answer => origin(&maker.unit, answer, maker.why.clone()),
        };
        if best.as_ref().is_none_or(|best| rank(told.comes_back) > rank(best.comes_back)) {
            best = Some(told);
        }
    }
    match best {
        Some(HostKeyOrigin { by, why, comes_back: Answer::No, .. }) => {
            origin("nobody", Answer::No, format!("{by}: {why}"))
        }
        Some(told) => told,
        None => origin("nobody", Answer::No, "no unit of the boot makes it".to_owned()),
    }
}

const fn rank(answer: Answer) -> u8 {
    match answer {
        Answer::No => 0,
        Answer::Unverified => 1,
        Answer::Yes => 2,
    }
}

/// Whether the keys are there when the server reads them: made by the server's own unit, or by one ordered before it.
fn in_time(boot: &Boot, maker: &str, starter: &Starter) -> bool {
    let service = boot.units().canonical(&starter.service);
    maker == service || boot.precedes(maker, &service) || boot.precedes(maker, &starter.unit.name)
}

/// dropbear's `-R`, in the unit or in the settings that it reads.
fn makes_its_own(facts: &Facts, starter: Option<&Starter>) -> Option<String> {
    let starter = starter.filter(|_| facts.ssh.server.as_ref().is_some_and(|server| server.is_dropbear))?;
    let has = |text: &str| text.split(|c: char| c.is_whitespace() || "\"'=".contains(c)).any(is_r);
    let wanted = starter.unit.programs.iter().any(|program| has(program));
    let set = !starter.unit.environment_files.is_empty() && has(&facts.ssh.dropbear_settings);
    (wanted || set).then(|| starter.unit.name.clone())
}

/// A word of one-letter switches with `R` among them.
pub(super) fn is_r(word: &str) -> bool {
    word.strip_prefix('-').is_some_and(|rest| rest.contains('R') && rest.chars().all(|c| c.is_ascii_alphabetic()))
}

fn verdict(starter: &Starter, keys: &[HostKeyOrigin]) -> (Answer, String) {
    let name = &starter.unit.name;
    if starter.answer == Answer::No {
        return (Answer::No, starter.why.clone().unwrap_or_default());
    }
    let best = keys.iter().max_by_key(|key| rank(key.comes_back));
    match best {
        None => (Answer::No, format!("{name} starts, but the server has no key to read")),
        Some(key) if key.comes_back == Answer::No => {
            (Answer::No, format!("no host key comes back, and the server does not start without one ({})", key.why))
        }
        Some(key) if key.comes_back == Answer::Unverified => {
            (Answer::Unverified, format!("whether a host key comes back is not known ({}: {})", key.by, key.why))
        }
        Some(_) if starter.answer == Answer::Unverified => {
            (Answer::Unverified, starter.why.clone().unwrap_or_default())
        }
        Some(key) => (Answer::Yes, format!("{name} is started, and {} brings a host key before it", key.by)),
    }
}
