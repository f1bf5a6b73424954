//! A node in a temporary directory that is worked on by its command lines, as root.

#![expect(clippy::unwrap_used, reason = "a stage that cannot be set up ends its test")]

use std::fs;
use std::path::PathBuf;
use std::process::{Command, Output};

use pve_node::state::Node;

/// A node with a template of a few files.
pub(crate) struct Machine {
    _dir: tempfile::TempDir,
    pub(crate) node: Node,
}

impl Machine {
    pub(crate) fn new() -> Self {
        let dir = tempfile::tempdir().unwrap();
        // The guests' ids must be able to reach their files.
        fs::set_permissions(dir.path(), std::os::unix::fs::PermissionsExt::from_mode(0o755)).unwrap();
        let init = ["--state", dir.path().to_str().unwrap(), "init", "--no-network"];
        let done = Command::new(env!("CARGO_BIN_EXE_pve-node")).args(init).output().unwrap();
        assert!(done.status.success(), "{}", String::from_utf8_lossy(&done.stderr));
        let node = Node::open(dir.path()).unwrap();
        let machine = Self { _dir: dir, node };
        machine.make_template();
        machine
    }

    pub(crate) fn path(&self, relative: &str) -> PathBuf {
        self.node.layout.root().join(relative)
    }

    fn make_template(&self) {
        let tree = self.path("tree");
        let files = [
            ("etc/os-release", "ID=debian\nVERSION_ID=\"13\"\n"),
            ("etc/debian_version", "13.1\n"),
            ("etc/passwd", "root:x:0:0:root:/root:/bin/sh\n"),
            ("etc/machine-id", "0123456789abcdef0123456789abcdef\n"),
            ("etc/shadow", "root:$6$x:19000:0:99999:7:::\n"),
            ("etc/ssh/sshd_config", ""),
            ("tmp/residue", "x"),
        ];
        for (name, text) in files {
            let path = tree.join(name);
            fs::create_dir_all(path.parent().unwrap()).unwrap();
            fs::write(path, text).unwrap();
        }
        let template = self.path("storage/local/template/cache/tiny.tar.zst");
        let made = Command::new("tar").arg("--zstd").arg("-cf").arg(template).arg("-C").arg(&tree).arg(".").status();
        assert!(made.unwrap().success());
    }

    pub(crate) fn run(&self, words: &[&str]) -> Output {
        Command::new(env!("CARGO_BIN_EXE_pve-node"))
            .arg("--state")
            .arg(self.node.layout.root())
            .args(words)
            .output()
            .unwrap()
    }

    pub(crate) fn ok(&self, words: &[&str]) -> String {
        let output = self.run(words);
        let text = String::from_utf8_lossy(&output.stdout).into_owned();
        assert!(output.status.success(), "{words:?}: {text}{}", String::from_utf8_lossy(&output.stderr));
        text
    }

    pub(crate) fn refused(&self, words: &[&str]) -> String {
        let output = self.run(words);
        assert!(!output.status.success(), "{words:?} succeeded");
        String::from_utf8_lossy(&output.stderr).trim_end().to_owned()
    }
}
