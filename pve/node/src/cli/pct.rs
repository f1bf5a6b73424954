//! `pct`: commands that change something.

use pve_wire::api::{ParamErrors, calls};
use spec::ids::Vmid;

use super::checked::checked;
use super::dispatch::{Failure, out};
use super::options::{Options, parse};
use super::{exit, pct_show};

use crate::containers::{bridge, lxc, mount};
use crate::error::Die;
use crate::ops::{self, Change, CloneRequest, Job, NewGuestRequest, clone, new_guest, resize::ResizeRequest};
use crate::state::{Node, locks};
use crate::tasks::{self, TaskRequest};

/// Options that may stand without a value.
const SWITCHES: &[&str] = &[
    "restore",
    "unique",
    "force",
    "start",
    "ignore-unpack-errors",
    "unprivileged",
    "onboot",
    "protection",
    "template",
    "debug",
    "console",
    "purge",
    "destroy-unreferenced-disks",
    "forceStop",
    "skiplock",
    "verbose",
    "current",
    "full",
    "keep-env",
];

pub(super) fn run(node: &Node, words: &[String]) -> Result<u8, Failure> {
    let (command, words) = words.split_first().map_or(("help", words), |(first, rest)| (first.as_str(), rest));
    let options = parse(words, SWITCHES);
    match command {
        "list" => pct_show::list(node),
        "status" => pct_show::status(node, vmid(&options)?, options.named.contains_key("verbose")),
        "config" => pct_show::config(node, vmid(&options)?, options.named.contains_key("current")),
        "pending" => pct_show::pending(node, vmid(&options)?),
        "create" | "restore" => create(node, &options, command == "restore"),
        "clone" => clone(node, &options),
        "set" => set(node, &options),
        "resize" => resize(node, &options),
        "mount" => mount_guest(node, vmid(&options)?),
        "unmount" => unmount_guest(node, vmid(&options)?),
        "unlock" => unlock(node, vmid(&options)?),
        "exec" | "enter" => attach(node, &options),
        _ => task(node, command, &options),
    }
}

fn vmid(options: &Options) -> Result<Vmid, Failure> {
    let text = options.operands.first().map(String::as_str).unwrap_or_default();
    text.parse().map_err(|_| {
        let why = if text.is_empty() {
            "property is missing and it is not optional"
        } else {
            "invalid format - value does not look like a valid VM ID"
        };
        ParamErrors::from([("vmid".to_owned(), why.to_owned())]).into()
    })
}

/// Runs a task here and now; its exit code says whether it succeeded.
pub(super) fn foreground(node: &Node, job: Job) -> Result<u8, Failure> {
    let request = TaskRequest { job, auth_id: "root@pam".to_owned(), faults: false };
    Ok(if tasks::foreground(node, &request)? { exit::OK } else { exit::FAILED })
}

fn create(node: &Node, options: &Options, restore: bool) -> Result<u8, Failure> {
    let vmid = vmid(options)?;
    let names = ["vmid", "ostemplate"];
    let mut given: Vec<(&str, &str)> = names.into_iter().zip(options.operands.iter().map(String::as_str)).collect();
    if restore {
        given.push(("restore", "1"));
    }
    let params = checked(node, &calls::CREATE_VM, &given, &options.named)?;
    // On the command line the option names a file of keys.
    let keys = params
        .get("ssh-public-keys")
        .map(std::fs::read_to_string)
        .transpose()
        .map_err(Die::io("read", "ssh-public-keys"))?;
    let request = NewGuestRequest { ssh_keys: keys, ..NewGuestRequest::of(vmid, &params) };
    new_guest::look(node, &request)?;
    if request.from_stdin() && !request.restore {
        return Err(Die::text("pipe can only be used with restore tasks").into());
    }
    if request.from_stdin() && !request.config.contains_key("rootfs") {
        return Err(Die::text("pipe requires rootfs parameter").into());
    }
    new_guest::target_storages(node, &request)?;
    new_guest::admit(node, &request)?;
    foreground(node, Job::NewGuest(Box::new(request)))
}

fn clone(node: &Node, options: &Options) -> Result<u8, Failure> {
    let bad = |name: &str, why: String| Failure::Parameters(ParamErrors::from([(name.to_owned(), why)]));
    let newid = options.operands.get(1).map(String::as_str).unwrap_or_default();
    let newid = newid.parse().map_err(|error: spec::ids::InvalidId| bad("newid", error.to_string()))?;
    let hostname = options.named.get("hostname").map(|name| name.parse()).transpose();
    let request = CloneRequest {
        vmid: vmid(options)?,
        newid,
        hostname: hostname.map_err(|error: spec::ids::InvalidId| bad("hostname", error.to_string()))?,
        description: options.named.get("description").cloned(),
    };
    clone::admit(node, &request)?;
    foreground(node, Job::Clone(request))
}

