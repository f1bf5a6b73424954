//! Archives of the shapes that readers of tar were broken with, one each, and why each is refused. Both readers look.
//!
//! A name in brackets is a public case of the shape, for who wants to read on; the archives are our own.

use pve_archive::{ArchiveError, Refusal};
use tar::{EntryType, Header};

use crate::making::{CONF, Tar, inspected, inspected_by_two};

/// A shape: what it is, its archive, and what the refusal must say.
type Shape = (&'static str, fn() -> Vec<u8>, &'static str);

const SHAPES: &[Shape] = &[
    ("an absolute name (CVE-2021-32804)", || Tar::vzdump().file("//etc/cron.d/x", b"x").zstd(), "absolute"),
    ("a name that climbs (CVE-2007-4559)", || Tar::vzdump().file("./a/../../x", b"x").zstd(), ".."),
    ("a name that climbs in a PAX record", || Tar::vzdump().pax(&[("path", "../x")]).file("./x", b"x").zstd(), ".."),
    (
        "a name that climbs behind a prefix (CVE-2016-6321)",
        || Tar::vzdump().file("./etc/motd/../shadow", b"x").zstd(),
        "..",
    ),
    ("a link, then a file through it (CVE-2021-32803)", through_link, "which is no directory"),
    ("a directory that becomes a link (CVE-2021-37701)", directory_becomes_link, "stands twice"),
    ("a chain of links", chain, "which is no directory"),
    ("a hard link to a link's far side (CVE-2024-12905)", hard_link_through_link, "which is no directory"),
    ("a hard link to outside", || Tar::vzdump().hard_link("./h", "../../etc/shadow").zstd(), "no file before it"),
    ("a hard link to an absolute name", || Tar::vzdump().hard_link("./h", "/etc/shadow").zstd(), "no file before it"),
    (
        "a hard link to what comes later",
        || Tar::vzdump().hard_link("./h", "./a").file("./a", b"x").zstd(),
        "no file before it",
    ),
    (
        "a hard link to a directory",
        || Tar::vzdump().directory("./d/").hard_link("./h", "./d").zstd(),
        "no file before it",
    ),
    ("a link's target in a PAX record", linkpath, "which is no directory"),
    ("a member twice: first or last wins", || Tar::vzdump().file("./a", b"1").file("./a", b"2").zstd(), "stands twice"),
    ("a file and a hard link of one name", twice_by_link, "stands twice"),
    ("a name of 300 bytes in one component (CVE-2025-4517)", long_component, "255 bytes in one component"),
    ("a path of a thousand directories", deep, "256 components"),
    ("two sizes (CVE-2025-62518)", two_sizes, "readers take one or the other"),
    ("a size in PAX that hides members", size_hides_members, "readers take one or the other"),
    ("a negative size in base 256", || with_size(&[0xff; 12]), "does not read"),
    (
        "a size beyond 64 bits in base 256",
        || with_size(&[0x80, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff]),
        "does not read",
    ),
    ("a base 256 number of one byte (CVE-2022-48303)", || with_uid(*b"\x80       "), "beyond the 65535"),
    ("a sparse map of holes without end (CVE-2025-58183)", sparse_flood, "does not read"),
    ("a sparse map that goes back", sparse_back, "sparse map"),
    ("a sparse file of 8 EiB", || sparse("9223372036854775807", "0\n"), "bytes once unpacked"),
    ("an older sparse form", sparse_0_1, "PAX record"),
    (
        "a long name without its member",
        || Tar::vzdump().member("././@LongLink", EntryType::GNULongName, b"./a\0", |_| {}).end(),
        "does not read",
    ),
    ("two long names for one member", two_long_names, "does not read"),
    (
        "a link marked as a file's content",
        || Tar::vzdump().member("./l", EntryType::Symlink, b"hidden", |_| {}).zstd(),
        "has content although",
    ),
    (
        "records for all members",
        || Tar::vzdump().member("./g", EntryType::XGlobalHeader, b"19 path=./evil.conf\n", |_| {}).zstd(),
        "global header",
    ),
    ("a megabyte of PAX records (CVE-2023-39804)", huge_pax, "does not read"),
    ("a PAX record that lies about its length", lying_pax, "does not read"),
    (
        "a PAX record twice",
        || Tar::vzdump().pax(&[("path", "./a"), ("path", "./b")]).file("./c", b"").zstd(),
        "path twice",
    ),
    (
        "a record that only some readers know",
        || Tar::vzdump().pax(&[("hdrcharset", "BINARY")]).file("./c", b"").zstd(),
        "hdrcharset",
    ),
    (
        "an attribute that a container cannot have",
        || Tar::vzdump().pax(&[("SCHILY.xattr.trusted.overlay.opaque", "y")]).directory("./c/").zstd(),
        "trusted.overlay",
    ),
    (
        "capabilities of a made-up form",
        || Tar::vzdump().pax(&[("SCHILY.xattr.security.capability", "all")]).file("./c", b"").zstd(),
        "security.capability",
    ),
    (
        "an ACL with a terminal's escape",
        || Tar::vzdump().pax(&[("SCHILY.acl.access", "user::rwx\u{1b}[2J")]).file("./c", b"").zstd(),
        "acl.access",
    ),
    ("a device", || Tar::vzdump().member("./sda", EntryType::Block, b"", |_| {}).zstd(), "outside ./dev"),
    ("an owner outside of the container", || with_uid(*b"0303240\0"), "beyond the 65535"),
    ("a configuration twice", || Tar::vzdump().file("./etc/vzdump/pct.conf", CONF.as_bytes()).zstd(), "one plain file"),
    (
        "a configuration that is a link",
        || Tar::empty().symlink("./etc/vzdump/pct.conf", "/etc/passwd").zstd(),
        "one plain file",
    ),
    ("a configuration below a link", conf_below_link, "which is no directory"),
    ("a name with a line break", || Tar::vzdump().pax(&[("path", "./a\n./b")]).file("./a", b"").zstd(), "line break"),
    ("an archive behind the archive", concatenated, "goes on after its end"),
    ("a zero block in between", zero_block, "disagree"),
    ("an archive without an end", || Tar::vzdump().file("./a", b"x").without_end(), "cut off"),
    ("bytes behind the frame", || [Tar::vzdump().zstd(), b"more".to_vec()].concat(), "broken or cut off"),
    (
        "a cut frame",
        || {
            let whole = Tar::vzdump().zstd();
            whole[..whole.len() - 5].to_vec()
        },
        "broken or cut off",
    ),
    ("a bomb", || Tar::vzdump().file("./zeros", &vec![0; 300 << 20]).zstd(), "inflated bytes"),
];

