//! A job's options together with the node's defaults, and where its archives go.

use std::collections::BTreeMap;
use std::path::PathBuf;

use super::{Defaults, VzdumpRequest};
use crate::error::{Die, chain};
use crate::state::{Node, Retention, StorageConfig};

/// What temporary files leave behind is in no backup, unless somebody asks for it.
const STANDARD_EXCLUDES: [&str; 3] = ["/tmp/?*", "/var/tmp/?*", "/var/run/?*.pid"];

/// What holds for a job.
pub(super) struct Settings {
    values: BTreeMap<String, String>,
    /// Patterns of what is left out; those that begin with a slash hold from the guest's root, the others anywhere.
    pub(super) excludes: Vec<String>,
    /// Where the archive goes instead of a file.
    pub(super) stdout: Option<PathBuf>,
}

impl Settings {
    /// Options over defaults. A storage and a directory exclude each other.
    pub(super) fn merge(request: &VzdumpRequest, defaults: &Defaults) -> Result<Self, Die> {
        let mut values = request.options.clone();
        let placed = values.contains_key("storage") || values.contains_key("dumpdir");
        for (key, value) in defaults.values() {
            let place = matches!(key.as_str(), "storage" | "dumpdir");
            if key != "prune-backups" && !(place && placed) {
                values.entry(key.clone()).or_insert_with(|| value.clone());
            }
        }
        for other in ["stdout", "dumpdir"] {
            let given = if other == "stdout" { request.stdout.is_some() } else { values.contains_key(other) };
            if values.contains_key("storage") && given {
                return Err(Die::text(format!("cannot use options 'storage' and '{other}' at the same time")));
            }
        }
        if !values.contains_key("storage") && !values.contains_key("dumpdir") {
            values.insert("storage".to_owned(), "local".to_owned());
        }
        let mut excludes = defaults.exclude_paths().to_vec();
        excludes.extend(request.exclude_paths.iter().cloned());
        if values.get("stdexcludes").is_some_and(|value| value == "1") {
            excludes.extend(STANDARD_EXCLUDES.map(str::to_owned));
        }
        Ok(Self { values, excludes, stdout: request.stdout.as_ref().map(PathBuf::from) })
    }

    /// A text.
    pub(super) fn text(&self, key: &str) -> Option<&str> {
        self.values.get(key).map(String::as_str).filter(|value| !value.is_empty())
    }

    /// A number; absent reads as 0.
    pub(super) fn number(&self, key: &str) -> u64 {
        self.text(key).and_then(|text| text.parse().ok()).unwrap_or(0)
    }

    /// A boolean.
    pub(super) fn flag(&self, key: &str) -> bool {
        self.text(key) == Some("1")
    }

    /// Whether the outcome goes through the node's notifications, which here reach nobody.
    pub(super) fn notifies(&self) -> bool {
        match self.text("notification-mode") {
            Some("legacy-sendmail") => false,
            Some("notification-system") => true,
            _ => self.text("mailto").is_none(),
        }
    }
}

/// Where a job's archives go, and which older ones it leaves.
pub(super) struct Target {
    /// The storage, where one takes them.
    pub(super) storage: Option<StorageConfig>,
    /// The directory.
    pub(super) dumpdir: PathBuf,
    /// Which backups stay.
    pub(super) retention: Retention,
    /// Whether the others go.
    pub(super) remove: bool,
}

impl Target {
    /// Looks the place up; all that is wrong is told together.
    pub(super) fn find(node: &Node, settings: &Settings) -> Result<Self, Die> {
        let mut errors = Vec::new();
        let storage = settings.text("storage").and_then(|id| storage(node, id, &mut errors));
        let dumpdir = match (&storage, settings.text("dumpdir")) {
            (Some(storage), _) => node.storages().path(storage).join("dump"),
            (None, path) => PathBuf::from(path.unwrap_or_default().trim_end_matches('/')),
        };
        if settings.text("dumpdir").is_some() && !dumpdir.is_dir() {
            errors.push(format!("dumpdir '{}' does not exist", dumpdir.display()));
        }
        if let Some(tmpdir) = settings.text("tmpdir").filter(|path| !PathBuf::from(path).is_dir()) {
            errors.push(format!("tmpdir '{}' does not exist", tmpdir.trim_end_matches('/')));
        }
        if !errors.is_empty() {
            return Err(Die::text(errors.join("\n")));
        }
        let given = settings.text("prune-backups").and_then(|text| Retention::parse(text).ok());
        let default = || Defaults::read(node).get("prune-backups").and_then(|text| Retention::parse(text).ok());
        let of_storage = storage.as_ref().and_then(StorageConfig::retention);
        let retention = given.or(of_storage).or_else(default).unwrap_or_else(Retention::keep_all);
        let remove = settings.flag("remove") && !retention.keeps_all();
        Ok(Self { storage, dumpdir, retention, remove })
    }
}