fn set(node: &Node, options: &Options) -> Result<u8, Failure> {
    let vmid = vmid(options)?;
    let params = checked(node, &calls::UPDATE_CONFIG, &[("vmid", &vmid.to_string())], &options.named)?;
    if options.named.keys().all(|key| key == "digest") {
        return Err(Die::text("no options specified").into());
    }
    let change = Change::new(&params);
    ops::apply_config(node, vmid, &change, &|_, _| Ok(()))?;
    Ok(exit::OK)
}

/// As on Proxmox, a resize that failed after it was accepted still exits with 0; the text stands on standard error.
fn resize(node: &Node, options: &Options) -> Result<u8, Failure> {
    let operand = |index: usize| options.operands.get(index).cloned().unwrap_or_default();
    let request = ResizeRequest { vmid: vmid(options)?, disk: operand(1), size: operand(2), digest: None };
    ops::resize::admit(node, &request)?;
    foreground(node, Job::Resize(request))?;
    Ok(exit::OK)
}

fn task(node: &Node, command: &str, options: &Options) -> Result<u8, Failure> {
    let number = |key: &str, default: u64| options.named.get(key).and_then(|text| text.parse().ok()).unwrap_or(default);
    let flag = |key: &str| options.named.get(key).is_some_and(|value| value == "1");
    let known = ["start", "stop", "shutdown", "reboot", "destroy", "template"];
    if !known.contains(&command) {
        return Err(Failure::UnknownCommand { tool: "pct", command: command.to_owned() });
    }
    let vmid = vmid(options)?;
    let running = lxc::is_running(&node.layout, vmid);
    let job = match command {
        "start" => {
            bridge::up(node)?;
            Job::Start { vmid }
        }
        "destroy" => {
            ops::admit_destroy(node, vmid, flag("force"))?;
            Job::Destroy { vmid, force: flag("force") }
        }
        "template" => {
            ops::template::admit(node, vmid)?;
            Job::Template { vmid }
        }
        _ if !running => return Err(Die::NotRunning { vmid }.into()),
        "stop" => Job::Stop { vmid },
        "shutdown" => Job::Shutdown { vmid, timeout: number("timeout", 60), force_stop: flag("forceStop") },
        _ => Job::Reboot { vmid, timeout: number("timeout", 60) },
    };
    foreground(node, job)
}

fn mount_guest(node: &Node, vmid: Vmid) -> Result<u8, Failure> {
    let _lock = locks::acquire(&node.layout.lock(vmid), locks::PATIENCE, &|_| ())?;
    let guest = node.guests().read(vmid)?;
    guest.refuse_locked(&[])?;
    if lxc::is_running(&node.layout, vmid) {
        return Err(Die::text("cannot mount a running container").into());
    }
    let mut conf = guest.conf.clone();
    let root = mount::mount_guest(node, vmid, &guest, false)?.keep();
    conf.set("lock", "mounted").map_err(|error| Die::text(error.to_string()))?;
    node.guests().write(vmid, &conf)?;
    out(&format!("mounted CT {vmid} in '{}'\n", root.display()));
    Ok(exit::OK)
}

fn unmount_guest(node: &Node, vmid: Vmid) -> Result<u8, Failure> {
    let _lock = locks::acquire(&node.layout.lock(vmid), locks::PATIENCE, &|_| ())?;
    let mut conf = node.guests().read(vmid)?.conf;
    if conf.get("lock") != Some("mounted") {
        return Err(Die::text("no lock found trying to remove 'mounted'  lock").into());
    }
    mount::release_host_mount(&node.layout, vmid)?;
    conf.remove("lock");
    node.guests().write(vmid, &conf)?;
    Ok(exit::OK)
}

fn unlock(node: &Node, vmid: Vmid) -> Result<u8, Failure> {
    let _lock = locks::acquire(&node.layout.lock(vmid), locks::PATIENCE, &|_| ())?;
    let mut conf = node.guests().read(vmid)?.conf;
    if !conf.remove("lock") {
        return Err(Die::text("no lock found trying to remove any lock").into());
    }
    node.guests().write(vmid, &conf)?;
    Ok(exit::OK)
}

/// A command in the guest; its exit code is ours.
fn attach(node: &Node, options: &Options) -> Result<u8, Failure> {
    let vmid = vmid(options)?;
    if !lxc::is_running(&node.layout, vmid) {
        return Err(Die::text(format!("container '{vmid}' not running!")).into());
    }
    let behind = [&options.operands[1..], &options.rest[..]].concat();
    let keep = options.named.get("keep-env").is_some_and(|value| value == "1");
    Ok(lxc::attach(&node.layout, vmid, keep, &behind).attached()?)
}
