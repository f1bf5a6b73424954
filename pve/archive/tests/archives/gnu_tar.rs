//! Archives that GNU tar makes with vzdump's flags read as GNU tar lists them.

use std::fs;
use std::io::{Seek as _, SeekFrom, Write as _};
use std::os::unix::fs::symlink;
use std::path::Path;
use std::process::Command;

use rustix::fs::XattrFlags;

use pve_archive::{Limits, MemberKind, Members, Stream};

use crate::making::{CONF, inspected_by_two};

/// The flags of Proxmox's `vzdump` that shape the archive.
const FLAGS: &[&str] = &[
    "--one-file-system",
    "-p",
    "--sparse",
    "--numeric-owner",
    "--acls",
    "--xattrs",
    "--xattrs-include=user.*",
    "--xattrs-include=security.capability",
    "--warning=no-file-ignored",
    "--warning=no-xattr-write",
    "--owner=0",
    "--group=0",
];

/// `hole` is the size of the largest sparse file.
fn tree(root: &Path, hole: u64) {
    let long = "d".repeat(120);
    fs::create_dir_all(root.join("etc/vzdump")).unwrap();
    fs::create_dir_all(root.join(&long).join(&long)).unwrap();
    fs::write(root.join("etc/vzdump/pct.conf"), CONF).unwrap();
    fs::write(root.join("etc/vzdump/pct.fw"), "").unwrap();
    fs::write(root.join(&long).join(&long).join("deep"), "deep").unwrap();
    fs::write(root.join("small"), vec![b'x'; 1000]).unwrap();
    fs::hard_link(root.join("small"), root.join("small-again")).unwrap();
    symlink("/etc/hostname", root.join("link")).unwrap();
    symlink("x".repeat(200), root.join("long-link")).unwrap();
    fs::write(root.join("grüße"), "ü").unwrap();
    sparse(&root.join("sparse"), hole, &[0, hole / 2, hole - 4096]);
    let many: Vec<u64> = (0..61).map(|n| n * (1 << 20)).collect();
    sparse(&root.join("many-holes"), 64 << 20, &many);
    rustix::fs::setxattr(root.join("small"), "user.note", b"kept\0\nlike this", XattrFlags::empty()).unwrap();
}

fn sparse(path: &Path, size: u64, parts: &[u64]) {
    let mut file = fs::File::create(path).unwrap();
    file.set_len(size).unwrap();
    for offset in parts {
        file.seek(SeekFrom::Start(*offset)).unwrap();
        file.write_all(&[b's'; 4096]).unwrap();
    }
}

/// Packs a tree; `format` is tar's.
fn packed(root: &Path, format: &str) -> Vec<u8> {
    let mut tar = Command::new("tar");
    tar.args(["cf", "-", &format!("--format={format}")]).args(
        FLAGS.iter().filter(|flag| format == "posix" || !flag.starts_with("--xattrs") && !flag.starts_with("--acls")),
    );
    let output = tar
        .arg("-C")
        .arg(root)
        .args(["./etc/vzdump/pct.conf", "./etc/vzdump/pct.fw", "--exclude=./etc/vzdump", "./"])
        .output()
        .unwrap();
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
    output.stdout
}

/// `TYPE SIZE NAME[ -> TARGET]` as GNU tar lists it, one line a member.
fn listed_by_tar(archive: &[u8]) -> Vec<String> {
    let mut file = tempfile::NamedTempFile::new().unwrap();
    file.write_all(archive).unwrap();
    let output = Command::new("tar")
        .env("LC_ALL", "C")
        .args(["--numeric-owner", "--quoting-style=escape", "-tvf"])
        .arg(file.path())
        .output()
        .unwrap();
    assert!(output.status.success());
    let text = String::from_utf8(output.stdout).unwrap();
    text.lines().map(of_listing).collect()
}

/// From `-rw-r--r-- 0/0   1000 2026-11-20 13:45 ./small`.
fn of_listing(line: &str) -> String {
    let mut rest = line;
    let mut words = Vec::new();
    for _ in 0..5 {
        let (word, after) = rest.split_once(' ').unwrap();
        words.push(word);
        rest = after.trim_start();
    }
    let size = if matches!(&line[..1], "-") { words[2] } else { "0" };
    format!("{} {size} {}", &line[..1], rest)
}

fn listed_by_us(archive: &[u8]) -> Vec<String> {
    let limits = Limits::default();
    let mut members = Members::new(Stream::open(archive, limits).unwrap(), limits);
    let mut lines = Vec::new();
    while let Some(member) = members.next().unwrap() {
        let name = escaped(&member.name);
        let target = escaped(member.link.as_deref().unwrap_or_default());
        lines.push(match member.kind {
            MemberKind::File => format!("- {} {name}", member.size),
            MemberKind::Directory => format!("d 0 {name}"),
            MemberKind::Symlink => format!("l 0 {name} -> {target}"),
            MemberKind::HardLink => format!("h 0 {name} link to {target}"),
            other => panic!("{other}"),
        });
    }
    lines
}

/// GNU tar's escapes: newline as `\n`, other bytes outside ASCII in octal.
fn escaped(bytes: &[u8]) -> String {
    let escape = |byte: &u8| match byte {
        b'\n' => "\\n".to_owned(),
        0x20..=0x7e => char::from(*byte).to_string(),
        other => format!("\\{other:03o}"),
    };
    bytes.iter().map(escape).collect()
}

#[test]
fn members_are_those_that_gnu_tar_lists() {
    let directory = tempfile::tempdir().unwrap();
    tree(directory.path(), 9 << 30);
    for format in ["posix", "gnu"] {
        let archive = packed(directory.path(), format);
        let listing = listed_by_tar(&archive);
        assert!(listing.iter().any(|line| line.contains("9663676416 ./sparse")), "{listing:#?}");
        assert_eq!(listed_by_us(&archive), listing, "{format}");
    }
}

#[test]
fn both_readers_agree_about_what_gnu_tar_makes() {
    let directory = tempfile::tempdir().unwrap();
    tree(directory.path(), 64 << 20);
    for format in ["posix", "gnu"] {
        let archive = packed(directory.path(), format);
        let attributes = archive.windows(22).any(|window| window == b"SCHILY.xattr.user.note");
        assert_eq!(attributes, format == "posix", "vzdump's form carries attributes, binary ones too");
        let seen = inspected_by_two(&archive).unwrap();
        assert_eq!((seen.conf.as_str(), seen.conf_position), (CONF, 1), "{format}");
        assert_eq!(seen.tar_bytes, archive.len() as u64);
    }
}