#[test]
fn s4_32_each_shape_is_refused_by_name() {
    let answers = SHAPES.iter().map(|(what, archive, why)| match inspected_by_two(&archive()) {
        Ok(_) => format!("{what} was taken"),
        Err(error) if in_full(&error).contains(why) => String::new(),
        Err(error) => format!("{what}: {:?} says nothing of {why:?}", in_full(&error)),
    });
    let wrong: Vec<String> = answers.filter(|answer| !answer.is_empty()).collect();
    assert!(wrong.is_empty(), "{wrong:#?}");
}

/// What is odd and harmless: both readers see the same.
#[test]
fn what_is_odd_and_harmless_is_taken() {
    let skippable = [&[0x50, 0x2a, 0x4d, 0x18, 4, 0, 0, 0][..], b"note"].concat();
    let whole = Tar::vzdump().file("./a", b"x").end();
    let (first, second) = whole.split_at(1000);
    let frames = |parts: &[&[u8]]| parts.concat();
    let (one, two) = (zstd::encode_all(first, 3).unwrap(), zstd::encode_all(second, 3).unwrap());
    for (what, archive) in [
        ("names that differ in case only", Tar::vzdump().file("./README", b"1").file("./readme", b"2").zstd()),
        // Two names on Linux; where they are one, a reader may be led through a link (CVE-2021-37712).
        ("names that look the same", Tar::vzdump().file("./caf\u{e9}", b"1").file("./cafe\u{301}", b"2").zstd()),
        ("two frames", frames(&[&one, &two])),
        ("a skippable frame before and between", frames(&[&skippable, &one, &skippable, &two])),
        ("a link to outside that nothing is written through", Tar::vzdump().symlink("./mtab", "/proc/mounts").zstd()),
        (
            "a file with an attribute of two lines",
            Tar::vzdump().pax(&[("SCHILY.xattr.user.x", "a\n17 path=./b\n")]).file("./c", b"").zstd(),
        ),
        (
            "set-user-id",
            Tar::vzdump().member("./su", EntryType::Regular, b"x", |header| header.set_mode(0o4755)).zstd(),
        ),
        ("every odd byte in a name", Tar::vzdump().file("./a -> \"b\"\\ link to\tc\u{7f}", b"x").zstd()),
        ("a device in /dev", Tar::vzdump().directory("./dev/").member("./dev/null", EntryType::Char, b"", null).zstd()),
    ] {
        inspected_by_two(&archive).unwrap_or_else(|error| panic!("{what}: {}", in_full(&error)));
    }
}

/// What one reader alone would take.
#[test]
fn the_second_reader_is_needed() {
    assert!(inspected(&zero_block()).is_ok(), "the first reader skips a lone zero block");
    assert!(matches!(inspected_by_two(&zero_block()), Err(ArchiveError::Disagreement { number: 4, .. })));
}

fn in_full(error: &ArchiveError) -> String {
    let source = std::error::Error::source(error).map(|source| format!(": {source}")).unwrap_or_default();
    format!("{error}{source}")
}

fn null(header: &mut Header) {
    header.set_device_major(1).unwrap();
    header.set_device_minor(3).unwrap();
}

fn through_link() -> Vec<u8> {
    Tar::vzdump().symlink("./link", "/etc").file("./link/passwd", b"x").zstd()
}

fn directory_becomes_link() -> Vec<u8> {
    Tar::vzdump().directory("./d/").symlink("./d", "/etc").file("./d/passwd", b"x").zstd()
}

