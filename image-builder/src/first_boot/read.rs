//! A tree → facts.

use std::collections::{BTreeMap, BTreeSet};
use std::path::Path;

use firstboot_unit::bake;
use firstboot_unit::items::ssh_host_keys::{KeyFile, key_paths, look_at_key};
use firstboot_unit::root::{Kind, Root, RootError, Stat};
use spec::ids::MachineId;
use spec::release::{Init, MachineIdFound};

use super::condition::{PathFact, Target, UpdateStamps, is_runtime};
use super::facts::{Facts, KeyFact, Open, OpenRc, Server, SshFacts};
use super::presets::{Rule, rules};
use super::read_units::read_units;
use super::units::Units;

/// Far more than any of these files has.
const CAP: u64 = 1 << 20;
const UNIT_FOLDERS: [&str; 2] = ["/usr/lib/systemd/system", "/lib/systemd/system"];
/// Folders of presets, the one that wins first (systemd.preset(5)).
const PRESETS: [&str; 4] = [
    "/etc/systemd/system-preset",
    "/usr/local/lib/systemd/system-preset",
    "/usr/lib/systemd/system-preset",
    "/lib/systemd/system-preset",
];
const GENERATORS: [&str; 4] = [
    "/etc/systemd/system-generators",
    "/usr/local/lib/systemd/system-generators",
    "/usr/lib/systemd/system-generators",
    "/lib/systemd/system-generators",
];
const RUNLEVELS: [&str; 3] = ["sysinit", "boot", "default"];
const SERVERS: [(&str, bool); 5] = [
    ("/usr/sbin/sshd", false),
    ("/usr/bin/sshd", false),
    ("/usr/local/sbin/sshd", false),
    ("/usr/sbin/dropbear", true),
    ("/usr/bin/dropbear", true),
];
const SSH_KEYGEN: &str = "/usr/bin/ssh-keygen";
const SWITCHED_OFF: &str = "/etc/mintmark/firstboot.disabled";
const CLOUD_INIT_OFF: &str = "/etc/cloud/cloud-init.disabled";

/// Looks at a tree. What cannot be read is among the facts; only a tree that is none at all is an error.
pub fn read(root: &Root) -> Result<Facts, RootError> {
    let mut unread = Vec::new();
    let units = read_units(root, &mut unread);
    let os =
        root.read_text("/etc/os-release", CAP)?.or(root.read_text("/usr/lib/os-release", CAP)?).unwrap_or_default();
    let id = os_release(&os, "ID").unwrap_or_else(|| "linux".to_owned());
    let like = os_release(&os, "ID_LIKE").unwrap_or_default();
    Ok(Facts {
        ids: std::iter::once(id).chain(like.split_whitespace().map(str::to_owned)).collect(),
        version: os_release(&os, "VERSION_ID"),
        init: init(root)?,
        systemd: systemd_version(root)?,
        machine_id: machine_id(root)?,
        rules: preset_rules(root)?,
        paths: paths(root, &units)?,
        updated: updated(root)?,
        ssh: ssh(root)?,
        openrc: openrc(root)?,
        open: open(root)?,
        generators: names_in(root, &GENERATORS)?,
        leftovers: leftovers(root)?,
        units,
        unread,
    })
}

fn os_release(text: &str, key: &str) -> Option<String> {
    let value = text.lines().find_map(|line| line.trim().strip_prefix(key)?.strip_prefix('='))?;
    Some(value.trim_matches(['"', '\'']).to_owned())
}

fn init(root: &Root) -> Result<Init, RootError> {
    for folder in UNIT_FOLDERS {
        // Packages put unit files even where there is no systemd; its own target is only there with it.
        if root.stat(format!("{folder}/sysinit.target"))?.is_some() {
            return Ok(Init::Systemd);
        }
    }
    for program in ["/sbin/openrc", "/usr/sbin/openrc", "/sbin/openrc-run"] {
        if root.stat(program)?.is_some() {
            return Ok(Init::Openrc);
        }
    }
    Ok(Init::Unknown)
}

