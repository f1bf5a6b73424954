//! Adding, changing and removing storages.

use std::collections::BTreeMap;

use spec::ids::StorageId;

use super::{StorageConfig, StorageKind, Storages};
use crate::error::{Die, chain};

/// Properties as they were given.
pub type Properties = BTreeMap<String, String>;

impl Storages<'_> {
    /// Adds a storage and makes it ready.
    pub fn create(&self, id: &StorageId, kind: StorageKind, given: Properties) -> Result<StorageConfig, Die> {
        let mut properties = known(kind, given)?;
        let path = properties.get("path").ok_or_else(|| Die::text("missing value for required option 'path'"))?;
        properties.insert("path".to_owned(), clean_path(path)?);
        let storage = StorageConfig { id: id.clone(), kind, properties };
        let added = self.change(|document, _| {
            if document.storages().any(|known| known.id == *id) {
                return Err(Die::text(format!("storage ID '{id}' already defined")));
            }
            if !storage.disabled() && storage.is_on(self.node.name()) {
                super::activation::activate(&self.path(&storage), &storage)?;
            }
            document.put(storage.clone());
            Ok(())
        });
        added.map(|()| storage).map_err(|error| failed("create", &error))
    }

    /// Sets properties and removes those in `delete`. A digest that is not the file's refuses.
    pub fn update(
        &self,
        id: &str,
        given: Properties,
        delete: &[&str],
        digest: Option<&str>,
    ) -> Result<StorageConfig, Die> {
        let mut changed = None;
        let done = self.change(|document, now| {
            if digest.is_some_and(|digest| digest != now) {
                return Err(Die::Modified);
            }
            let found = document.storages().find(|storage| storage.id.as_str() == id).cloned();
            let mut storage = found.ok_or_else(|| Die::NoStorage { storage: id.to_owned() })?;
            let given = known(storage.kind, given)?;
            if given.contains_key("path") {
                return Err(Die::text("can't change value of fixed parameter 'path'"));
            }
            delete.iter().try_for_each(|key| may_delete(storage.kind, key, &given))?;
            storage.properties.retain(|key, _| !delete.contains(&key.as_str()));
            storage.properties.extend(given);
            document.put(storage.clone());
            changed = Some(storage);
            Ok(())
        });
        done.map_err(|error| failed("update", &error))?;
        changed.ok_or_else(|| Die::NoStorage { storage: id.to_owned() })
    }

    /// Removes a storage from the file; what lies on it stays.
    pub fn delete(&self, id: &str) -> Result<(), Die> {
        let done = self.change(|document, _| {
            if !document.storages().any(|storage| storage.id.as_str() == id) {
                return Err(Die::NoStorage { storage: id.to_owned() });
            }
            document.remove(id);
            Ok(())
        });
        done.map_err(|error| failed("delete", &error))
    }
}

fn failed(verb: &str, error: &Die) -> Die {
    Die::text(format!("{verb} storage failed: {}", chain(error)))
}

fn known(kind: StorageKind, given: Properties) -> Result<Properties, Die> {
    match given.keys().find(|key| !kind.knows(key)) {
        Some(key) => Err(Die::text(format!("unexpected property '{key}'"))),
        None => Ok(given.into_iter().filter(|(key, value)| key != "nodes" || !value.is_empty()).collect()),
    }
}

fn may_delete(kind: StorageKind, key: &str, given: &Properties) -> Result<(), Die> {
    let why = match key {
        "path" => "unable to delete required option 'path'".to_owned(),
        _ if !kind.knows(key) => format!("no such option '{key}'"),
        _ if given.contains_key(key) => format!("cannot set and delete property '{key}' at the same time!"),
        _ => return Ok(()),
    };
    Err(Die::text(why))
}

/// An absolute path of harmless characters, without what it does not need.
fn clean_path(path: &str) -> Result<String, Die> {
    let harmless = |c: char| c.is_ascii_alphanumeric() || matches!(c, '/' | '-' | '_' | '.' | '@');
    if !path.starts_with('/') || path.len() < 2 || !path.chars().all(harmless) {
        return Err(Die::text(format!("illegal path for directory storage: {path}")));
    }
    let parts: Vec<&str> = path.split('/').filter(|part| !part.is_empty() && *part != ".").collect();
    Ok(format!("/{}", parts.join("/")))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::state::{Node, NodeConfig};

    fn properties(pairs: &[(&str, &str)]) -> Properties {
        pairs.iter().map(|(key, value)| ((*key).to_owned(), (*value).to_owned())).collect()
    }

    #[test]
    fn a_storage_comes_changes_and_goes() {
        let dir = tempfile::tempdir().unwrap();
        let node = Node::init(&dir.path().join("n"), &NodeConfig::default()).unwrap();
        let (storages, id) = (node.storages(), "second".parse().unwrap());
        let path = format!("{}/second//", dir.path().display());
        let given = properties(&[("path", &path), ("content", "backup")]);
        storages.create(&id, StorageKind::Dir, given.clone()).unwrap();
        assert!(dir.path().join("second/dump").is_dir());
        let again = storages.create(&id, StorageKind::Dir, given).unwrap_err().to_string();
        assert_eq!(again, "create storage failed: storage ID 'second' already defined");

        let set = properties(&[("prune-backups", "keep-last=3"), ("disable", "1")]);
        storages.update("second", set, &["content"], None).unwrap();
        let text = std::fs::read_to_string(node.layout.storage_cfg()).unwrap();
        let wanted =
            format!("dir: second\n\tdisable\n\tpath {}/second\n\tprune-backups keep-last=3\n\n", dir.path().display());
        assert_eq!(text, wanted);
        let refused = |given: Properties, delete: &[&str], digest: Option<&str>| {
            storages.update("second", given, delete, digest).unwrap_err().to_string()
        };
        assert_eq!(
            refused(Properties::new(), &[], Some("0")),
            "update storage failed: detected modified configuration - file changed by other user? Try again."
        );
        assert_eq!(
            refused(Properties::new(), &["path"], None),
            "update storage failed: unable to delete required option 'path'"
        );
        assert_eq!(
            refused(properties(&[("server", "x")]), &[], None),
            "update storage failed: unexpected property 'server'"
        );
        storages.delete("second").unwrap();
        assert_eq!(
            storages.delete("second").unwrap_err().to_string(),
            "delete storage failed: storage 'second' does not exist"
        );
    }

    #[test]
    fn paths_are_absolute_and_harmless() {
        assert_eq!(clean_path("/a//b/./c/").unwrap(), "/a/b/c");
        for bad in ["a/b", "/", "/a b", "/a;b"] {
            assert_eq!(clean_path(bad).unwrap_err().to_string(), format!("illegal path for directory storage: {bad}"));
        }
    }
}
