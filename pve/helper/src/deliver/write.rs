//! Files written into a place that has been surveyed, on the thread that is the guest's root.

use firstboot_unit::root::{NewFile, Root, RootError, is_unfinished};

use super::error::DeliverError;
use super::places::PlaceRules;
use super::survey::survey;
use crate::protocol::File;

/// Permission bits of directories that are made.
const DIRECTORY: u32 = 0o755;

/// What was changed.
#[derive(Debug, Default, PartialEq, Eq)]
pub(super) struct Changes {
    /// Names that were written.
    pub(super) written: Vec<String>,
    /// Names that are no more.
    pub(super) removed: Vec<String>,
}

/// Puts the files there, each whole by rename, and takes away the place's other names.
pub(super) fn write(root: &Root, rules: &PlaceRules, files: &[File], owner: u32) -> Result<Changes, DeliverError> {
    survey(root, rules, owner)?;
    let mut changes = Changes::default();
    if let Some(directory) = opened(root, rules, files.is_empty())? {
        for name in rules.names.iter().filter(|name| files.iter().all(|file| file.name != **name)) {
            if directory.stat(name)?.is_some() {
                directory.remove(name)?;
                changes.removed.push((*name).to_owned());
            }
        }
        if rules.ours {
            remove_unfinished(&directory)?;
        }
        for file in files {
            directory.write(&file.name, file.content.bytes(), NewFile::mode(rules.mode))?;
            changes.written.push(file.name.clone());
        }
    }
    Ok(changes)
}

/// A helper that was killed while it wrote may have left what it had written so far: a secret, under another name.
fn remove_unfinished(directory: &Root) -> Result<(), RootError> {
    let entries = directory.list("/")?.unwrap_or_default();
    for entry in entries.into_iter().filter(|entry| is_unfinished(&entry.name)) {
        directory.remove(entry.name)?;
    }
    Ok(())
}

