//! Each rule broken once; the refusal names the member (S4-12, DESIGN §4.14).

use std::io::Cursor;
use std::time::Duration;

use pve_archive::{ArchiveError, Limits, Refusal, Terms, inspect, read_conf};
use spec::identity::Catalog;
use tar::EntryType;

use crate::making::{CONF, Tar, inspected, inspected_by_two};

#[track_caller]
fn refused(tar: Tar, member: &str, refusal: &Refusal) {
    match inspected(&tar.zstd()) {
        Err(ArchiveError::Refused { member: named, refusal: found }) => {
            assert_eq!((named.as_str(), &found), (member, refusal));
        }
        other => panic!("{other:?}, but {member} should be refused: {refusal}"),
    }
}

#[test]
fn names_that_lead_out_are_refused() {
    refused(Tar::vzdump().file("/etc/passwd", b"x"), "/etc/passwd", &Refusal::AbsoluteName);
    refused(Tar::vzdump().file("./a/../../x", b"x"), "./a/../../x", &Refusal::ParentInName);
    refused(Tar::vzdump().file("..", b"x"), "..", &Refusal::ParentInName);
    refused(Tar::vzdump().pax(&[("path", "./a\0b")]).file("./a", b"x"), "./a\\x00b", &Refusal::UnusableName);
}

#[test]
fn members_that_stand_twice_are_refused() {
    refused(Tar::vzdump().file("./a", b"1").file("./a", b"2"), "./a", &Refusal::Duplicate);
    refused(Tar::vzdump().file("./a", b"1").file("a", b"2"), "a", &Refusal::Duplicate);
    refused(Tar::vzdump().file("./a", b"1").file(".//a", b"2"), ".//a", &Refusal::Duplicate);
    refused(Tar::vzdump().directory("./a/").file("./a", b"2"), "./a", &Refusal::Duplicate);
    refused(Tar::vzdump().directory("./a/").symlink("./a", "/"), "./a", &Refusal::Duplicate);
    refused(Tar::vzdump().file("./a/b", b"1").symlink("./a", "/"), "./a", &Refusal::Duplicate);
}

#[test]
fn a_mount_points_directory_may_come_twice() {
    let archive = Tar::vzdump().directory("./srv/").directory("./srv/").file("./srv/a", b"x").zstd();
    assert_eq!(inspected(&archive).unwrap().members, 6);
}

#[test]
fn nothing_is_written_through_a_link_or_a_file() {
    let parent = || Refusal::ThroughNonDirectory { parent: "link".into() };
    refused(Tar::vzdump().symlink("./link", "/etc").file("./link/passwd", b"x"), "./link/passwd", &parent());
    refused(Tar::vzdump().symlink("./link", "etc").directory("./link/x/"), "./link/x/", &parent());
    refused(Tar::vzdump().file("./link", b"").file("./link/a/b", b"x"), "./link/a/b", &parent());
    refused(
        Tar::vzdump().symlink("./link", "/etc").hard_link("./mine", "./link/shadow"),
        "./mine",
        &Refusal::ThroughNonDirectory { parent: "link".into() },
    );
}

#[test]
fn hard_links_lead_to_files_that_came_before() {
    let to = |target: &str| Refusal::HardLinkTarget { target: target.into() };
    for target in ["/etc/shadow", "../x", "./nowhere", "./"] {
        refused(Tar::vzdump().hard_link("./h", target), "./h", &to(target));
    }
    let archive = Tar::vzdump().file("./a", b"x").hard_link("./h", "./a").zstd();
    assert_eq!(inspected(&archive).unwrap().members, 5);
}

#[test]
fn there_is_one_configuration() {
    let second = &Refusal::SecondConfiguration;
    refused(Tar::vzdump().file("./etc/vzdump/pct.conf", b"x"), "./etc/vzdump/pct.conf", second);
    refused(Tar::vzdump().file("etc/vzdump/pct.conf", b"x"), "etc/vzdump/pct.conf", second);
    refused(Tar::vzdump().file("./a./etc/vzdump/pct.conf", b"x"), "./a./etc/vzdump/pct.conf", second);
    refused(Tar::vzdump().file("./etc/vzdump/vps.conf", b"x"), "./etc/vzdump/vps.conf", second);
    refused(Tar::empty().symlink("./etc/vzdump/pct.conf", "/etc/passwd"), "./etc/vzdump/pct.conf", second);
    refused(Tar::empty().hard_link("./etc/vzdump/pct.conf", "./a"), "./etc/vzdump/pct.conf", second);
    refused(Tar::empty().file("etc/vzdump/pct.conf", CONF.as_bytes()), "etc/vzdump/pct.conf", second);
}

#[test]
fn an_archive_without_a_configuration_is_refused() {
    let archive = Tar::empty().directory("./").file("./a", b"x").zstd();
    assert!(matches!(inspected(&archive), Err(ArchiveError::NoConfiguration)));
    assert!(matches!(read_conf(archive.as_slice(), Limits::default()), Err(ArchiveError::NoConfiguration)));
}

