//! The tree digest is what `docs/reference/tree-digest.md` says: its own script makes the same.

use std::fs;
use std::os::unix::fs::{PermissionsExt as _, symlink};
use std::path::Path;
use std::process::Command;

use crate::making::{CONF, Tar, inspected, inspected_by_two};

const PAGE: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/../../docs/reference/tree-digest.md");

/// The page's script.
fn script() -> String {
    let page = fs::read_to_string(PAGE).unwrap();
    let (_, script) = page.split_once("```sh\n").unwrap();
    script.split_once("```").unwrap().0.to_owned()
}

fn by_hand(tree: &Path) -> String {
    let output = Command::new("bash").args(["-c", &script(), "tree-digest"]).arg(tree).output().unwrap();
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
    String::from_utf8(output.stdout).unwrap().trim().to_owned()
}

fn tree(root: &Path) {
    fs::create_dir_all(root.join("etc/a")).unwrap();
    fs::create_dir_all(root.join("empty")).unwrap();
    fs::write(root.join("etc/a/file"), vec![b'x'; 300_000]).unwrap();
    fs::write(root.join("etc/a b"), "spaces").unwrap();
    fs::write(root.join("etc/a\tb"), "a tab sorts before the tab's own end").unwrap();
    fs::write(root.join("etc/nothing"), "").unwrap();
    fs::write(root.join("z-first-in-the-archive"), "linked").unwrap();
    fs::hard_link(root.join("z-first-in-the-archive"), root.join("etc/also")).unwrap();
    symlink("../nowhere", root.join("etc/link")).unwrap();
    fs::set_permissions(root.join("etc/nothing"), fs::Permissions::from_mode(0o4750)).unwrap();
    fs::File::create(root.join("hole")).unwrap().set_len(5 << 20).unwrap();
}

/// Packs names in this order, configuration first.
fn packed(root: &Path, names: &[&str]) -> Vec<u8> {
    let conf = tempfile::tempdir().unwrap();
    fs::create_dir_all(conf.path().join("etc/vzdump")).unwrap();
    fs::write(conf.path().join("etc/vzdump/pct.conf"), CONF).unwrap();
    let mut tar = Command::new("tar");
    tar.args(["-c", "--sparse", "--numeric-owner", "--format=posix", "-C"])
        .arg(conf.path())
        .arg("./etc/vzdump/pct.conf");
    let output = tar.arg("-C").arg(root).args(names).output().unwrap();
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
    output.stdout
}

#[test]
fn s2_12_the_page_and_the_program_make_the_same_digest() {
    let directory = tempfile::tempdir().unwrap();
    tree(directory.path());
    let seen = inspected_by_two(&packed(directory.path(), &["."])).unwrap();
    assert_eq!(seen.tree_sha256.as_str(), by_hand(directory.path()));
}

#[test]
fn s2_12_order_and_times_do_not_count_and_everything_else_does() {
    let directory = tempfile::tempdir().unwrap();
    tree(directory.path());
    let of = |names: &[&str]| inspected(&packed(directory.path(), names)).unwrap();
    let whole = ["--no-recursion", ".", "./empty", "./etc", "./etc/a", "./etc/a/file"];
    let first = of(&[&whole[..], &["./etc/also", "./z-first-in-the-archive"]].concat());
    let second = of(&[&whole[..], &["./z-first-in-the-archive", "./etc/also"]].concat());
    assert_ne!(first.members_sha256, second.members_sha256, "another order of members");
    assert_eq!(first.tree_sha256, second.tree_sha256, "whichever of its names a file comes under");
    let before = of(&["."]);
    fs::File::open(directory.path().join("etc/a b")).unwrap().set_modified(std::time::UNIX_EPOCH).unwrap();
    let later = of(&["."]);
    assert_ne!(before.members_sha256, later.members_sha256);
    assert_eq!(before.tree_sha256, later.tree_sha256, "another time");
    fs::set_permissions(directory.path().join("etc/a b"), fs::Permissions::from_mode(0o600)).unwrap();
    let stricter = of(&["."]);
    assert_ne!(before.tree_sha256, stricter.tree_sha256, "another mode");
    fs::remove_file(directory.path().join("etc/also")).unwrap();
    fs::write(directory.path().join("etc/also"), "linked").unwrap();
    assert_ne!(stricter.tree_sha256, of(&["."]).tree_sha256, "a copy instead of a second name");
}

#[test]
fn the_configuration_is_not_part_of_the_tree_and_attributes_are() {
    let of = |tar: Tar| inspected(&tar.zstd()).unwrap();
    let plain = of(Tar::vzdump().file("./a", b"x"));
    let other_conf = CONF.replace("BC:24:11:00:00:01", "BC:24:11:00:00:02");
    let other = Tar::empty().file("./etc/vzdump/pct.conf", other_conf.as_bytes()).directory("./").file("./a", b"x");
    assert_eq!(plain.tree_sha256, of(other).tree_sha256);
    let note = |value: &str| of(Tar::vzdump().pax(&[("SCHILY.xattr.user.note", value)]).file("./a", b"x"));
    assert_ne!(plain.tree_sha256, note("1").tree_sha256);
    assert_ne!(note("2").tree_sha256, note("1").tree_sha256);
}

/// A directory that stands twice is what it is the second time, as for who unpacks.
#[test]
fn of_a_directory_that_stands_twice_the_later_counts() {
    let mode =
        |tar: Tar, mode: u32| tar.member("./srv/", tar::EntryType::Directory, b"", |header| header.set_mode(mode));
    let of = |tar: Tar| inspected(&tar.zstd()).unwrap().tree_sha256;
    assert_eq!(of(mode(mode(Tar::vzdump(), 0o700), 0o755)), of(mode(Tar::vzdump(), 0o755)));
}