fn chain() -> Vec<u8> {
    Tar::vzdump().symlink("./a", "..").symlink("./b", "a/..").file("./b/x", b"x").zstd()
}

fn hard_link_through_link() -> Vec<u8> {
    Tar::vzdump().symlink("./link", "/etc").hard_link("./mine", "./link/shadow").zstd()
}

fn linkpath() -> Vec<u8> {
    Tar::vzdump().pax(&[("linkpath", "/etc")]).symlink("./link", "harmless").file("./link/x", b"x").zstd()
}

fn twice_by_link() -> Vec<u8> {
    Tar::vzdump().file("./a", b"1").file("./b", b"2").hard_link("./a", "./b").zstd()
}

fn long_component() -> Vec<u8> {
    Tar::vzdump().pax(&[("path", &format!("./{}", "n".repeat(300)))]).file("./x", b"").zstd()
}

fn deep() -> Vec<u8> {
    Tar::vzdump().pax(&[("path", &format!("./{}x", "d/".repeat(1000)))]).file("./x", b"").zstd()
}

/// PAX says that the member holds the next header, its own header says that it is empty.
fn two_sizes() -> Vec<u8> {
    let hidden = Tar::empty().file("./evil", b"x").end();
    let size = hidden.len().to_string();
    Tar::vzdump().pax(&[("size", &size)]).member("./a", EntryType::Regular, b"", |_| {}).bytes(&hidden).zstd()
}

/// The other way round: the header counts the hidden member as content, PAX says that there is none.
fn size_hides_members() -> Vec<u8> {
    let hidden = Tar::empty().file("./evil", b"x").end();
    Tar::vzdump().pax(&[("size", "0")]).file("./a", &hidden).zstd()
}

fn with_size(field: &[u8; 12]) -> Vec<u8> {
    let set = |header: &mut Header| header.as_mut_bytes()[124..136].copy_from_slice(field);
    Tar::vzdump().member("./a", EntryType::Regular, b"", set).zstd()
}

fn with_uid(field: [u8; 8]) -> Vec<u8> {
    let set = |header: &mut Header| header.as_mut_bytes()[108..116].copy_from_slice(&field);
    Tar::vzdump().member("./a", EntryType::Regular, b"", set).zstd()
}

fn sparse(real_size: &str, map: &str) -> Vec<u8> {
    let mut content = map.as_bytes().to_vec();
    content.resize(content.len().next_multiple_of(512), 0);
    let records = [
        ("GNU.sparse.major", "1"),
        ("GNU.sparse.minor", "0"),
        ("GNU.sparse.name", "./s"),
        ("GNU.sparse.realsize", real_size),
    ];
    Tar::vzdump().pax(&records).file("./GNUSparseFile.1/s", &content).zstd()
}

fn sparse_flood() -> Vec<u8> {
    sparse("1000000", &format!("1000000\n{}", "0\n0\n".repeat(20_000)))
}

fn sparse_back() -> Vec<u8> {
    sparse("1000", "2\n500\n0\n400\n600\n")
}

fn sparse_0_1() -> Vec<u8> {
    let records = [("GNU.sparse.size", "100"), ("GNU.sparse.numblocks", "1"), ("GNU.sparse.map", "0,5")];
    Tar::vzdump().pax(&records).file("./s", b"hello").zstd()
}

fn two_long_names() -> Vec<u8> {
    let named = |tar: Tar, name: &[u8]| tar.member("././@LongLink", EntryType::GNULongName, name, |_| {});
    named(named(Tar::vzdump(), b"./a\0"), b"./b\0").file("./c", b"").zstd()
}

fn huge_pax() -> Vec<u8> {
    let value = "v".repeat(1100 << 10);
    Tar::vzdump().pax(&[("SCHILY.xattr.user.big", &value)]).file("./c", b"").zstd()
}

fn lying_pax() -> Vec<u8> {
    Tar::vzdump().member("./PaxHeaders/x", EntryType::XHeader, b"99 path=./a\n", |_| {}).file("./c", b"").zstd()
}

fn conf_below_link() -> Vec<u8> {
    Tar::empty().symlink("./etc", "/tmp").file("./etc/vzdump/pct.conf", CONF.as_bytes()).zstd()
}

fn concatenated() -> Vec<u8> {
    [Tar::vzdump().end(), Tar::empty().file("./evil", b"x").end()].concat()
}

/// GNU tar stops at a lone zero block, others go on.
fn zero_block() -> Vec<u8> {
    let mut archive = Tar::vzdump().without_end();
    archive.resize(archive.len() + 512, 0);
    archive.extend_from_slice(&Tar::empty().file("./evil", b"x").end());
    archive
}

#[test]
fn refusals_name_the_member_and_not_only_the_rule() {
    let Err(ArchiveError::Refused { member, refusal }) = inspected_by_two(&two_sizes()) else { panic!("taken") };
    assert_eq!((member.as_str(), refusal), ("./a", Refusal::TwoSizes { header: 0, record: 10_240 }));
}
