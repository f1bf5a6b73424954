//! What `pack` writes: the same bytes for the same tree, and a tree that GNU tar unpacks to the same again.

use std::fs::{self, File};
use std::io::{Seek as _, SeekFrom, Write as _};
use std::os::unix::fs::{FileTypeExt as _, MetadataExt as _, PermissionsExt as _, symlink};
use std::path::Path;
use std::process::{Command, Stdio};
use std::time::{Duration, SystemTime};

use pve_archive::Members;
use pve_archive::pack::{PackError, PackOptions, Packed, pack};
use pve_archive::{Limits, Stream};
use rustix::fs::{Mode, XattrFlags, mknodat};

use crate::making::{CONF, inspected};

/// A time before any file of a test was made.
const EPOCH: u64 = 1_700_000_000;
const OPTIONS: PackOptions = PackOptions { newest: Some(EPOCH), id_base: 0, threads: 1 };

/// Everything that may lie in a guest's tree; what needs root only where there is root.
fn tree(root: &Path) {
    let long = "d".repeat(120);
    fs::create_dir_all(root.join(&long).join(&long)).unwrap();
    fs::write(root.join(&long).join(&long).join("deep"), "deep").unwrap();
    symlink("t".repeat(180), root.join(&long).join("long-link")).unwrap();
    fs::create_dir(root.join("etc")).unwrap();
    fs::write(root.join("etc/hostname"), "golden\n").unwrap();
    symlink("../etc/hostname", root.join("etc/link")).unwrap();
    fs::write(root.join("new\tline"), "n").unwrap();
    fs::write(root.join("empty"), "").unwrap();
    fs::write(root.join("b-first-name"), vec![b'x'; 1000]).unwrap();
    fs::hard_link(root.join("b-first-name"), root.join("a-other-name")).unwrap();
    fs::write(root.join("setuid"), "s").unwrap();
    fs::set_permissions(root.join("setuid"), fs::Permissions::from_mode(0o4755)).unwrap();
    sparse(&root.join("holes"), 64 << 20, &[0, 9 << 20, 63 << 20]);
    sparse(&root.join("hole-at-the-end"), 3 << 20, &[4096]);
    sparse(&root.join("nothing-but-a-hole"), 1 << 20, &[]);
    rustix::fs::setxattr(root.join("empty"), "user.note", b"kept\0\nlike this", XattrFlags::empty()).unwrap();
    set(Command::new("setfacl").args(["-m", "u:1234:rw"]).arg(root.join("etc/hostname")));
    set(Command::new("setfacl").args(["-d", "-m", "g:99:rx"]).arg(root.join("etc")));
    rustix::fs::mkfifoat(rustix::fs::CWD, root.join("fifo"), Mode::from(0o600)).unwrap();
    if is_root() {
        // cap_net_raw, permitted and effective, as setcap writes it.
        let capability = [1, 0, 0, 2, 0, 0x20, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0];
        rustix::fs::setxattr(root.join("setuid"), "security.capability", &capability, XattrFlags::empty()).unwrap();
        rustix::fs::chown(root.join("b-first-name"), Some(rustix::fs::Uid::from_raw(33)), None).unwrap();
        let device = rustix::fs::makedev(1, 3);
        mknodat(rustix::fs::CWD, root.join("null"), rustix::fs::FileType::CharacterDevice, Mode::from(0o666), device)
            .unwrap();
    }
}

fn is_root() -> bool {
    rustix::process::geteuid().is_root()
}

fn set(command: &mut Command) {
    assert!(command.status().unwrap().success(), "{command:?}");
}

fn sparse(path: &Path, size: u64, parts: &[u64]) {
    let mut file = File::create(path).unwrap();
    file.set_len(size).unwrap();
    for offset in parts {
        file.seek(SeekFrom::Start(*offset)).unwrap();
        file.write_all(&[b's'; 4096]).unwrap();
    }
}

fn packed(root: &Path, options: PackOptions) -> (Vec<u8>, Packed) {
    let mut archive = Vec::new();
    let packed = pack(root, Some(CONF.as_bytes()), options, &mut archive).unwrap();
    (archive, packed)
}

/// One line for everything in a tree that an archive must keep.
fn told(root: &Path) -> Vec<String> {
    // A directory's size is its file system's affair.
    let find = "find . -mindepth 1 -printf '%P %y %m %U:%G %l %n %Ts\\n' | sort; find . -type f -printf '%P %s\\n' | sort; \
        getfattr -R -h -d -m '^(user|security.capability|system.posix_acl)' -e hex . | grep . ; \
        find . -type f -print0 | sort -z | xargs -0 sha256sum";
    let output = Command::new("sh").args(["-c", find]).current_dir(root).output().unwrap();
    let mut lines: Vec<String> = String::from_utf8(output.stdout).unwrap().lines().map(str::to_owned).collect();
    assert!(lines.iter().any(|line| line.starts_with("system.posix_acl_default")), "{lines:#?}");
    lines.sort();
    lines
}

fn unpacked(archive: &[u8], to: &Path) {
    let mut tar = Command::new("sh");
    let flags = "--numeric-owner --acls --xattrs --xattrs-include='user.*' --xattrs-include=security.capability";
    tar.args(["-c", &format!("zstd -dc | tar -xp --sparse {flags} -C \"$1\""), "sh"]).arg(to);
    let mut child = tar.stdin(Stdio::piped()).spawn().unwrap();
    child.stdin.take().unwrap().write_all(archive).unwrap();
    assert!(child.wait().unwrap().success());
}

