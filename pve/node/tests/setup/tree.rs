//! A guest's tree in a temporary directory.

use std::fs;
use std::os::unix::fs::{PermissionsExt, symlink};
use std::path::PathBuf;
use std::sync::Mutex;

use pve_node::error::Die;
use pve_node::setup::{Around, NewGuest, Say, Setup};
use spec::pct::PctConf;

/// The tree, its guest's configuration, and what was said about it.
pub(crate) struct Tree {
    directory: tempfile::TempDir,
    conf: PctConf,
    said: Said,
}

#[derive(Default)]
struct Said(Mutex<Vec<String>>);

impl Say for Said {
    fn line(&self, text: &str) {
        self.0.lock().unwrap().push(text.to_owned());
    }

    fn warn(&self, text: &str) {
        self.line(&format!("WARN: {text}"));
    }
}

impl Tree {
    /// A tree of these files. A text that begins with `-> ` makes a link, one that begins with `#!` a program.
    pub(crate) fn new(files: &[(&str, &str)]) -> Self {
        let tree =
            Self { directory: tempfile::tempdir().unwrap(), conf: PctConf::parse(RESOLVER), said: Said::default() };
        fs::create_dir(tree.path("/etc")).unwrap();
        for (file, text) in files {
            let path = tree.path(file);
            fs::create_dir_all(path.parent().unwrap()).unwrap();
            match text.strip_prefix("-> ") {
                Some(target) => symlink(target, &path).unwrap(),
                None => fs::write(&path, text).unwrap(),
            }
            if text.starts_with("#!") {
                fs::set_permissions(&path, fs::Permissions::from_mode(0o755)).unwrap();
            }
        }
        tree
    }

    /// A configuration beside the resolver's.
    pub(crate) fn with(mut self, conf: &str) -> Self {
        self.conf = PctConf::parse(&format!("arch: amd64\n{conf}{RESOLVER}"));
        self
    }

    fn path(&self, file: &str) -> PathBuf {
        self.directory.path().join(file.trim_start_matches('/'))
    }

    /// Does something with it.
    pub(crate) fn setup<'t>(&'t self, work: impl FnOnce(&Setup<'t>) -> Result<(), Die>) -> Result<(), Die> {
        let around = Around { bridge: "10.0.0.1".parse().unwrap(), scratch: self.path("/scratch") };
        work(&Setup::open(self.directory.path(), &self.conf, &around, &self.said)?)
    }

    /// Creates, twice: the second time must change nothing.
    pub(crate) fn created(self) -> Self {
        let created = |setup: &Setup<'_>| setup.after_create(NewGuest::default());
        self.setup(created).unwrap();
        self.setup(created).unwrap();
        self
    }

    /// Starts.
    pub(crate) fn started(self) -> Self {
        self.setup(Setup::before_start).unwrap();
        self
    }

    /// Creates and fails.
    pub(crate) fn refused(&self) -> String {
        self.setup(|setup| setup.after_create(NewGuest::default())).unwrap_err().to_string()
    }

    /// What was found out: `ostype/arch`.
    pub(crate) fn found(&self) -> String {
        let mut conf = self.conf.clone();
        self.setup(|setup| setup.settle(&mut conf)).unwrap();
        format!("{}/{}", conf.get("ostype").unwrap_or_default(), conf.get("arch").unwrap_or_default())
    }

    /// A file's text, a link's target behind `-> `; nothing where there is nothing.
    pub(crate) fn text(&self, file: &str) -> String {
        let path = self.path(file);
        match fs::read_link(&path) {
            Ok(target) => format!("-> {}", target.display()),
            Err(_) => fs::read_to_string(&path).unwrap_or_default(),
        }
    }

    /// A file's mode.
    pub(crate) fn mode(&self, file: &str) -> u32 {
        fs::metadata(self.path(file)).unwrap().permissions().mode() & 0o7777
    }

    /// What was said.
    pub(crate) fn said(&self) -> Vec<String> {
        self.said.0.lock().unwrap().clone()
    }
}

const RESOLVER: &str = "nameserver: 10.0.0.53\nsearchdomain: a.test\n";
