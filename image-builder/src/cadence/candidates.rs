//! What the packages' archives would install today, asked of this machine's apt in a folder of its own: no guest is
//! needed, and nothing of the machine's own apt is touched.

use std::collections::BTreeMap;
use std::env;
use std::fs;
use std::io;
use std::path::{Path, PathBuf};
use std::time::Duration;

use pve_host::process::{CommandError, Invocation};
use spec::release::{AptSource, Lock};
use uuid::Uuid;

/// The longest that fetching the indices may take.
const LIMIT: Duration = Duration::from_mins(10);
/// Debian's own keyring, for sources that name none.
const DEBIAN_KEYRING: &str = "/usr/share/keyrings/debian-archive-keyring.gpg";

/// Why it is not known.
#[derive(Debug, thiserror::Error)]
pub enum CandidatesError {
    /// The lock names no sources, so there is nobody to ask.
    #[error("the last release's lock names no source of its packages; build once with --update-lock")]
    NoSources,
    /// A keyring is missing on this machine.
    #[error("{uri} {suite} is held against {keyring}, which is not on this machine; copy it here from a guest")]
    NoKeyring {
        /// The archive.
        uri: String,
        /// Its distribution.
        suite: String,
        /// The keyring.
        keyring: String,
    },
    /// The folder for apt's state.
    #[error("cannot make a folder for apt's state")]
    Folder(#[source] io::Error),
    /// apt failed.
    #[error("apt does not fetch the indices")]
    Apt(#[from] CommandError),
}

/// Every locked package for which an archive would install another version now, a line each. Packages that no archive
/// offers (a recipe's own) have nothing to compare with.
pub(super) fn changes(lock: &Lock) -> Result<Vec<String>, CandidatesError> {
    if lock.packages.is_empty() {
        return Ok(Vec::new());
    }
    if lock.sources.is_empty() {
        return Err(CandidatesError::NoSources);
    }
    let state = State::make(lock)?;
    let (before, options) = (state.invocation("apt-get"), ["update", "--error-on=any", "--quiet"]);
    before.args(options).limit(LIMIT).ok()?;
    let shown = state.invocation("apt-cache").args(["policy", "--"]).args(lock.packages.keys()).limit(LIMIT).ok()?;
    Ok(newer(lock, &candidates(&shown.stdout)))
}

/// Reads `apt-cache policy`: the version that would be installed, by name.
fn candidates(text: &str) -> BTreeMap<String, String> {
    let mut candidates = BTreeMap::new();
    let mut name = None;
    for line in text.lines() {
        if let Some(package) = line.strip_suffix(':').filter(|package| !package.starts_with(' ')) {
            name = Some(package.to_owned());
        } else if let (Some(package), Some(version)) = (&name, line.trim_start().strip_prefix("Candidate: "))
            && version != "(none)"
        {
            candidates.insert(package.clone(), version.to_owned());
        }
    }
    candidates
}

fn newer(lock: &Lock, candidates: &BTreeMap<String, String>) -> Vec<String> {
    let one = |(name, package): (&String, &spec::release::LockedPackage)| {
        let candidate = candidates.get(name)?;
        (*candidate != package.version).then(|| format!("package {name}: locked {}, now {candidate}", package.version))
    };
    lock.packages.iter().filter_map(one).collect()
}

/// apt's state for one question; gone with this.
struct State {
    folder: PathBuf,
}

impl State {
    fn make(lock: &Lock) -> Result<Self, CandidatesError> {
        let folder = env::temp_dir().join(format!("mintmark-apt-{}", Uuid::new_v4()));
        let lines: Result<Vec<String>, CandidatesError> =
            lock.sources.iter().map(|source| Ok(line(source, keyring(source)?))).collect();
        let sources = lines?.concat();
        let state = Self { folder };
        let folder = &state.folder;
        let made = || {
            for part in ["lists/partial", "cache/archives/partial"] {
                fs::create_dir_all(folder.join(part))?;
            }
            fs::write(folder.join("status"), "")?;
            fs::write(folder.join("sources.list"), &sources)?;
            fs::write(folder.join("apt.conf"), configuration(folder, &architecture(lock)))
        };
        made().map_err(CandidatesError::Folder)?;
        Ok(state)
    }

    fn invocation(&self, program: &str) -> Invocation {
        let configuration = self.folder.join("apt.conf");
        Invocation::new("env").arg(format!("APT_CONFIG={}", configuration.display())).arg(program)
    }
}

impl Drop for State {
    fn drop(&mut self) {
        // A folder of indices in the machine's own place for such: nobody's loss where it stays.
        let _ = fs::remove_dir_all(&self.folder);
    }
}

/// The guests' architecture: dpkg's own.
fn architecture(lock: &Lock) -> String {
    lock.packages.get("dpkg").map_or_else(|| "amd64".to_owned(), |package| package.architecture.clone())
}

/// Everything of apt's in one folder; the machine's own configuration, sources and pins are not read.
fn configuration(folder: &Path, architecture: &str) -> String {
    let folder = folder.display();
    format!(
        "Dir::Etc::parts \"/nonexistent\";\nDir::Etc::main \"/nonexistent\";\nDir::Etc::sourcelist \
         \"{folder}/sources.list\";\nDir::Etc::sourceparts \"/nonexistent\";\nDir::Etc::preferences \
         \"/nonexistent\";\nDir::Etc::preferencesparts \"/nonexistent\";\nDir::State::lists \"{folder}/lists\";\n\
         Dir::State::status \"{folder}/status\";\nDir::Cache \"{folder}/cache\";\nAPT::Architecture \
         \"{architecture}\";\nAPT::Architectures {{ \"{architecture}\"; }};\nAcquire::Languages \"none\";\n\
         APT::Sandbox::User \"root\";\n"
    )
}

/// The keyring that a source is held against.
fn keyring(source: &AptSource) -> Result<&str, CandidatesError> {
    let keyring = source.signed_by.as_deref().unwrap_or(DEBIAN_KEYRING);
    if Path::new(keyring).is_file() {
        return Ok(keyring);
    }
    let AptSource { uri, suite, .. } = source;
    Err(CandidatesError::NoKeyring { uri: uri.clone(), suite: suite.clone(), keyring: keyring.to_owned() })
}

fn line(source: &AptSource, keyring: &str) -> String {
    let AptSource { uri, suite, component, .. } = source;
    format!("deb [signed-by={keyring}] {uri} {suite} {component}\n")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_what_an_archive_offers_otherwise_is_a_change() {
        let lock: Lock = serde_json::from_str(include_str!("../../../spec/fixtures/lock.json")).unwrap();
        let policy = |candidate: &str| {
            format!("adduser:\n  Installed: (none)\n  Candidate: {candidate}\n  Version table:\n     {candidate} 500\n")
        };
        let told = |candidate: &str| newer(&lock, &candidates(&policy(candidate)));
        assert_eq!(told("3.152"), Vec::<String>::new());
        assert_eq!(told("3.153"), ["package adduser: locked 3.152, now 3.153"]);
        assert_eq!(told("(none)"), Vec::<String>::new());
    }

    #[test]
    fn apt_reads_nothing_of_the_machines_own() {
        let text = configuration(Path::new("/tmp/x"), "arm64");
        for key in ["Dir::Etc::parts", "Dir::Etc::sourceparts", "Dir::Etc::preferencesparts"] {
            assert!(text.contains(&format!("{key} \"/nonexistent\"")), "{key}");
        }
        assert!(text.contains("Dir::State::status \"/tmp/x/status\"") && text.contains("\"arm64\""));
    }

    #[test]
    fn a_keyring_that_is_not_here_is_named() {
        let source = AptSource {
            uri: "https://x/y".into(),
            suite: "stable".into(),
            component: "main".into(),
            signed_by: Some("/nonexistent/k.gpg".into()),
        };
        assert!(keyring(&source).unwrap_err().to_string().contains("/nonexistent/k.gpg"));
        assert_eq!(line(&source, "/k.gpg"), "deb [signed-by=/k.gpg] https://x/y stable main\n");
    }
}
