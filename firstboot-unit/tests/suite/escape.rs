//! Nothing that is given to a rooted handle reaches outside its tree, by no kind of path or link.

use std::os::unix::fs::FileTypeExt;

use crate::tree::{Keys, Tree};
use firstboot_unit::root::{Kind, NewFile, Root, Visit};

/// Ways to say "the directory outside" to somebody who resolves paths carelessly.
const WAYS_OUT: &str = "
    link /absolute -> @outside
    link /relative -> ../outside
    link /deep/er/relative -> ../../../outside
    link /file -> @outside/secret
    link /chain -> /absolute
    link /loop -> /loop
    link /magic -> /proc/self/cwd
    dir  0755 /plain
    dir  0755 @outside/dir
    file 0644 @outside/secret outside\\n
    file 0644 @outside/dir/secret outside\\n
";

const DIRECTORIES_OUT: [&str; 6] =
    ["/absolute", "/relative", "/deep/er/relative", "/chain", "/../outside", "/plain/../../outside"];

fn tree() -> Tree {
    Tree::build(WAYS_OUT, &mut Keys::default())
}

/// Runs something on the tree and holds that nothing outside changed.
fn unharmed(what: impl FnOnce(&Root)) {
    let tree = tree();
    let outside =
        |tree: &Tree| tree.snapshot().into_iter().filter(|line| line.starts_with("outside")).collect::<Vec<_>>();
    let before = outside(&tree);
    assert_eq!(before.len(), 4, "{before:?}");
    what(&tree.root());
    assert_eq!(outside(&tree), before);
}

#[test]
fn nothing_outside_is_read() {
    unharmed(|root| {
        for directory in DIRECTORIES_OUT {
            assert_eq!(root.read(format!("{directory}/secret"), 99).unwrap(), None, "{directory}");
            assert_eq!(root.list(directory).unwrap(), None, "{directory}");
            assert_eq!(root.tally(directory, |_, _| Visit::Enter).unwrap(), None, "{directory}");
            assert_eq!(root.stat(format!("{directory}/secret")).unwrap(), None, "{directory}");
            assert_eq!(root.stat_followed(directory).unwrap(), None, "{directory}");
        }
        assert_eq!(root.read("/file", 99).unwrap(), None);
    });
}

#[test]
fn nothing_outside_is_written() {
    unharmed(|root| {
        for directory in DIRECTORIES_OUT {
            let path = format!("{directory}/secret");
            root.write(&path, b"escaped", NewFile::mode(0o644)).unwrap_err();
            root.symlink("/x", &path).unwrap_err();
            root.truncate(&path).unwrap_err();
            root.set_mode(&path, 0o777).unwrap_err();
        }
        root.truncate("/file").unwrap_err();
        root.write("/file", b"inside", NewFile::mode(0o644)).unwrap();
        assert_eq!(root.read("/file", 99).unwrap().unwrap(), b"inside");
        assert_eq!(root.stat("/file").unwrap().unwrap().kind, Kind::File);
    });
}

#[test]
fn nothing_outside_is_removed() {
    unharmed(|root| {
        for directory in DIRECTORIES_OUT {
            root.remove(format!("{directory}/secret")).unwrap();
            root.remove_all_below(directory, |_, _| Visit::Enter).unwrap();
            root.remove_files_below(directory, |_, _| Visit::Enter).unwrap();
        }
        for link in ["/absolute", "/relative", "/file", "/chain"] {
            assert_eq!(root.remove(link).unwrap().files, 1, "{link}");
        }
    });
}

#[test]
fn a_walk_removes_links_and_does_not_follow_them() {
    unharmed(|root| {
        root.symlink("../../../outside", "/plain/link").unwrap();
        root.remove_all_below("/plain", |_, _| Visit::Enter).unwrap();
        assert_eq!(root.list("/plain").unwrap().unwrap(), []);
    });
}

#[test]
fn directories_made_behind_a_link_stay_inside() {
    unharmed(|root| {
        // A missing directory outside must not be made there; inside, the link leads nowhere.
        root.make_directories("/absolute/new", 0o755).unwrap_err();
        root.make_directories("/../outside/new", 0o755).unwrap();
        assert!(root.stat("/outside/new").unwrap().is_some(), "`..` stops at the root");
    });
}