/// A storage that may take backups; Proxmox looks twice and tells both looks.
fn storage(node: &Node, id: &str, errors: &mut Vec<String>) -> Option<StorageConfig> {
    if let Err(error) = node.storages().usable(id) {
        errors.push(format!("could not activate storage '{id}': {}", chain(&error)));
    }
    let found = node.storages().get(id).map_err(|error| chain(&error)).and_then(|storage| {
        let holds = storage.holds("backup");
        holds.then_some(storage).ok_or_else(|| format!("can't use storage '{id}' for backups - wrong content type"))
    });
    found.map_err(|why| errors.push(format!("could not get storage information for '{id}': {why}"))).ok()
}

#[cfg(test)]
mod tests {
    use std::fs;

    use super::super::request::tests::params;
    use super::*;
    use crate::state::NodeConfig;

    fn node() -> (tempfile::TempDir, Node) {
        let dir = tempfile::tempdir().unwrap();
        let node = Node::init(dir.path(), &NodeConfig::default()).unwrap();
        (dir, node)
    }

    fn settings(node: &Node, pairs: &[(&str, &str)]) -> Result<Settings, Die> {
        let mut all = vec![("vmid", "100")];
        all.extend(pairs);
        Settings::merge(&VzdumpRequest::of(node, &params(&all), false).unwrap(), &Defaults::read(node))
    }

    #[test]
    fn options_go_before_defaults() {
        let (_dir, node) = node();
        fs::write(node.layout.vzdump_conf(), "mode: stop\ndumpdir: /x\nexclude-path: /a\n").unwrap();
        let merged = settings(&node, &[("mode", "suspend"), ("exclude-path", "*.pyc")]).unwrap();
        assert_eq!((merged.text("mode"), merged.number("lockwait")), (Some("suspend"), 180));
        assert_eq!(merged.excludes, ["/a", "*.pyc", "/tmp/?*", "/var/tmp/?*", "/var/run/?*.pid"]);
        assert_eq!((merged.text("dumpdir"), merged.text("storage")), (Some("/x"), None));
        let merged = settings(&node, &[("storage", "local"), ("stdexcludes", "0")]).unwrap();
        assert_eq!((merged.text("dumpdir"), merged.excludes.len()), (None, 1));
        let both = settings(&node, &[("storage", "local"), ("dumpdir", "/x")]).err().unwrap();
        assert_eq!(both.to_string(), "cannot use options 'storage' and 'dumpdir' at the same time");
    }

    #[test]
    fn a_place_that_is_not_there_is_told_as_proxmox_tells_it() {
        let (_dir, node) = node();
        let target = |pairs: &[(&str, &str)]| Target::find(&node, &settings(&node, pairs).unwrap());
        let why = target(&[("storage", "nosuch")]).err().unwrap().to_string();
        assert_eq!(
            why.replace('\n', " "),
            "could not activate storage 'nosuch': storage 'nosuch' does not exist could not get storage information for \
             'nosuch': storage 'nosuch' does not exist"
        );
        let why = target(&[("dumpdir", "/no/such/")]).err().unwrap().to_string();
        assert_eq!(why, "dumpdir '/no/such' does not exist");
        assert!(!target(&[]).unwrap().remove);
        let kept = target(&[("storage", "local"), ("prune-backups", "keep-last=2")]).unwrap();
        assert!(kept.remove && kept.retention.limit() == 2);
    }
}