/// systemd's version is in the name of the library that all its programs share.
fn systemd_version(root: &Root) -> Result<Option<u32>, RootError> {
    let mut folders = vec!["/usr/lib/systemd".to_owned(), "/usr/lib64/systemd".to_owned(), "/lib/systemd".to_owned()];
    for entry in root.list("/usr/lib")?.unwrap_or_default() {
        folders.push(format!("/usr/lib/{}/systemd", entry.name.to_string_lossy()));
    }
    for folder in folders {
        for entry in root.list(&folder)?.unwrap_or_default() {
            let name = entry.name.to_string_lossy().into_owned();
            let version = name.strip_prefix("libsystemd-shared-").and_then(|rest| rest.split(['.', '-', '~']).next());
            if let Some(version) = version.and_then(|version| version.parse().ok()) {
                return Ok(Some(version));
            }
        }
    }
    Ok(None)
}

fn machine_id(root: &Root) -> Result<MachineIdFound, RootError> {
    let Some(text) = root.read_text("/etc/machine-id", CAP)? else { return Ok(MachineIdFound::Absent) };
    Ok(match text.trim() {
        "" => MachineIdFound::Empty,
        "uninitialized" => MachineIdFound::Uninitialized,
        word if word.parse::<MachineId>().is_ok() => MachineIdFound::Set,
        _ => MachineIdFound::Malformed,
    })
}

/// All rules in the order they are asked: by file name; of two files with one name the first folder's counts.
fn preset_rules(root: &Root) -> Result<Vec<Rule>, RootError> {
    let mut files: BTreeMap<String, String> = BTreeMap::new();
    for folder in PRESETS {
        for entry in root.list(folder)?.unwrap_or_default() {
            let name = entry.name.to_string_lossy().into_owned();
            if name.ends_with(".preset") && !files.contains_key(&name) {
                let masked = root.read_link(format!("{folder}/{name}"))?.is_some_and(|to| to == Path::new("/dev/null"));
                let text = if masked { None } else { root.read_text(format!("{folder}/{name}"), CAP)? };
                files.insert(name, text.unwrap_or_default());
            }
        }
    }
    Ok(files.iter().flat_map(|(file, text)| rules(file, text)).collect())
}

/// What stands at every path that a condition of some unit names.
fn paths(root: &Root, units: &Units) -> Result<BTreeMap<String, PathFact>, RootError> {
    let mut found = BTreeMap::new();
    let mut met = BTreeSet::new();
    let linked = units.links.iter().map(|link| link.to.clone());
    let mut waiting: Vec<String> = units.names().cloned().chain(linked).collect();
    while let Some(name) = waiting.pop() {
        let unit = if met.insert(name.clone()) { units.unit(&name) } else { None };
        let Some(unit) = unit else { continue };
        // Instances of a template are named by those that pull them in.
        waiting.extend(unit.pulls().cloned());
        for path in unit.conditions.iter().filter_map(|condition| condition.path()) {
            if !is_runtime(path) && !found.contains_key(path) {
                found.insert(path.to_owned(), path_fact(root, path)?);
            }
        }
    }
    Ok(found)
}

fn path_fact(root: &Root, path: &str) -> Result<PathFact, RootError> {
    let link = root.stat(path)?.is_some_and(|stat| stat.kind == Kind::Link);
    let target = match root.stat_followed(path)? {
        None => Target::Nothing,
        Some(Stat { kind: Kind::File, size, mode, .. }) => Target::File { bytes: size, executable: mode & 0o111 != 0 },
        Some(Stat { kind: Kind::Directory, .. }) => {
            Target::Directory { entries: root.list(path)?.unwrap_or_default().len() }
        }
        Some(_) => Target::Special,
    };
    Ok(PathFact { link, target })
}

fn updated(root: &Root) -> Result<UpdateStamps, RootError> {
    let time = |path: &str| Ok(root.stat(path)?.map(|stat| stat.modified));
    Ok(UpdateStamps { usr: time("/usr")?, etc: time("/etc/.updated")?, var: time("/var/.updated")? })
}