#[test]
fn special_files_stay_in_dev() {
    for kind in [EntryType::Char, EntryType::Block, EntryType::Fifo] {
        refused(Tar::vzdump().member("./srv/sda", kind, b"", |_| {}), "./srv/sda", &Refusal::SpecialFile);
        let archive = Tar::vzdump().directory("./dev/").member("./dev/x", kind, b"", |_| {}).zstd();
        assert_eq!(inspected(&archive).unwrap().members, 5);
    }
}

#[test]
fn owners_stay_below_65536() {
    refused(
        Tar::vzdump().member("./a", EntryType::Regular, b"", |h| h.set_uid(65_536)),
        "./a",
        &Refusal::Owner { ids: (65_536, 0) },
    );
    refused(Tar::vzdump().pax(&[("gid", "100000")]).file("./a", b""), "./a", &Refusal::Owner { ids: (0, 100_000) });
    let archive = Tar::vzdump().member("./a", EntryType::Regular, b"", |h| h.set_uid(65_535)).zstd();
    assert!(inspected(&archive).is_ok());
}

#[test]
fn types_that_vzdump_does_not_write_are_refused() {
    for byte in [b'D', b'M', b'V', b'7', b'Z'] {
        refused(Tar::vzdump().member("./a", EntryType::new(byte), b"", |_| {}), "./a", &Refusal::Type(byte));
    }
    refused(Tar::vzdump().file("./a/", b""), "./a/", &Refusal::Type(b'0'));
    refused(
        Tar::vzdump().member("./g", EntryType::XGlobalHeader, b"", |_| {}),
        "pax_global_header",
        &Refusal::GlobalHeader,
    );
    for kind in [EntryType::Directory, EntryType::Symlink, EntryType::Link, EntryType::Char] {
        refused(Tar::vzdump().member("./a", kind, b"hidden", |_| {}), "./a", &Refusal::ContentWithoutFile);
    }
}

#[test]
fn a_cut_archive_is_refused_at_every_length() {
    let plain = Tar::vzdump().file("./a", &[7; 3000]).end();
    let end_of_members = plain.iter().rposition(|byte| *byte != 0).unwrap();
    for length in (1..end_of_members).step_by(97) {
        assert!(inspected(&plain[..length]).is_err(), "{length} of {}", plain.len());
    }
    let zstd = Tar::vzdump().file("./a", &[7; 3000]).zstd();
    for length in 1..zstd.len() {
        assert!(inspected(&zstd[..length]).is_err(), "{length} of {}", zstd.len());
    }
}

#[test]
fn what_goes_on_behind_the_end_is_refused() {
    let mut plain = Tar::vzdump().end();
    plain.extend_from_slice(&Tar::empty().file("./evil", b"x").end());
    assert!(matches!(inspected(&plain), Err(ArchiveError::TrailingData { .. })), "members behind the end marker");

    let mut garbage = Tar::vzdump().zstd();
    garbage.extend_from_slice(b"garbage behind the frame");
    assert!(matches!(inspected(&garbage), Err(ArchiveError::Inflate { .. })), "bytes behind the frame");

    let mut padded = Tar::vzdump().end();
    padded.resize(padded.len() + 51200, 0);
    assert!(inspected(&padded).is_ok(), "zeros fill the last record");
}

#[test]
fn other_compressions_are_refused_by_name() {
    for (bytes, name) in
        [(&b"\x1f\x8b\x08\x00"[..], "gzip"), (b"\x89LZO\x00", "lzop"), (b"BZh9", "bzip2"), (b"\xfd7zXZ\x00", "xz")]
    {
        match inspected(bytes) {
            Err(error @ ArchiveError::Compression(_)) => assert!(error.to_string().contains(name), "{error}"),
            other => panic!("{other:?}"),
        }
    }
    assert!(matches!(inspected(b""), Err(ArchiveError::NotAnArchive(_))));
    assert!(matches!(inspected(&[b'x'; 2000]), Err(ArchiveError::NotAnArchive(_))));
}

/// What an inspection with these caps says is too much.
#[track_caller]
fn too_much(archive: &[u8], limits: Limits) -> &'static str {
    match inspect(Cursor::new(archive.to_vec()), Catalog::builtin(), Terms::new(limits)) {
        Err(ArchiveError::TooMuch { what, .. }) => what,
        other => panic!("{other:?}"),
    }
}

