//! Two small trees compared: what is found, and what is not.

use std::path::Path;

use firstboot_unit::root::{NewFile, Root};
use spec::identity::Catalog;
use tempfile::TempDir;

use super::packages::md5;
use super::{Explained, Explanations, Ownership, Shared, TreeReading, shared, unstable};

const UUID: &str = "0d6f3c1e-7b54-4c8e-9a2f-5e1d8b7c6a43";
const TOKEN: &str = "kE+vTq/xMw2PpRbUc7Zd9A0y";

/// A tree of these files, below a database that vouches for `/usr/share/x/vendor.conf` as it is here.
fn tree(files: &[(&str, &[u8])]) -> (TempDir, Root) {
    let dir = tempfile::tempdir().unwrap();
    let root = Root::open(dir.path()).unwrap();
    let vendor = format!("vendor {UUID}\n");
    let sums = format!("{}  usr/share/x/vendor.conf\n", md5(vendor.as_bytes()));
    let fixed: [(&str, &[u8]); 2] =
        [("/usr/share/x/vendor.conf", vendor.as_bytes()), ("/var/lib/dpkg/info/x.md5sums", sums.as_bytes())];
    for (path, content) in fixed.iter().chain(files) {
        root.make_directories(Path::new(path).parent().unwrap(), 0o755).unwrap();
        root.write(path, content, NewFile::mode(0o644)).unwrap();
    }
    (dir, root)
}

fn read(root: &Root, ownership: &Ownership) -> TreeReading {
    TreeReading::of(root, Catalog::builtin(), ownership).unwrap()
}

fn compare(first: &[(&str, &[u8])], second: &[(&str, &[u8])], access: &[String]) -> Shared {
    let ((_one, first), (_two, second)) = (tree(first), tree(second));
    let ownership = Ownership::of(&first, Catalog::builtin()).unwrap();
    let explanations = Explanations::new(&first, &ownership, access, &[]);
    shared(&read(&first, &ownership), &read(&second, &ownership), &explanations)
}

fn paths(shared: &Shared) -> Vec<&str> {
    shared.found.iter().map(|found| found.path.to_str().unwrap()).collect()
}

#[test]
fn what_both_hold_is_found_wherever_it_stands() {
    let daemon = "7f1c2b9e-64a0-4d3b-8e57-a1c9d20f6b38";
    let id = format!("{daemon}\n");
    let config = format!("[daemon]\nmember_token = {TOKEN}\n");
    let database = super::sqlite::database(
        b"node_id",
        &[0x8f, 0x1c, 0xa2, 0x90, 0xe7, 0x3b, 0xd4, 0x66, 0xf8, 0x05, 0xb9, 0xc1, 0x7e, 0xaa, 0x92, 0xdd],
    );
    let named = format!("/srv/{}/empty", daemon.replace('-', "").to_uppercase());
    let files: [(&str, &[u8]); 4] = [
        ("/etc/mydaemon/config.ini", config.as_bytes()),
        ("/srv/state.sqlite", &database),
        ("/var/lib/mydaemon/id", id.as_bytes()),
        (&named, b""),
    ];
    let found = compare(&files, &files, &[]);
    let folder = named.strip_suffix("/empty").unwrap();
    assert_eq!(paths(&found), ["/etc/mydaemon/config.ini", folder, "/srv/state.sqlite", "/var/lib/mydaemon/id"]);
    // In another file of the other twin it is the same identity.
    let elsewhere: [(&str, &[u8]); 1] = [("/var/lib/other", id.as_bytes())];
    assert_eq!(paths(&compare(&files[2..3], &elsewhere, &[])), ["/var/lib/mydaemon/id"]);
    let other: [(&str, &[u8]); 1] = [("/var/lib/mydaemon/id", b"c56e8d04-1f7a-4b92-93d1-0a4fe6b7285c\n")];
    let differ = compare(&files[2..3], &other, &[]);
    assert_eq!((paths(&differ), differ.own), (vec![], 1));
}

#[test]
fn what_is_explained_is_counted_by_its_reason_and_not_told() {
    let copied = format!("copied from the vendor: {UUID}\n");
    let digest = format!("digest {}\n", md5(b"a file of nobody's"));
    let key = "ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAIBsov4TmIEPcTNvUGdOwdEjC3ddolRPpYTnQccWKdFrn operator";
    let files: [(&str, &[u8]); 4] = [
        ("/etc/x.conf", copied.as_bytes()),
        ("/etc/digests", digest.as_bytes()),
        ("/opt/file", b"a file of nobody's"),
        ("/etc/access/operator.pub", key.as_bytes()),
    ];
    let found = compare(&files, &files, &[key.to_owned()]);
    assert_eq!(paths(&found), Vec::<&str>::new());
    let reasons: Vec<Explained> = found.explained.keys().copied().collect();
    let expected = [Explained::PackageManager, Explained::PackageText, Explained::Digest, Explained::Access];
    assert_eq!(reasons, expected);
    // Without the recipe's word for it, a shared key is a shared key.
    assert_eq!(paths(&compare(&files, &files, &[])), ["/etc/access/operator.pub"]);
}

#[test]
fn a_packages_file_that_was_changed_is_nobodys() {
    let changed: [(&str, &[u8]); 1] = [("/usr/share/x/vendor.conf", b"vendor 7f1c2b9e64a04d3b8e57a1c9d20f6b38\n")];
    assert_eq!(paths(&compare(&changed, &changed, &[])), ["/usr/share/x/vendor.conf"]);
}

#[test]
fn what_the_catalog_lists_is_left_to_its_row() {
    let listed: [(&str, &[u8]); 1] = [("/etc/machine-id", b"7f1c2b9e64a04d3b8e57a1c9d20f6b38\n")];
    assert_eq!(paths(&compare(&listed, &listed, &[])), Vec::<&str>::new());
}

#[test]
fn a_value_that_is_drawn_anew_at_the_second_boot_is_unstable_and_an_added_one_is_not() {
    let before: [(&str, &[u8]); 2] =
        [("/etc/node.id", b"7f1c2b9e64a04d3b8e57a1c9d20f6b38\n"), ("/srv/list", b"7f1c2b9e64a04d3b8e57a1c9d20f6b38\n")];
    let after: [(&str, &[u8]); 2] = [
        ("/etc/node.id", b"c56e8d041f7a4b9293d10a4fe6b7285c\n"),
        ("/srv/list", b"7f1c2b9e64a04d3b8e57a1c9d20f6b38\nc56e8d041f7a4b9293d10a4fe6b7285c\n"),
    ];
    let ((_one, before), (_two, after)) = (tree(&before), tree(&after));
    let ownership = Ownership::of(&before, Catalog::builtin()).unwrap();
    let (first, second) = (read(&before, &ownership), read(&after, &ownership));
    let changed = unstable(&first, &second);
    assert_eq!(changed.iter().map(|path| path.to_str().unwrap()).collect::<Vec<_>>(), ["/etc/node.id"]);
    assert!(unstable(&first, &read(&before, &ownership)).is_empty());
}