fn ssh(root: &Root) -> Result<SshFacts, RootError> {
    let mut server = None;
    for (program, is_dropbear) in SERVERS {
        if server.is_none() && root.stat_followed(program)?.is_some() {
            server = Some(Server { program: program.to_owned(), is_dropbear });
        }
    }
    let is_dropbear = server.as_ref().is_some_and(|server| server.is_dropbear);
    let paths = match (&server, is_dropbear) {
        (None, _) => Vec::new(),
        (_, true) => {
            ["rsa", "ecdsa", "ed25519"].map(|kind| format!("/etc/dropbear/dropbear_{kind}_host_key").into()).into()
        }
        _ => key_paths(root)?,
    };
    let mut keys = Vec::new();
    for path in paths {
        let whole = if is_dropbear {
            root.stat_followed(&path)?.is_some_and(|stat| stat.size > 0)
        } else {
            matches!(look_at_key(root, &path)?, KeyFile::Whole { .. })
        };
        keys.push(KeyFact { path: path.to_string_lossy().into_owned(), whole });
    }
    Ok(SshFacts {
        server,
        keys,
        keygen: root.stat_followed(SSH_KEYGEN)?.is_some(),
        baked_lacks: bake::lacks(root)?,
        baked_off: root.stat(SWITCHED_OFF)?.is_some(),
        cloud_init_off: root.stat(CLOUD_INIT_OFF)?.is_some(),
        dropbear_settings: root.read_text("/etc/default/dropbear", CAP)?.unwrap_or_default(),
    })
}

fn openrc(root: &Root) -> Result<OpenRc, RootError> {
    let mut openrc = OpenRc::default();
    for runlevel in RUNLEVELS {
        for entry in root.list(format!("/etc/runlevels/{runlevel}"))?.unwrap_or_default() {
            openrc.enabled.entry(entry.name.to_string_lossy().into_owned()).or_insert_with(|| runlevel.to_owned());
        }
    }
    for service in ["sshd", "dropbear"] {
        if let Some(script) = root.read_text(format!("/etc/init.d/{service}"), CAP)? {
            openrc.scripts.insert(service.to_owned(), script);
        }
        if let Some(settings) = root.read_text(format!("/etc/conf.d/{service}"), CAP)? {
            openrc.settings.insert(service.to_owned(), settings);
        }
    }
    Ok(openrc)
}

/// What systemd-firstboot would ask for. It does not ask where there is nothing to choose.
fn open(root: &Root) -> Result<Vec<Open>, RootError> {
    let missing = |path: &str| Ok::<bool, RootError>(root.stat_followed(path)?.is_none());
    let locales = root.list("/usr/lib/locale")?.unwrap_or_default();
    let several = locales.len() > 1 || locales.iter().any(|entry| entry.name == "locale-archive");
    let mut keymaps = false;
    for folder in ["/usr/share/keymaps", "/usr/share/kbd/keymaps", "/usr/lib/kbd/keymaps"] {
        keymaps |= root.list(folder)?.is_some_and(|entries| !entries.is_empty());
    }
    let shadow = root.read_text("/etc/shadow", CAP)?.unwrap_or_default();
    let password = shadow.lines().find_map(|line| line.strip_prefix("root:")?.split(':').next());
    let all = [
        (Open::Locale, several && missing("/etc/locale.conf")?),
        (Open::Keymap, keymaps && missing("/etc/vconsole.conf")?),
        // The link counts, wherever it leads.
        (Open::Timezone, root.stat("/etc/localtime")?.is_none()),
        (Open::RootPassword, password.is_none_or(|field| field == "!unprovisioned")),
    ];
    Ok(all.into_iter().filter(|(_, open)| *open).map(|(what, _)| what).collect())
}

/// What package builds leave behind that keeps services from being started.
fn leftovers(root: &Root) -> Result<Vec<String>, RootError> {
    let mut found = Vec::new();
    if root.stat("/usr/sbin/policy-rc.d")?.is_some() {
        found.push("/usr/sbin/policy-rc.d: packages that are installed later do not start their services".to_owned());
    }
    let diversions = root.read_text("/var/lib/dpkg/diversions", CAP)?.unwrap_or_default();
    let diverted = diversions.lines().filter(|line| ["/sbin/initctl", "/sbin/start-stop-daemon"].contains(line));
    found.extend(diverted.map(|line| format!("{line} is diverted: services are not started")));
    Ok(found)
}

fn names_in(root: &Root, folders: &[&str]) -> Result<Vec<String>, RootError> {
    let mut names = Vec::new();
    for folder in folders {
        names.extend(root.list(folder)?.unwrap_or_default().into_iter().map(|e| e.name.to_string_lossy().into_owned()));
    }
    names.sort();
    names.dedup();
    Ok(names)
}