#[test]
fn loops_and_magic_links_are_errors_and_not_absences() {
    let tree = tree();
    let root = tree.root();
    assert!(root.read("/loop/x", 99).is_err());
    root.make_directories("/proc", 0o755).unwrap();
    assert_eq!(root.read("/magic/Cargo.toml", 99).unwrap(), None, "the tree has no /proc/self");
    let own = Root::open("/").unwrap();
    let error = own.read("/proc/self/cwd/Cargo.toml", 99).unwrap_err();
    assert!(error.to_string().contains("/proc/self/cwd/Cargo.toml"), "{error}");
}

#[test]
fn pipes_and_devices_are_not_opened() {
    let tree = Tree::build("dir 0755 /etc", &mut Keys::default());
    let pipe = tree.host_path("/etc/hostname");
    rustix::fs::mkfifoat(rustix::fs::CWD, &pipe, rustix::fs::Mode::RUSR).unwrap();
    assert!(std::fs::symlink_metadata(&pipe).unwrap().file_type().is_fifo());
    let error = tree.root().read("/etc/hostname", 99).unwrap_err();
    assert!(format!("{:?}", error.cause).contains("NotAFile"), "{error:?}");
}

#[test]
fn the_tree_itself_is_never_cleared() {
    let tree = Tree::build("link /var/log -> /\nfile 0644 /etc/precious x", &mut Keys::default());
    let root = tree.root();
    root.remove_all_below("/var/log", |_, _| Visit::Enter).unwrap_err();
    root.remove_files_below("/", |_, _| Visit::Enter).unwrap_err();
    root.remove("/").unwrap_err();
    assert!(tree.host_path("/etc/precious").exists());
}

#[test]
fn reads_have_a_cap_that_files_without_a_size_obey_too() {
    let tree = Tree::build("file 0644 /big 0123456789", &mut Keys::default());
    assert_eq!(tree.root().read("/big", 10).unwrap().unwrap().len(), 10);
    assert!(format!("{:?}", tree.root().read("/big", 9).unwrap_err().cause).contains("TooBig"));
    let own = Root::open("/").unwrap();
    assert!(own.read("/proc/version", 4).is_err(), "files of /proc say that they have no bytes");
}

#[test]
fn nesting_without_end_is_refused() {
    let tree = Tree::build("dir 0755 /deep", &mut Keys::default());
    let deep = format!("/deep{}", "/d".repeat(300));
    tree.root().make_directories(&deep, 0o755).unwrap();
    let error = tree.root().remove_all_below("/deep", |_, _| Visit::Enter).unwrap_err();
    assert!(format!("{:?}", error.cause).contains("TooDeep"), "{error:?}");
}

#[test]
fn a_written_file_has_mode_owner_and_no_leftovers() {
    let tree = Tree::build("dir 0755 /etc", &mut Keys::default());
    let root = tree.root();
    root.write("/etc/x", b"one", NewFile::mode(0o640)).unwrap();
    root.write("/etc/x", b"two", NewFile::like(&root.stat("/etc/x").unwrap().unwrap())).unwrap();
    let stat = root.stat("/etc/x").unwrap().unwrap();
    assert_eq!((stat.mode, stat.size), (0o640, 3));
    let names: Vec<_> = root.list("/etc").unwrap().unwrap().into_iter().map(|entry| entry.name).collect();
    assert_eq!(names, ["x"]);
}

/// The kernel answers by who asks: a guest's link must not borrow the rights of the process that reads its tree.
#[test]
fn no_link_leads_into_proc() {
    let dir = tempfile::tempdir().unwrap();
    std::os::unix::fs::symlink("/proc/version", dir.path().join("hostname")).unwrap();
    let root = Root::open("/").unwrap();
    let error = root.read(dir.path().join("hostname"), 4096).unwrap_err();
    assert!(format!("{:?}", error.cause).contains("/proc"), "{error:?}");
    assert!(root.read("/proc/version", 4096).unwrap().is_some(), "asked for by its own name it is read");
}
