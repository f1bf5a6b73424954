//! Bytes by package and directory, and what nobody accounts for.

use std::collections::{BTreeMap, HashMap};

use serde::{Deserialize, Serialize};

use super::makers::maker;

/// A file or link of a tree.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct SizedFile {
    /// Its absolute path.
    pub path: String,
    /// Bytes of content; none for a link.
    pub bytes: u64,
}

/// Which package owns which path.
#[derive(Debug, Clone, Default)]
pub struct Owners {
    packages: Vec<String>,
    by_path: HashMap<String, usize>,
    /// `/lib` → `/usr/lib`: where a tree's own top folders lead.
    links: Vec<(String, String)>,
}

/// Where a tree's bytes are.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Attribution {
    /// Files and links.
    pub files: u64,
    /// Bytes of all files.
    pub bytes: u64,
    /// Bytes by package.
    pub packages: BTreeMap<String, u64>,
    /// Bytes by directory, at most [`Attribution::DEPTH`] deep.
    pub directories: BTreeMap<String, u64>,
    /// Bytes in no package, by who is known to have made them.
    pub made: BTreeMap<String, u64>,
    /// Files in no package that nobody is known to make, greatest first; at most [`Attribution::MOST_UNEXPLAINED`].
    pub unexplained: Vec<Unexplained>,
    /// How many there are in all.
    pub unexplained_files: u64,
    /// Their bytes in all.
    pub unexplained_bytes: u64,
}

/// A file that nobody accounts for.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Unexplained {
    /// Its path.
    pub path: String,
    /// Its bytes.
    pub bytes: u64,
}

impl Owners {
    /// Owners in a tree whose top folders are links: `("/lib", "usr/lib")`.
    pub fn with_links(links: impl IntoIterator<Item = (String, String)>) -> Self {
        let absolute = |target: String| format!("/{}", target.trim_start_matches('/'));
        let links = links.into_iter().map(|(path, target)| (format!("{path}/"), format!("{}/", absolute(target))));
        Self { links: links.collect(), ..Self::default() }
    }

    /// Notes a package's files.
    pub fn add<'a>(&mut self, package: &str, paths: impl IntoIterator<Item = &'a str>) {
        let number = self.packages.len();
        self.packages.push(package.to_owned());
        for path in paths.into_iter().filter(|path| path.starts_with('/')) {
            let path = self.real(path);
            self.by_path.insert(path, number);
        }
    }

    /// Notes dpkg's diversions: what was moved aside still belongs to its package.
    pub fn divert(&mut self, diversions: &str) {
        let lines: Vec<&str> = diversions.lines().collect();
        for [from, to, _by] in lines.as_chunks::<3>().0 {
            if let Some(number) = self.by_path.get(&self.real(from)).copied() {
                let to = self.real(to);
                self.by_path.entry(to).or_insert(number);
            }
        }
    }

    /// The package that a path belongs to.
    pub fn owner(&self, path: &str) -> Option<&str> {
        self.by_path.get(path).and_then(|number| self.packages.get(*number)).map(String::as_str)
    }

    fn real(&self, path: &str) -> String {
        let link = self.links.iter().find_map(|(link, target)| Some(format!("{target}{}", path.strip_prefix(link)?)));
        link.unwrap_or_else(|| path.to_owned())
    }
}

impl Attribution {
    /// Components of a directory that are told apart.
    pub const DEPTH: usize = 3;
    /// The most files in [`Attribution::unexplained`].
    pub const MOST_UNEXPLAINED: usize = 200;

    /// Attributes a tree. `also` names the maker of files that only the caller knows of.
    pub fn of<'a>(
        files: impl IntoIterator<Item = &'a SizedFile>,
        owners: &Owners,
        also: impl Fn(&str) -> Option<&'static str>,
    ) -> Self {
        let mut found = Self::default();
        for file in files {
            found.files += 1;
            found.bytes += file.bytes;
            *found.directories.entry(directory(&file.path)).or_default() += file.bytes;
            if let Some(package) = owners.owner(&file.path) {
                *found.packages.entry(package.to_owned()).or_default() += file.bytes;
            } else if let Some(maker) = also(&file.path).or_else(|| maker(&file.path)) {
                *found.made.entry(maker.to_owned()).or_default() += file.bytes;
            } else {
                found.unexplained.push(Unexplained { path: file.path.clone(), bytes: file.bytes });
            }
        }
        found.unexplained_files = u64::try_from(found.unexplained.len()).unwrap_or(u64::MAX);
        found.unexplained_bytes = found.unexplained.iter().map(|file| file.bytes).sum();
        found.unexplained.sort_by(|a, b| b.bytes.cmp(&a.bytes).then_with(|| a.path.cmp(&b.path)));
        found.unexplained.truncate(Self::MOST_UNEXPLAINED);
        found
    }

    /// The packages with the most bytes, greatest first.
    pub fn greatest_packages(&self, most: usize) -> Vec<(&str, u64)> {
        greatest(&self.packages, most)
    }

    /// The directories with the most bytes, greatest first.
    pub fn greatest_directories(&self, most: usize) -> Vec<(&str, u64)> {
        greatest(&self.directories, most)
    }
}

fn greatest(sums: &BTreeMap<String, u64>, most: usize) -> Vec<(&str, u64)> {
    let mut sorted: Vec<(&str, u64)> = sums.iter().map(|(name, bytes)| (name.as_str(), *bytes)).collect();
    sorted.sort_by(|a, b| b.1.cmp(&a.1).then_with(|| a.0.cmp(b.0)));
    sorted.truncate(most);
    sorted
}

/// The directory that a file is counted under.
fn directory(path: &str) -> String {
    let mut parts: Vec<&str> = path.split('/').filter(|part| !part.is_empty()).collect();
    parts.pop();
    parts.truncate(Attribution::DEPTH);
    format!("/{}", parts.join("/"))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn file(path: &str, bytes: u64) -> SizedFile {
        SizedFile { path: path.into(), bytes }
    }

    #[test]
    fn every_byte_is_attributed_once() {
        let mut owners = Owners::with_links([("/lib".to_owned(), "usr/lib".to_owned())]);
        owners.add("libc6", ["/.", "/lib/libc.so", "/usr/bin/ldd"]);
        owners.add("dash", ["/usr/bin/sh"]);
        owners.divert("/usr/bin/sh\n/usr/bin/sh.distrib\nbash\n");
        let files = [
            file("/usr/lib/libc.so", 100),
            file("/usr/bin/sh.distrib", 20),
            file("/etc/passwd", 3),
            file("/opt/app/data", 7),
            file("/opt/x", 9),
        ];
        let found = Attribution::of(&files, &owners, |path| (path == "/opt/x").then_some("the recipe"));
        assert_eq!(found.packages, [("dash".to_owned(), 20), ("libc6".to_owned(), 100)].into());
        assert_eq!(found.made, [("accounts".to_owned(), 3), ("the recipe".to_owned(), 9)].into());
        assert_eq!(found.unexplained, [Unexplained { path: "/opt/app/data".into(), bytes: 7 }]);
        let sum: u64 = found.packages.values().chain(found.made.values()).sum();
        assert_eq!((found.files, found.bytes), (5, sum + found.unexplained_bytes));
        assert_eq!(found.directories.values().sum::<u64>(), found.bytes);
        assert_eq!(found.greatest_packages(1), [("libc6", 100)]);
        assert_eq!(found.greatest_directories(1), [("/usr/lib", 100)]);
    }
}
