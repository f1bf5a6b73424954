//! A file into a running guest, or out of it.

use std::fs::File;
use std::io;
use std::os::fd::AsFd;
use std::path::Path;

use rustix::fs::{Gid, Mode, Uid, fchmod, fchown, fstat};
use serde::{Deserialize, Serialize};
use spec::ids::Vmid;

use super::Op;
use crate::containers::{idmap::root_of, lxc};
use crate::error::Die;
use crate::setup::rooted::Root;

/// What is asked for.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub struct CopyRequest {
    /// The guest.
    pub vmid: Vmid,
    /// Whether the file goes into the guest.
    pub into: bool,
    /// The file.
    pub from: String,
    /// Where it is to be.
    pub to: String,
    /// Whose it is to be: a name or a number; names are those of where it goes.
    pub user: Option<String>,
    /// Of which group.
    pub group: Option<String>,
    /// Its mode, octal.
    pub perms: Option<String>,
}

/// The work. Paths of the guest are resolved inside it: no link there leads to the host.
pub(super) fn run(op: &Op<'_>, request: &CopyRequest) -> Result<(), Die> {
    let vmid = request.vmid;
    let init = lxc::init_pid(&op.node.layout, vmid).ok_or(Die::NotRunning { vmid })?;
    let first = root_of(op.node.guests().read(vmid)?.unprivileged());
    let inside = Root::open(Path::new(&format!("/proc/{init}/root")), first)?;
    let outside = Root::open(Path::new("/"), 0)?;
    let (source, target, first) = if request.into { (&outside, &inside, first) } else { (&inside, &outside, 0) };
    let (mut from, to) = if request.into {
        let from = source.open_file(&request.from);
        (from.map_err(|_| Die::text(format!("failed to open {} for reading", request.from)))?, made(target, request)?)
    } else {
        let to = made(target, request)?;
        (
            source
                .open_file(&request.from)
                .map_err(|why| Die::text(format!("failed to open {}: {}", request.from, plain(&why))))?,
            to,
        )
    };
    let (mut to, is_new) = to;
    dress(&to, is_new, request, target, first)?;
    io::copy(&mut from, &mut to).map_err(Die::io("write", &request.to)).map(drop)
}

/// The file to write to, and whether it was not there before.
fn made(target: &Root, request: &CopyRequest) -> Result<(File, bool), Die> {
    target
        .create_file(&request.to)
        .map_err(|why| Die::text(format!("failed to create file: {}: {}", request.to, plain(&why))))
}

/// Mode and owner: as asked for, else what a new file gets.
fn dress(file: &File, is_new: bool, request: &CopyRequest, target: &Root, first: u32) -> Result<(), Die> {
    let user = id(request.user.as_deref(), target, "/etc/passwd", "uid")?;
    let group = id(request.group.as_deref(), target, "/etc/group", "gid")?;
    let mode = match &request.perms {
        Some(perms) => Some(mode(perms)?),
        None => is_new.then_some(0o644),
    };
    let fails = |action: &'static str| Die::sys(action, &request.to);
    if let Some(mode) = mode {
        fchmod(file, Mode::from_raw_mode(mode)).map_err(fails("chmod"))?;
    }
    if is_new || user.is_some() || group.is_some() {
        let old = fstat(file.as_fd()).map_err(fails("stat"))?;
        let whose = |asked: Option<u32>, old: u32| match asked {
            Some(id) => first + id,
            None if is_new => first,
            None => old,
        };
        let (user, group) = (whose(user, old.st_uid), whose(group, old.st_gid));
        fchown(file, Some(Uid::from_raw(user)), Some(Gid::from_raw(group)))
            .map_err(|errno| Die::text(format!("failed to change file owner: {}", plain(&errno.into()))))?;
    }
    Ok(())
}

/// What the system said, without its number.
fn plain(error: &io::Error) -> String {
    let text = error.to_string();
    text.split(" (os error").next().unwrap_or_default().to_owned()
}

/// A user's or group's number; a name is looked up where the file goes.
fn id(name: Option<&str>, tree: &Root, database: &str, kind: &str) -> Result<Option<u32>, Die> {
    let Some(name) = name else { return Ok(None) };
    if let Ok(id) = name.parse() {
        return Ok(Some(id));
    }
    let text = tree.read(database)?.unwrap_or_default();
    let id = |line: &str| {
        let mut fields = line.split(':');
        (fields.next() == Some(name)).then(|| fields.nth(1)?.parse().ok()).flatten()
    };
    match text.lines().find_map(id) {
        Some(id) => Ok(Some(id)),
        None => Err(Die::text(format!("failed to get {kind} for: {name}"))),
    }
}

/// Octal, or hexadecimal behind `0x`.
fn mode(text: &str) -> Result<u32, Die> {
    let parsed = match text.strip_prefix("0x") {
        Some(digits) => u32::from_str_radix(digits, 16),
        None => u32::from_str_radix(text, 8),
    };
    let shown = if text.starts_with('0') { text.to_owned() } else { format!("0{text}") };
    parsed.map_err(|_| Die::text(format!("invalid mode: '{shown}'")))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn modes_are_octal_unless_they_say_otherwise() {
        assert_eq!((mode("755").unwrap(), mode("0644").unwrap(), mode("0x1ff").unwrap()), (0o755, 0o644, 0o777));
        assert_eq!(mode("rwx").unwrap_err().to_string(), "invalid mode: '0rwx'");
    }

    #[test]
    fn names_are_those_of_the_tree() {
        let directory = tempfile::tempdir().unwrap();
        std::fs::create_dir(directory.path().join("etc")).unwrap();
        std::fs::write(directory.path().join("etc/passwd"), "root:x:0:0::/:\nwww:x:33:33::/:\n").unwrap();
        let tree = Root::open(directory.path(), 0).unwrap();
        assert_eq!(id(Some("www"), &tree, "/etc/passwd", "uid").unwrap(), Some(33));
        assert_eq!(id(Some("7"), &tree, "/etc/passwd", "uid").unwrap(), Some(7));
        assert_eq!(
            id(Some("nobody"), &tree, "/etc/passwd", "uid").unwrap_err().to_string(),
            "failed to get uid for: nobody"
        );
    }
}