/// The place itself, reached without a link: a guest that runs may have changed the way since the survey. `None`
/// where it is not there and nothing is to be put into it.
fn opened(root: &Root, rules: &PlaceRules, nothing_to_put: bool) -> Result<Option<Root>, RootError> {
    if nothing_to_put && root.stat(rules.directory)?.is_none() {
        return Ok(None);
    }
    if !nothing_to_put {
        root.make_directories(rules.directory, DIRECTORY)?;
    }
    root.descend(rules.directory).map(Some)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::deliver::DeliverError;
    use crate::protocol::{Content, Place, RefusalKind};
    use std::fs;
    use std::os::unix::fs::{MetadataExt, PermissionsExt, symlink};
    use std::path::Path;

    /// What stands in the way, and how it comes there.
    type Obstacle = (&'static str, fn(&Path));

    struct Tree {
        dir: tempfile::TempDir,
        owner: u32,
    }

    impl Tree {
        fn new() -> Self {
            let dir = tempfile::tempdir().unwrap();
            fs::set_permissions(dir.path(), fs::Permissions::from_mode(0o755)).unwrap();
            for name in ["etc", "outside"] {
                fs::create_dir(dir.path().join(name)).unwrap();
            }
            let owner = fs::metadata(dir.path()).unwrap().uid();
            Self { dir, owner }
        }

        fn path(&self, name: &str) -> std::path::PathBuf {
            self.dir.path().join(name)
        }

        fn deliver(&self, content: Option<&str>) -> Result<Changes, DeliverError> {
            let file = |text: &str| File { name: "secrets.env".into(), content: Content::new(text.into()) };
            let files: Vec<File> = content.map(file).into_iter().collect();
            write(&Root::open(self.dir.path()).unwrap(), &Place::Secrets.rules(), &files, self.owner)
        }

        fn names(&self) -> Vec<String> {
            let mut found = Vec::new();
            let mut waiting = vec![self.dir.path().to_owned()];
            while let Some(dir) = waiting.pop() {
                for entry in fs::read_dir(dir).unwrap().map(Result::unwrap) {
                    found.push(entry.path().strip_prefix(self.dir.path()).unwrap().to_string_lossy().into_owned());
                    if entry.file_type().unwrap().is_dir() {
                        waiting.push(entry.path());
                    }
                }
            }
            found.sort();
            found
        }
    }

    #[test]
    fn s3_11_a_delivery_is_one_whole_file_with_mode_0600_and_a_second_one_replaces_it() {
        let tree = Tree::new();
        for text in ["A=1\n", "B=2\n"] {
            assert_eq!(tree.deliver(Some(text)).unwrap().written, ["secrets.env"]);
            let file = tree.path("etc/mintmark/secrets.env");
            assert_eq!(fs::read_to_string(&file).unwrap(), text);
            assert_eq!(fs::metadata(&file).unwrap().mode() & 0o7777, 0o600);
        }
        assert_eq!(tree.names(), ["etc", "etc/mintmark", "etc/mintmark/secrets.env", "outside"]);
    }

    #[test]
    fn s3_20_nothing_delivered_withdraws_and_twice_is_the_same() {
        let tree = Tree::new();
        assert_eq!(tree.deliver(None).unwrap(), Changes::default());
        assert_eq!(tree.names(), ["etc", "outside"], "a withdrawal makes nothing");
        tree.deliver(Some("A=1\n")).unwrap();
        assert_eq!(tree.deliver(None).unwrap().removed, ["secrets.env"]);
        assert_eq!(tree.deliver(None).unwrap(), Changes::default());
        assert_eq!(tree.names(), ["etc", "etc/mintmark", "outside"]);
    }

    #[test]
    fn what_a_killed_helper_left_unfinished_goes_with_the_next_delivery() {
        let tree = Tree::new();
        fs::create_dir(tree.path("etc/mintmark")).unwrap();
        for name in [".mintmark-0123456789abcdef", "firstboot.disabled"] {
            fs::write(tree.path("etc/mintmark").join(name), "CANARY").unwrap();
        }
        tree.deliver(None).unwrap();
        assert_eq!(tree.names(), ["etc", "etc/mintmark", "etc/mintmark/firstboot.disabled", "outside"]);
    }

    #[test]
    fn s3_05_s3_07_nothing_is_created_where_something_stands_in_the_way() {
        let in_the_way: [Obstacle; 8] = [
            ("a linked parent", |tree| symlink("../outside", tree.join("etc/mintmark")).unwrap()),
            ("an absolute link", |tree| symlink("/outside", tree.join("etc/mintmark")).unwrap()),
            ("a link out of the tree", |tree| symlink("../../..", tree.join("etc/mintmark")).unwrap()),
            ("a dangling link", |tree| symlink("nowhere", tree.join("etc/mintmark")).unwrap()),
            ("a linked grandparent", |tree| {
                fs::remove_dir(tree.join("etc")).unwrap();
                symlink("outside", tree.join("etc")).unwrap();
            }),
            ("a file for a directory", |tree| fs::write(tree.join("etc/mintmark"), "").unwrap()),
            ("a linked file", |tree| {
                fs::create_dir(tree.join("etc/mintmark")).unwrap();
                symlink("/outside/x", tree.join("etc/mintmark/secrets.env")).unwrap();
            }),
            ("a directory for the file", |tree| {
                fs::create_dir_all(tree.join("etc/mintmark/secrets.env")).unwrap();
            }),
        ];
        for (what, make) in in_the_way {
            let tree = Tree::new();
            make(tree.dir.path());
            let before = tree.names();
            for content in [Some("CANARY"), None] {
                let error = tree.deliver(content).unwrap_err();
                assert!(matches!(error, DeliverError::Escape { .. }), "{what}: {error}");
                assert_eq!(error.kind(), RefusalKind::Escape);
                assert_eq!(tree.names(), before, "{what}");
            }
        }
    }

    #[test]
    fn s3_05_a_pipe_is_not_opened() {
        let tree = Tree::new();
        fs::create_dir(tree.path("etc/mintmark")).unwrap();
        let pipe = tree.path("etc/mintmark/secrets.env");
        rustix::fs::mknodat(rustix::fs::CWD, &pipe, rustix::fs::FileType::Fifo, 0o600.into(), 0).unwrap();
        assert!(matches!(tree.deliver(Some("x")), Err(DeliverError::Escape { .. })));
    }

    #[test]
    fn s3_05_a_directory_that_others_can_change_gets_no_secret() {
        let tree = Tree::new();
        fs::create_dir(tree.path("etc/mintmark")).unwrap();
        fs::set_permissions(tree.path("etc/mintmark"), fs::Permissions::from_mode(0o775)).unwrap();
        assert!(matches!(tree.deliver(Some("x")), Err(DeliverError::Shared { .. })));
        fs::set_permissions(tree.path("etc/mintmark"), fs::Permissions::from_mode(0o755)).unwrap();
        let strange = Tree { owner: tree.owner + 1, ..tree };
        assert!(matches!(strange.deliver(Some("x")), Err(DeliverError::Shared { .. })));
    }
}
