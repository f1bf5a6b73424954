//! A node without containers: the builder's real program against a script that answers like a node's programs.

use std::fs;
use std::path::{Path, PathBuf};
use std::process::{Command, Output, Stdio};

use tempfile::TempDir;

/// A recipe that needs neither a bootstrap nor the first-boot program.
pub(crate) const RECIPE: &str = r#"
[golden]
name = "small"
[base]
template = "local:vztmpl/template.tar.zst"
[container]
unprivileged = true
features = ["nesting"]
rootfs = { storage = "local", size = "2G" }
net0 = { bridge = "vmbr0", ip = "dhcp" }
[[step]]
apt = ["curl"]
[[check]]
run = "true"
[clean]
host_keys = "guest-exec"
[release]
storage = "local"
"#;

/// The stand-in's state.
pub(crate) struct Node {
    dir: TempDir,
}

impl Node {
    /// A node with a template, and a tree that its guests have.
    pub(crate) fn new() -> Self {
        let node = Self { dir: tempfile::tempdir().unwrap() };
        node.write("template.tar.zst", "a template");
        node.write("storages", "local 9999999 rootdir,backup,vztmpl\n");
        node.write("recipe.toml", RECIPE);
        node.write("tree/etc/machine-id", "0123456789abcdef0123456789abcdef\n");
        node.write("tree/etc/hostname", "small\n");
        node.write("tree/etc/shadow", "root:*:20000:0:99999:7:::\n");
        node.write("tree/var/log/syslog", "a line of the build\n");
        node
    }

    pub(crate) fn path(&self, path: &str) -> PathBuf {
        self.dir.path().join(path)
    }

    pub(crate) fn write(&self, path: &str, text: &str) {
        let path = self.path(path);
        fs::create_dir_all(path.parent().unwrap()).unwrap();
        fs::write(path, text).unwrap();
    }

    pub(crate) fn read(&self, path: &str) -> String {
        fs::read_to_string(self.path(path)).unwrap_or_default()
    }

    /// Names in a folder, sorted; none where there is no folder.
    pub(crate) fn names(&self, path: &str) -> Vec<String> {
        let entries = fs::read_dir(self.path(path)).into_iter().flatten();
        let mut names: Vec<String> =
            entries.map(|entry| entry.unwrap().file_name().to_string_lossy().into_owned()).collect();
        names.sort();
        names
    }

    /// `image-builder ARGUMENTS --node …`, not yet started.
    pub(crate) fn command(&self, arguments: &[&str]) -> Command {
        let script = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/stand_in/pve-node.sh");
        let mut command = Command::new(env!("CARGO_BIN_EXE_image-builder"));
        command.args(arguments).arg("--node").arg(self.dir.path()).env("PVE_NODE_PROGRAM", script);
        command.stdin(Stdio::null()).stdout(Stdio::piped()).stderr(Stdio::piped());
        command
    }

    /// The same, to its end.
    pub(crate) fn run(&self, arguments: &[&str]) -> Output {
        self.command(arguments).output().unwrap()
    }

    /// `image-builder build` of the recipe.
    pub(crate) fn build(&self, more: &[&str]) -> Output {
        let recipe = self.path("recipe.toml");
        self.run(&[&["build", recipe.to_str().unwrap()], more].concat())
    }

    /// Panics unless nothing of a build is left: no guest, no archive, no record.
    pub(crate) fn assert_empty(&self) {
        for folder in ["guests", "dump", "mintmark-builds"] {
            assert_eq!(self.names(folder), Vec::<String>::new(), "{folder}; calls:\n{}", self.read("calls"));
        }
    }
}

/// Stderr as text.
pub(crate) fn said(output: &Output) -> String {
    String::from_utf8_lossy(&output.stderr).into_owned()
}
