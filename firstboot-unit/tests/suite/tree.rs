//! File trees as text, one entry per line, for tests:
//!
//! ```text
//! dir  0755 /var/log
//! file 0644 /etc/hosts 127.0.0.1 localhost\n
//! key  0600 /etc/ssh/ssh_host_ed25519_key ed25519      (a key made by ssh-keygen)
//! pub  0644 /etc/ssh/ssh_host_ed25519_key.pub ed25519  (its public half)
//! link /etc/x -> /y
//! ```
//!
//! A path that starts with `@outside` lies beside the tree: nothing may ever touch it. In a link's target the same
//! word stands for that directory's real path.

use std::collections::BTreeMap;
use std::fs;
use std::os::unix::fs::{MetadataExt, PermissionsExt, symlink};
use std::path::{Path, PathBuf};
use std::process::Command;

use firstboot_unit::root::Root;
use tempfile::TempDir;

const OUTSIDE: &str = "@outside";

/// Keys by their name in the text: the same name is the same key in every tree of one test.
#[derive(Default)]
pub(crate) struct Keys(BTreeMap<String, (Vec<u8>, Vec<u8>)>);

impl Keys {
    /// Private and public file of the key with this name; its first word is ssh-keygen's type.
    pub(crate) fn get(&mut self, name: &str) -> (Vec<u8>, Vec<u8>) {
        self.0.entry(name.to_owned()).or_insert_with(|| make_key(name)).clone()
    }
}

fn make_key(name: &str) -> (Vec<u8>, Vec<u8>) {
    let dir = tempfile::tempdir().unwrap();
    let path = dir.path().join("key");
    let kind = name.split_whitespace().next().unwrap();
    let done =
        Command::new("ssh-keygen").args(["-q", "-N", "", "-C", "root@golden", "-t", kind, "-f"]).arg(&path).status();
    assert!(done.expect("ssh-keygen (package openssh-client) is needed").success());
    (fs::read(&path).unwrap(), fs::read(path.with_extension("pub")).unwrap())
}

/// A tree in a temporary directory, with a directory beside it that must stay as it is.
pub(crate) struct Tree {
    dir: TempDir,
}

impl Tree {
    /// Builds the tree that the text declares.
    pub(crate) fn build(text: &str, keys: &mut Keys) -> Self {
        let tree = Self { dir: tempfile::tempdir().unwrap() };
        for name in ["root", "outside"] {
            fs::create_dir(tree.dir.path().join(name)).unwrap();
        }
        for line in text.lines().map(str::trim_start).filter(|line| !line.is_empty() && !line.starts_with('#')) {
            tree.add(line, keys);
        }
        tree
    }

    fn add(&self, line: &str, keys: &mut Keys) {
        let (kind, rest) = line.split_once(' ').expect(line);
        let rest = rest.trim_start();
        if kind == "link" {
            let (path, target) = rest.split_once(" -> ").expect(line);
            let path = self.host_path(path);
            fs::create_dir_all(path.parent().unwrap()).unwrap();
            let outside = self.dir.path().join("outside");
            return symlink(target.replace(OUTSIDE, outside.to_str().unwrap()), path).unwrap();
        }
        let (mode, rest) = rest.split_once(' ').expect(line);
        let mode = u32::from_str_radix(mode, 8).expect(line);
        let (path, content) = rest.split_once(' ').unwrap_or((rest, ""));
        let path = self.host_path(path);
        fs::create_dir_all(path.parent().unwrap()).unwrap();
        match kind {
            "dir" => fs::create_dir_all(&path).unwrap(),
            "file" => fs::write(&path, content.replace("\\n", "\n").replace("\\t", "\t")).unwrap(),
            "key" => fs::write(&path, keys.get(content).0).unwrap(),
            "pub" => fs::write(&path, keys.get(content).1).unwrap(),
            other => panic!("{other}: no kind of entry: {line}"),
        }
        fs::set_permissions(&path, fs::Permissions::from_mode(mode)).unwrap();
    }

    /// Where a declared path lies on this machine.
    pub(crate) fn host_path(&self, path: &str) -> PathBuf {
        match path.strip_prefix(OUTSIDE) {
            Some(rest) => self.dir.path().join("outside").join(rest.trim_start_matches('/')),
            None => self.dir.path().join("root").join(path.trim_start_matches('/')),
        }
    }

    /// The tree as code under test gets it.
    pub(crate) fn root(&self) -> Root {
        Root::open(self.dir.path().join("root")).unwrap()
    }

    /// Every entry of tree and outside as a line, sorted; files with their content.
    pub(crate) fn snapshot(&self) -> Vec<String> {
        let mut lines = Vec::new();
        self.collect(self.dir.path(), &mut lines);
        lines.sort();
        lines
    }

    fn collect(&self, dir: &Path, lines: &mut Vec<String>) {
        for entry in fs::read_dir(dir).unwrap() {
            let path = entry.unwrap().path();
            let meta = fs::symlink_metadata(&path).unwrap();
            let (shown, mode) = (path.strip_prefix(self.dir.path()).unwrap().display(), meta.mode() & 0o7777);
            if meta.is_symlink() {
                let target = fs::read_link(&path).unwrap().to_string_lossy().into_owned();
                let target = target.replace(self.dir.path().to_str().unwrap(), "@");
                lines.push(format!("{shown} -> {target}"));
            } else if meta.is_dir() {
                lines.push(format!("{shown}/ {mode:04o}"));
                self.collect(&path, lines);
            } else {
                lines.push(format!("{shown} {mode:04o} {:?}", String::from_utf8_lossy(&fs::read(&path).unwrap())));
            }
        }
    }
}

/// Whether this process is root; tests of owners need it and say so when they skip.
pub(crate) fn is_root() -> bool {
    fs::metadata("/proc/self").is_ok_and(|meta| meta.uid() == 0)
}
