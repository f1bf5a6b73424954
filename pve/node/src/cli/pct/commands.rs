//! The commands of `pct`.

use pve_wire::api::{Format, Kind, Method, Param, Words, calls};

use super::{attach, cpusets, disks, files, mounts, rescan, show, snapshots};
use crate::cli::tool::{Command, REST, Show, Tool, parameter, parameters};

/// The tool.
pub(in crate::cli) static PCT: Tool =
    Tool { name: "pct", groups: &[GUESTS, CONFIG, SNAPSHOTS, POWER, OWN], aliases: &[("move_volume", "move-volume")] };

static GUESTS: &[Command] = &[
    Command::call("clone", &calls::CLONE_VM, &["vmid", "newid"], Show::Task),
    Command::call("create", &calls::CREATE_VM, &["vmid", "ostemplate"], Show::Task),
    Command::call("destroy", &calls::DESTROY_VM, &["vmid"], Show::Task),
    Command::call("list", &calls::LIST_GUESTS, &[], Show::Text(show::list)),
    Command::call(
        "move-volume",
        &calls::MOVE_VOLUME,
        &["vmid", "volume", "storage", "target-vmid", "target-volume"],
        Show::Task,
    ),
    Command::call("pending", &calls::PENDING, &["vmid"], Show::Text(show::pending)),
    // As on Proxmox, what becomes of these two tasks does not show in the exit code.
    Command::call("resize", &calls::RESIZE_VM, &["vmid", "disk", "size"], Show::Nothing),
    Command::call("template", &calls::TEMPLATE, &["vmid"], Show::Nothing),
    Command::call("restore", &calls::CREATE_VM, &["vmid", "ostemplate"], Show::Task).fixed(&[("restore", "1")]),
];

static CONFIG: &[Command] = &[
    Command::call("config", &calls::READ_CONFIG, &["vmid"], Show::Text(show::config)),
    Command::call("set", &calls::UPDATE_CONFIG, &["vmid"], Show::Nothing),
];

static SNAPSHOTS: &[Command] = &[
    Command::call("delsnapshot", &calls::DELETE_SNAPSHOT, &["vmid", "snapname"], Show::Task),
    Command::call("listsnapshot", &calls::LIST_SNAPSHOTS, &["vmid"], Show::Text(snapshots::tree)),
    Command::call("rollback", &calls::ROLLBACK, &["vmid", "snapname"], Show::Task),
    Command::call("snapshot", &calls::SNAPSHOT, &["vmid", "snapname"], Show::Task),
];

static POWER: &[Command] = &[
    Command::call("reboot", &calls::REBOOT, &["vmid"], Show::Task),
    Command::call("resume", &calls::RESUME, &["vmid"], Show::Task),
    Command::call("shutdown", &calls::SHUTDOWN, &["vmid"], Show::Task),
    Command::call("start", &calls::START, &["vmid"], Show::Task),
    Command::call("stop", &calls::STOP, &["vmid"], Show::Task),
    Command::call("suspend", &calls::SUSPEND, &["vmid"], Show::Task),
];

static OWN: &[Command] = &[
    Command::own(&CONSOLE, &["vmid"], attach::console),
    Command::own(&CPUSETS, &[], cpusets::run),
    Command::own(&DF, &["vmid"], disks::df),
    Command::own(&ENTER, &["vmid"], attach::enter),
    Command::own(&EXEC, &["vmid", REST], attach::exec),
    Command::own(&FSCK, &["vmid"], disks::fsck),
    Command::own(&FSTRIM, &["vmid"], disks::fstrim),
    Command::own(&MOUNT, &["vmid"], mounts::mount),
    Command::own(&PULL, &["vmid", "path", "destination"], files::pull),
    Command::own(&PUSH, &["vmid", "file", "destination"], files::push),
    Command::own(&RESCAN, &[], rescan::run),
    Command::own(&STATUS, &["vmid"], show::status),
    Command::own(&UNLOCK, &["vmid"], mounts::unlock),
    Command::own(&UNMOUNT, &["vmid"], mounts::unmount),
];

const VMID: Param = Param { format: Some(Format::Vmid), ..parameter("vmid", Kind::Integer, false) };
const ANY_VMID: Param = Param { optional: true, ..VMID };
const KEEP_ENV: Param = parameter("keep-env", Kind::Boolean, true);
const OWNER: &[Param] =
    &[parameter("user", Kind::Text, true), parameter("group", Kind::Text, true), parameter("perms", Kind::Text, true)];

static CONSOLE: Method =
    parameters("console", &[&[VMID, Param { pattern: Some(r"\^?[a-z]"), ..parameter("escape", Kind::Text, true) }]]);
static CPUSETS: Method = parameters("cpusets", &[]);
static DF: Method = parameters("df", &[&[VMID]]);
static ENTER: Method = parameters("enter", &[&[VMID, KEEP_ENV]]);
static EXEC: Method = parameters("exec", &[&[VMID, KEEP_ENV, parameter(REST, Kind::List, true)]]);
static FSCK: Method = parameters(
    "fsck",
    &[&[
        VMID,
        parameter("force", Kind::Boolean, true),
        Param { words: Words::Volumes, ..parameter("device", Kind::Text, true) },
    ]],
);
static FSTRIM: Method = parameters("fstrim", &[&[VMID, parameter("ignore-mountpoints", Kind::Boolean, true)]]);
static MOUNT: Method = parameters("mount", &[&[VMID]]);
static PULL: Method = parameters(
    "pull",
    &[&[VMID, parameter("path", Kind::Text, false), parameter("destination", Kind::Text, false)], OWNER],
);
static PUSH: Method = parameters(
    "push",
    &[&[VMID, parameter("file", Kind::Text, false), parameter("destination", Kind::Text, false)], OWNER],
);
static RESCAN: Method = parameters("rescan", &[&[ANY_VMID, parameter("dryrun", Kind::Boolean, true)]]);
static STATUS: Method = parameters("status", &[&[VMID, parameter("verbose", Kind::Boolean, true)]]);
static UNLOCK: Method = parameters("unlock", &[&[VMID]]);
static UNMOUNT: Method = parameters("unmount", &[&[VMID]]);

#[cfg(test)]
mod tests {
    use super::*;
    use crate::cli::usage;

    #[test]
    fn words_find_their_command() {
        let found = |word: &str| PCT.resolve(&[word.to_owned()]).ok().map(|(command, _)| command.name);
        assert_eq!(found("status"), Some("status"));
        assert_eq!(found("stat"), Some("status"));
        assert_eq!(found("st"), None, "start, status and stop begin so");
        assert_eq!(found("s"), None);
        assert_eq!(found("move_volume"), Some("move-volume"));
        assert_eq!(found("frobnicate"), None);
    }

    #[test]
    fn every_operand_and_every_fixed_value_is_a_parameter() {
        for command in PCT.commands() {
            let named = command.operands.iter().chain(command.fixed.iter().map(|(name, _)| name));
            named.for_each(|name| assert!(command.method.param(name).is_some(), "{} {name}", command.name));
        }
    }

    #[test]
    fn usage_tells_operands_options_and_what_must_be_given() {
        let line = |word: &str| usage::line(&format!("pct {word}"), PCT.resolve(&[word.to_owned()]).unwrap().0);
        assert_eq!(line("create"), "pct create <vmid> <ostemplate> [OPTIONS]\n");
        assert_eq!(line("exec"), "pct exec <vmid> [<extra-args>] [OPTIONS]\n");
        assert_eq!(line("list"), "pct list \n");
        assert_eq!(line("pending"), "pct pending <vmid>\n");
    }
}
