//! Secrets, searched for in everything that the agent wrote, said and showed.

use std::fs;
use std::path::Path;

use anyhow::{Context, Result, ensure};

use crate::lab::Lab;

/// What must be found nowhere, and what to call it.
pub(super) struct Canaries(Vec<(&'static str, Vec<u8>)>);

impl Canaries {
    /// The lab's own: the API token's secret, and the private half of the SSH CA.
    pub(super) fn of(lab: &Lab) -> Result<Self> {
        let token = fs::read_to_string(lab.layout.token()).context("reading the token")?;
        let secret = token.trim().rsplit('=').next().unwrap_or_default();
        let key = fs::read_to_string(lab.layout.user_ca()).context("reading the CA's key")?;
        let lines: Vec<&str> = key.lines().filter(|line| !line.starts_with('-')).collect();
        // The first lines of an OpenSSH key hold its format and its public half.
        let private = lines.iter().rev().nth(1).copied().unwrap_or_default();
        ensure!(secret.len() >= 16 && private.len() >= 32, "the secrets are too short to be searched for");
        let private = [("the SSH CA's private key", private.as_bytes().to_vec())];
        Ok(Self([("the API token's secret", secret.as_bytes().to_vec())].into_iter().chain(private).collect()))
    }

    /// Which of them are in these bytes.
    pub(super) fn search(&self, place: &str, bytes: &[u8]) -> Vec<String> {
        let found = self.0.iter().filter(|(_, secret)| contains(bytes, secret));
        found.map(|(name, _)| format!("S: {name} is in {place}")).collect()
    }

    /// Searches what a running process shows of itself: its arguments and its environment.
    pub(super) fn search_process(&self, pid: u32) -> Vec<String> {
        let read = |name: &str| fs::read(format!("/proc/{pid}/{name}")).unwrap_or_default();
        let shown = ["cmdline", "environ"].map(|name| self.search(name, &read(name)));
        shown.concat()
    }

    /// Searches the ledger, the journal, and what lies beside them.
    pub(super) fn search_files(&self, lab: &Lab) -> Result<Vec<String>> {
        let ledger = lab.layout.ledger();
        let folder = ledger.parent().context("the ledger's folder")?;
        let begin = ledger.file_name().context("the ledger's name")?.to_string_lossy().into_owned();
        let mut found = self.search("known_hosts", &fs::read(lab.layout.known_hosts()).unwrap_or_default());
        for entry in fs::read_dir(folder).context("reading the lab's folder")? {
            let path = entry?.path();
            let own = path.file_name().is_some_and(|name| name.to_string_lossy().starts_with(&begin));
            if own && path.is_file() {
                found.extend(self.search(&path.display().to_string(), &read(&path)?));
            }
        }
        Ok(found)
    }
}

fn read(path: &Path) -> Result<Vec<u8>> {
    fs::read(path).with_context(|| format!("reading {}", path.display()))
}

fn contains(bytes: &[u8], wanted: &[u8]) -> bool {
    bytes.windows(wanted.len()).any(|window| window == wanted)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_secret_is_found_wherever_it_stands() {
        let canaries = Canaries(vec![("the token", b"0193f2a4".to_vec())]);
        assert_eq!(canaries.search("a log", b"token=0193f2a4\n"), ["S: the token is in a log"]);
        assert!(canaries.search("a log", b"token=0193f2a").is_empty());
    }
}
