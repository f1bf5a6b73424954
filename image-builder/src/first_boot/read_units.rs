//! The unit files of a tree, by systemd's precedence (systemd.unit(5)).

use std::collections::BTreeSet;
use std::ffi::OsStr;
use std::path::{Path, PathBuf};

use firstboot_unit::root::{Kind, Root, RootError};

use super::names::{is_unit, template};
use super::units::{Link, Source, Units};

/// Folders of unit files, the one that wins first. `/run` is left out: it is empty again at every boot.
const FOLDERS: [&str; 5] = [
    "/etc/systemd/system.control",
    "/etc/systemd/system",
    "/usr/local/lib/systemd/system",
    "/usr/lib/systemd/system",
    "/lib/systemd/system",
];
/// Far more than a unit file has.
const FILE_CAP: u64 = 1 << 20;

/// Reads all units; what cannot be read is noted in `unread`.
pub(super) fn read_units(root: &Root, unread: &mut Vec<String>) -> Units {
    let mut reader = Reader { root, units: Units::default(), links: BTreeSet::new(), unread };
    for folder in FOLDERS {
        reader.folder(Path::new(folder));
    }
    reader.units
}

struct Reader<'r> {
    root: &'r Root,
    units: Units,
    /// Links that were met, masked ones too: those of a folder with less precedence do not count.
    links: BTreeSet<(String, String)>,
    unread: &'r mut Vec<String>,
}

impl Reader<'_> {
    fn folder(&mut self, folder: &Path) {
        let in_etc = folder.starts_with("/etc");
        for (name, kind) in self.list(folder) {
            let path = folder.join(&name);
            if let Some(unit) = name.strip_suffix(".d") {
                self.drop_ins(unit, &path);
            } else if let Some(unit) = name.strip_suffix(".wants") {
                self.links(unit, &path, false, in_etc);
            } else if let Some(unit) = name.strip_suffix(".requires") {
                self.links(unit, &path, true, in_etc);
            } else if is_unit(&name) && !self.units.sources.contains_key(&name) {
                let source = self.source(&name, &path, kind, in_etc);
                self.units.sources.extend(source.map(|source| (name, source)));
            }
        }
    }

    fn source(&mut self, name: &str, path: &Path, kind: Kind, in_etc: bool) -> Option<Source> {
        if kind == Kind::Link {
            let target = self.noted(self.root.chain(path))?.pop()?;
            if target == Path::new("/dev/null") {
                return Some(Source::Masked { in_etc });
            }
            let of = target.file_name().and_then(OsStr::to_str).unwrap_or_default();
            if of != name && template(name).as_deref() != Some(of) && is_unit(of) {
                return Some(Source::Alias { of: of.to_owned(), in_etc });
            }
        }
        let text = self.noted(self.root.read_text(path, FILE_CAP))??;
        Some(if text.is_empty() { Source::Masked { in_etc } } else { Source::File(text) })
    }

    fn drop_ins(&mut self, unit: &str, folder: &Path) {
        for (file, _) in self.list(folder) {
            let known = self.units.drop_ins.get(unit).is_some_and(|files| files.contains_key(&file));
            if known || Path::new(&file).extension().is_none_or(|end| end != "conf") {
                continue;
            }
            let path = folder.join(&file);
            let masked = self.is_null(&path);
            let text =
                if masked { Some(String::new()) } else { self.noted(self.root.read_text(&path, FILE_CAP)).flatten() };
            if let Some(text) = text {
                self.units.drop_ins.entry(unit.to_owned()).or_default().insert(file, text);
            }
        }
    }

    /// The names in such a folder count, wherever the links lead; one to `/dev/null` takes a vendor's link away.
    fn links(&mut self, from: &str, folder: &Path, required: bool, in_etc: bool) {
        for (to, _) in self.list(folder) {
            if !is_unit(&to) || !self.links.insert((format!("{from}/{required}"), to.clone())) {
                continue;
            }
            if !self.is_null(&folder.join(&to)) {
                self.units.links.push(Link { from: from.to_owned(), to, required, in_etc });
            }
        }
    }

    fn is_null(&mut self, path: &Path) -> bool {
        let chain: Vec<PathBuf> = self.noted(self.root.chain(path)).unwrap_or_default();
        chain.last().is_some_and(|last| last == Path::new("/dev/null"))
    }

    fn list(&mut self, folder: &Path) -> Vec<(String, Kind)> {
        let entries = self.noted(self.root.list(folder)).flatten().unwrap_or_default();
        entries.into_iter().map(|entry| (entry.name.to_string_lossy().into_owned(), entry.kind)).collect()
    }

    fn noted<T>(&mut self, read: Result<T, RootError>) -> Option<T> {
        read.map_err(|error| self.unread.push(format!("{}: {}", error.path.display(), error.cause))).ok()
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::first_boot::units::Loaded;

    fn tree(files: &[(&str, &str)], links: &[(&str, &str)]) -> (tempfile::TempDir, Units) {
        let dir = tempfile::tempdir().unwrap();
        let root = Root::open(dir.path()).unwrap();
        for (path, text) in files {
            root.make_directories(Path::new(path).parent().unwrap(), 0o755).unwrap();
            std::fs::write(dir.path().join(&path[1..]), text).unwrap();
        }
        for (path, target) in links {
            root.make_directories(Path::new(path).parent().unwrap(), 0o755).unwrap();
            root.symlink(target, path).unwrap();
        }
        let mut unread = Vec::new();
        let units = read_units(&root, &mut unread);
        assert_eq!(unread, Vec::<String>::new());
        (dir, units)
    }

    #[test]
    fn etc_wins_masks_and_names() {
        let (_dir, units) = tree(
            &[
                ("/usr/lib/systemd/system/a.service", "[Unit]\nAfter=vendor\n"),
                ("/usr/lib/systemd/system/m.service", "[Unit]\n"),
                ("/usr/lib/systemd/system/e.service", "[Unit]\n"),
                ("/etc/systemd/system/a.service", "[Unit]\nAfter=admin\n"),
                ("/etc/systemd/system/e.service", ""),
                ("/etc/systemd/system/a.service.d/x.conf", "[Unit]\nBefore=own\n"),
                ("/usr/lib/systemd/system/a.service.d/x.conf", "[Unit]\nBefore=vendor\n"),
                ("/usr/lib/systemd/system/service.d/all.conf", "[Unit]\nWants=all\n"),
            ],
            &[
                ("/etc/systemd/system/m.service", "/dev/null"),
                ("/etc/systemd/system/other.service", "/usr/lib/systemd/system/a.service"),
                ("/etc/systemd/system/multi-user.target.wants/gone.service", "/lib/systemd/system/gone.service"),
                ("/etc/systemd/system/multi-user.target.wants/off.service", "/dev/null"),
                ("/usr/lib/systemd/system/multi-user.target.wants/off.service", "../off.service"),
            ],
        );
        let unit = units.unit("other.service").unwrap();
        assert_eq!(
            (unit.name.as_str(), &unit.after[..], &unit.before[..]),
            ("a.service", &["admin".into()][..], &["own".into()][..])
        );
        assert_eq!(unit.wants, ["all"]);
        assert_eq!((units.load("m.service"), units.load("e.service")), (Loaded::Masked, Loaded::Masked));
        assert_eq!(units.masked_in_etc(), ["e.service", "m.service"]);
        let links: Vec<&str> = units.links.iter().map(|link| link.to.as_str()).collect();
        assert_eq!(links, ["gone.service"]);
    }
}
