//! Secrets, searched for in everything that the agent wrote, said and showed.

use std::collections::BTreeSet;
use std::fs;

use aho_corasick::AhoCorasick;
use anyhow::{Context, Result, ensure};

use super::agent::Agent;
use super::vault::Vault;
use crate::lab::Lab;

/// What must be found nowhere, and what to call it.
pub(super) struct Canaries {
    names: Vec<&'static str>,
    searched: AhoCorasick,
}

impl Canaries {
    /// The API token's secret and the private half of the SSH CA, which are the lab's; what a customer's secret is, and
    /// what opens it.
    pub(super) fn of(lab: &Lab, vault: &Vault) -> Result<Self> {
        let token = fs::read_to_string(lab.layout.token()).context("reading the token")?;
        let secret = token.trim().rsplit('=').next().unwrap_or_default();
        let key = fs::read_to_string(lab.layout.user_ca()).context("reading the CA's key")?;
        let lines: Vec<&str> = key.lines().filter(|line| !line.starts_with('-')).collect();
        // The first lines of an OpenSSH key hold its format and its public half.
        let private = lines.iter().rev().nth(1).copied().unwrap_or_default();
        Self::new(&[
            ("the API token's secret", secret),
            ("the SSH CA's private key", private),
            ("a customer's secret", &vault.value),
            ("the age identity", &vault.identity),
        ])
    }

    fn new(secrets: &[(&'static str, &str)]) -> Result<Self> {
        for (name, secret) in secrets {
            ensure!(secret.len() >= 16, "{name} is too short to be searched for");
        }
        let (names, texts): (Vec<_>, Vec<_>) = secrets.iter().copied().unzip();
        // As these texts are written anywhere: in JSON, SQL and TOML none of their characters is escaped.
        Ok(Self { names, searched: AhoCorasick::new(texts).context("preparing the search for secrets")? })
    }

    /// Which of them are in these bytes.
    pub(super) fn search(&self, place: &str, bytes: &[u8]) -> Vec<String> {
        let found: BTreeSet<&str> = self.searched.find_iter(bytes).map(|found| self.names[found.pattern()]).collect();
        found.into_iter().map(|name| format!("S: {name} is in {place}")).collect()
    }

    /// Searches what a running process shows of itself: its arguments and its environment.
    pub(super) fn search_process(&self, pid: u32) -> Vec<String> {
        let read = |name: &str| fs::read(format!("/proc/{pid}/{name}")).unwrap_or_default();
        let shown = ["cmdline", "environ"].map(|name| self.search(name, &read(name)));
        shown.concat()
    }

    /// Searches ledger and journal as their database keeps them, and known_hosts.
    pub(super) fn search_kept(&self, agent: &Agent<'_>) -> Result<Vec<String>> {
        let known = fs::read(agent.lab.layout.known_hosts()).unwrap_or_default();
        let mut found = self.search("known_hosts", &known);
        for (place, bytes) in agent.ledger.kept()? {
            found.extend(self.search(&place, &bytes));
        }
        Ok(found)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_secret_is_found_wherever_it_stands() {
        let canaries = Canaries::new(&[("the token", "0193f2a4+0193f2a4")]).unwrap();
        assert_eq!(canaries.search("a log", b"token=\xff0193f2a4+0193f2a4\n"), ["S: the token is in a log"]);
        assert!(canaries.search("a log", b"token=0193f2a4+0193f2a\n").is_empty());
        assert!(Canaries::new(&[("the token", "0193")]).is_err());
    }
}