#[test]
fn each_cap_holds() {
    let archive = Tar::vzdump().file("./a", &[0; 5000]).file("./b", b"").zstd();
    let limits = Limits::default();
    assert_eq!(too_much(&archive, Limits { tar_bytes: 4000, ..limits }), "bytes");
    assert_eq!(too_much(&archive, Limits { tree_bytes: 4999, ..limits }), "bytes once unpacked");
    assert_eq!(too_much(&archive, Limits { members: 4, ..limits }), "members");
    assert_eq!(too_much(&archive, Limits { names_bytes: 1, ..limits }), "bytes of names");
    let exact = Limits { tree_bytes: 5000, members: 5, names_bytes: 2, ..limits };
    assert!(inspect(Cursor::new(archive), Catalog::builtin(), Terms::new(exact)).is_ok());
}

#[test]
fn names_have_caps_of_their_own() {
    let named = |name: &str| Tar::vzdump().pax(&[("path", name)]).file("./x", b"").zstd();
    let limits = Limits::default();
    let capped = inspect(
        Cursor::new(named("./0123456789")),
        Catalog::builtin(),
        Terms::new(Limits { path_bytes: 10, ..limits }),
    );
    assert!(matches!(capped, Err(ArchiveError::Header { .. })), "{capped:?}");
    assert_eq!(too_much(&named(&format!("./{}x", "d/".repeat(256))), limits), "components in a name");
    assert_eq!(too_much(&named(&format!("./{}", "n".repeat(256))), limits), "bytes in one component of a name");
    assert!(inspected_by_two(&named(&format!("./{}", "n".repeat(255)))).is_ok());
    let target = Tar::vzdump().pax(&[("linkpath", &"t".repeat(4097))]).symlink("./l", "x").zstd();
    assert!(matches!(inspected(&target), Err(ArchiveError::Header { .. })));
}

#[test]
fn time_runs_out() {
    let archive = Tar::vzdump().file("./a", b"x").zstd();
    let took = |elapsed: Duration| {
        let limits = Limits { wall: Duration::from_mins(1), ..Limits::default() };
        inspect(Cursor::new(archive.clone()), Catalog::builtin(), Terms::new(limits).clock(move || elapsed))
    };
    assert!(took(Duration::from_mins(1)).is_ok());
    match took(Duration::from_secs(61)) {
        Err(error @ ArchiveError::Overdue { .. }) => assert!(error.to_string().contains("60 s"), "{error}"),
        other => panic!("{other:?}"),
    }
}

#[test]
fn a_flood_of_identities_is_stopped() {
    let flood = (0..20_001).fold(Tar::vzdump(), |tar, n| tar.file(&format!("./etc/ssh/ssh_host_{n}"), b"x"));
    assert!(matches!(inspected(&flood.end()), Err(ArchiveError::TooMuch { limit: 20_000, .. })));
    let large =
        (0..300).fold(Tar::vzdump(), |tar, n| tar.file(&format!("./etc/ssh/ssh_host_{n}"), &vec![b'x'; 60_000]));
    assert!(matches!(inspected(&large.end()), Err(ArchiveError::TooMuch { .. })));
}

#[test]
fn a_bomb_is_stopped_by_its_ratio() {
    let archive = Tar::vzdump().file("./zeros", &vec![0; 300 << 20]).zstd();
    match inspected(&archive) {
        Err(ArchiveError::TooMuch { what, limit }) => {
            assert!(what.contains("inflated") && limit == 200, "{what} {limit}");
        }
        other => panic!("{other:?}"),
    }
}

#[test]
fn a_window_that_costs_too_much_memory_is_refused() {
    let mut encoder = zstd::Encoder::new(Vec::new(), 3).unwrap();
    encoder.long_distance_matching(true).unwrap();
    encoder.window_log(28).unwrap();
    std::io::copy(&mut Tar::vzdump().file("./a", &[1; 1000]).end().as_slice(), &mut encoder).unwrap();
    let archive = encoder.finish().unwrap();
    assert!(matches!(inspected(&archive), Err(ArchiveError::Inflate { .. })));
}

#[test]
fn a_sparse_map_must_fit() {
    let records = [
        ("GNU.sparse.major", "1"),
        ("GNU.sparse.minor", "0"),
        ("GNU.sparse.name", "./s"),
        ("GNU.sparse.realsize", "100"),
    ];
    let map = |text: &str| {
        let mut content = text.as_bytes().to_vec();
        content.resize(512, 0);
        content.extend_from_slice(&[7; 200]);
        content
    };
    refused(Tar::vzdump().pax(&records).file("./GNUSparseFile.1/s", &map("1\n0\n200\n")), "./s", &Refusal::SparseMap);
    refused(Tar::vzdump().pax(&records).file("./GNUSparseFile.1/s", &map("1\n0\n50\n")), "./s", &Refusal::SparseMap);
    let overlap = map("2\n0\n60\n50\n40\n");
    refused(Tar::vzdump().pax(&records).file("./GNUSparseFile.1/s", &overlap[..612]), "./s", &Refusal::SparseMap);
    // A number without an end: the parser would ask for more for ever.
    let endless = vec![b'1'; 2000];
    refused(Tar::vzdump().pax(&records).file("./s", &endless), "a sparse file", &Refusal::SparseMap);
}