#[test]
fn s2_12_the_same_tree_gives_the_same_bytes_whatever_packs_it() {
    let folder = tempfile::tempdir().unwrap();
    tree(folder.path());
    let (first, said) = packed(folder.path(), OPTIONS);
    for threads in [1, 2, 5] {
        assert_eq!(packed(folder.path(), PackOptions { threads, ..OPTIONS }).0, first, "{threads} threads");
    }
    assert_eq!(said.file_bytes, first.len() as u64);
    let now = SystemTime::now() - Duration::from_mins(1);
    File::open(folder.path().join("setuid")).unwrap().set_modified(now).unwrap();
    assert_eq!(packed(folder.path(), OPTIONS).0, first, "a newer time is the newest");
    fs::write(folder.path().join("etc/hostname"), "Golden\n").unwrap();
    assert_ne!(packed(folder.path(), OPTIONS).0, first);
}

#[test]
fn another_file_system_and_another_order_give_the_same_bytes() {
    let folder = tempfile::tempdir().unwrap();
    let [one, two] = ["one", "two"].map(|name| folder.path().join(name));
    for (tree, names) in [(&one, ["a", "b", "c"]), (&two, ["c", "a", "b"])] {
        fs::create_dir(tree).unwrap();
        for name in names {
            fs::write(tree.join(name), name).unwrap();
        }
    }
    // The same content, with a hole and with zeros that are stored.
    sparse(&one.join("zeros"), 2 << 20, &[0]);
    fs::write(two.join("zeros"), [vec![b's'; 4096], vec![0; (2 << 20) - 4096]].concat()).unwrap();
    assert_eq!(packed(&one, OPTIONS).0, packed(&two, OPTIONS).0);
}

#[test]
fn s4_15_gnu_tar_unpacks_the_same_tree() {
    let folder = tempfile::tempdir().unwrap();
    let [from, to] = ["from", "to"].map(|name| folder.path().join(name));
    fs::create_dir(&from).unwrap();
    fs::create_dir(&to).unwrap();
    tree(&from);
    let (archive, _) = packed(&from, PackOptions { newest: None, ..OPTIONS });
    unpacked(&archive, &to);
    assert_eq!(fs::read_to_string(to.join("etc/vzdump/pct.conf")).unwrap(), CONF);
    fs::remove_dir_all(to.join("etc/vzdump")).unwrap();
    let etc = fs::metadata(from.join("etc")).unwrap().modified().unwrap();
    File::open(to.join("etc")).unwrap().set_modified(etc).unwrap();
    assert_eq!(told(&to), told(&from));
    for name in ["holes", "hole-at-the-end", "nothing-but-a-hole"] {
        let blocks = fs::metadata(to.join(name)).unwrap().blocks();
        assert!(blocks * 512 < 100 << 10, "{name} takes {blocks} blocks");
    }
    assert!(fs::symlink_metadata(to.join("fifo")).unwrap().file_type().is_fifo());
}

#[test]
fn the_inspector_reads_what_the_packer_writes() {
    let folder = tempfile::tempdir().unwrap();
    tree(folder.path());
    let _listener = std::os::unix::net::UnixListener::bind(folder.path().join("socket")).unwrap();
    for name in ["null", "fifo"] {
        // A golden has no devices outside of ./dev.
        let _ = fs::remove_file(folder.path().join(name));
    }
    let (archive, said) = packed(folder.path(), OPTIONS);
    let seen = inspected(&archive).unwrap();
    assert_eq!((seen.conf.as_str(), seen.conf_position), (CONF, 1));
    assert_eq!((seen.tar_bytes, seen.members), (said.tar_bytes, said.members));
    assert_eq!((seen.file_sha256, said.sockets), (said.file_sha256, 1));
}

#[test]
fn the_trees_own_configuration_comes_first_and_once() {
    let folder = tempfile::tempdir().unwrap();
    let pack = |conf: Option<&[u8]>, out: &mut Vec<u8>| pack(folder.path(), conf, OPTIONS, out);
    assert!(matches!(pack(None, &mut Vec::new()), Err(PackError::NoConfiguration)));
    fs::create_dir_all(folder.path().join("etc/vzdump")).unwrap();
    symlink("/etc/passwd", folder.path().join("etc/vzdump/pct.conf")).unwrap();
    assert!(matches!(pack(None, &mut Vec::new()), Err(PackError::NoConfiguration)));
    fs::remove_file(folder.path().join("etc/vzdump/pct.conf")).unwrap();
    fs::write(folder.path().join("etc/vzdump/pct.conf"), CONF).unwrap();
    let mut archive = Vec::new();
    pack(None, &mut archive).unwrap();
    let mut members = Members::new(Stream::open(&archive[..], Limits::default()).unwrap(), Limits::default());
    let mut names = Vec::new();
    while let Some(member) = members.next().unwrap() {
        names.push(String::from_utf8(member.name).unwrap());
    }
    assert_eq!(names, ["./etc/vzdump/pct.conf", "./etc/vzdump/pct.fw", "./", "./etc/"]);
}

#[test]
fn what_cannot_be_read_or_owned_is_named() {
    let folder = tempfile::tempdir().unwrap();
    fs::write(folder.path().join("file"), "x").unwrap();
    let foreign = PackOptions { id_base: 100_000, ..OPTIONS };
    let error = pack(folder.path(), Some(b""), foreign, &mut Vec::new()).unwrap_err();
    assert!(matches!(error, PackError::Owner { .. }), "{error}");
    let error = pack(&folder.path().join("nowhere"), Some(b""), OPTIONS, &mut Vec::new()).unwrap_err();
    assert!(error.to_string().ends_with("nowhere"), "{error}");
}
