//! What an inspection reports of a well-formed archive.

use std::io::{Cursor, Write as _};
use std::process::Command;

use pve_archive::{Compression, Limits, Members, Stream, Terms, inspect, read_conf};
use spec::identity::{Catalog, IdentityKind, MachineIdState, Observation, Seen, Verdict, judge_image, overall};

use crate::making::{CONF, Tar, inspected};

fn clean() -> Tar {
    Tar::vzdump()
        .directory("./etc/")
        .file("./etc/machine-id", b"")
        .file("./etc/hosts", b"127.0.0.1 localhost\n")
        .file("./etc/shadow", b"root:*:20000:0:99999:7:::\n")
        .file("./var/lib/dpkg/status", b"Package: base-files\nStatus: install ok installed\nVersion: 13.8\n")
        .file("./usr/bin/tool", &vec![7; 70_000])
}

fn seen<'a>(observations: &'a [Observation], item: &str) -> Vec<&'a Seen> {
    observations.iter().filter(|o| o.item == item).map(|o| &o.seen).collect()
}

#[test]
fn s4_12_a_clean_archive_has_no_findings() {
    let seen = inspected(&clean().zstd()).unwrap();
    let findings = judge_image(Catalog::builtin(), &seen.observations, MachineIdState::Empty, &[]);
    assert_eq!(overall(&findings), Verdict::Pass, "{findings:#?}");
    assert_eq!((seen.config_findings.len(), seen.secrets.len()), (0, 0));
    assert_eq!(seen.packages["base-files"], "13.8");
    assert_eq!(seen.sizes["/usr/bin"], 70_000);
    assert_eq!((seen.conf_position, seen.members), (1, 9));
}

#[test]
fn planted_identity_is_found_item_by_item() {
    let planted = Tar::vzdump()
        .file("./etc/machine-id", b"0123456789abcdef0123456789abcdef\n")
        .file("./etc/hostname", b"golden\n")
        .file(
            "./etc/ssh/ssh_host_ed25519_key",
            b"-----BEGIN OPENSSH PRIVATE KEY-----\nb3BlbnNzaC1rZXktdjEAAAAABG5vbmU\n",
        )
        .file("./var/lib/docker/engine-id", b"9d0a7c3e-0000-4000-8000-000000000001")
        .file("./var/log/journal/x/system.journal", &[1; 10])
        .file("./root/.bash_history", b"secret command\n")
        .symlink("./var/lib/dbus/machine-id", "/etc/machine-id");
    let inspection = inspected(&planted.zstd()).unwrap();
    let findings = judge_image(Catalog::builtin(), &inspection.observations, MachineIdState::Empty, &[]);
    let mut failing: Vec<&str> =
        findings.iter().filter(|f| f.verdict == Verdict::Fail).map(|f| f.item.as_str()).collect();
    failing.sort_unstable();
    assert_eq!(failing, ["docker-engine-id", "hostname", "journal", "machine-id", "shell-histories", "ssh-host-keys"]);
    let id = seen(&inspection.observations, "machine-id")[0].identity().unwrap();
    assert_eq!(id.kind, IdentityKind::MachineId);
    assert_eq!(inspection.secrets[0].path, "/etc/ssh/ssh_host_ed25519_key");
}

#[test]
fn a_firewall_of_its_own_is_a_finding() {
    let archive = Tar::empty()
        .file("./etc/vzdump/pct.conf", CONF.as_bytes())
        .file("./etc/vzdump/pct.fw", b"[OPTIONS]\nenable: 1\n")
        .zstd();
    let findings = inspected(&archive).unwrap().config_findings;
    assert_eq!((findings.len(), findings[0].key.as_str()), (1, "pct.fw"));
}

#[test]
fn the_files_digest_is_sha256() {
    let hex = |bytes: &[u8]| {
        let mut file = tempfile::NamedTempFile::new().unwrap();
        file.write_all(bytes).unwrap();
        let output = Command::new("sha256sum").arg(file.path()).output().unwrap();
        String::from_utf8(output.stdout).unwrap()[..64].to_owned()
    };
    let (plain, packed) = (clean().end(), clean().zstd());
    let of_packed = inspected(&packed).unwrap();
    assert_eq!((of_packed.file_sha256.as_str(), of_packed.file_bytes), (&*hex(&packed), packed.len() as u64));
    assert_eq!((of_packed.compression, of_packed.tar_bytes), (Compression::Zstd, plain.len() as u64));
    let of_plain = inspected(&plain).unwrap();
    assert_eq!((of_plain.file_sha256.as_str(), of_plain.file_bytes), (&*hex(&plain), plain.len() as u64));
    assert_eq!((of_plain.compression, of_plain.tree_sha256), (Compression::None, of_packed.tree_sha256));
}

#[test]
fn the_configuration_is_read_without_the_rest() {
    let mut archive = clean().file("./big", &incompressible(8 << 20)).zstd();
    archive.truncate(1_200_000);
    assert_eq!(read_conf(archive.as_slice(), Limits::default()).unwrap(), CONF, "what follows is not even there");
}

#[test]
fn the_configuration_is_found_wherever_it_lies() {
    let archive = Tar::empty().directory("./").file("./a", b"x").file("./etc/vzdump/pct.conf", CONF.as_bytes()).zstd();
    assert_eq!(read_conf(archive.as_slice(), Limits::default()).unwrap(), CONF);
    assert_eq!(inspected(&archive).unwrap().conf_position, 3);
}

#[test]
fn content_is_lent_piece_by_piece() {
    let content = incompressible(300_000);
    let archive = Tar::vzdump().file("./big", &content).file("./next", b"n").zstd();
    let limits = Limits::default();
    let mut members = Members::new(Stream::open(archive.as_slice(), limits).unwrap(), limits);
    let mut read = Vec::new();
    while let Some(member) = members.next().unwrap() {
        if member.name == b"./big" {
            read = whole_content(&mut members);
        }
    }
    assert!(read == content, "{} bytes of {}", read.len(), content.len());
    assert_eq!(members.count(), 5);
}

#[test]
fn progress_is_told() {
    let many = (0..600).fold(Tar::vzdump(), |tar, n| tar.file(&format!("./f{n}"), b"x"));
    let mut told = Vec::new();
    let terms = Terms::new(Limits::default()).progress(|progress| told.push(progress.members));
    inspect(Cursor::new(many.zstd()), Catalog::builtin(), terms).unwrap();
    assert_eq!(told, [256, 512]);
}

fn whole_content(members: &mut Members<Stream<&[u8]>>) -> Vec<u8> {
    let mut read = Vec::new();
    loop {
        match &*members.content().unwrap() {
            [] => return read,
            piece => read.extend_from_slice(piece),
        }
    }
}

/// Bytes that do not compress, the same every time.
fn incompressible(length: usize) -> Vec<u8> {
    let mut state = 1_u64;
    let mut next = || {
        state = state.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
        (state >> 56) as u8
    };
    (0..length).map(|_| next()).collect()
}
