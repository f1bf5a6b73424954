//! One cell, played and judged.

use std::time::Instant;

use anyhow::{Context, Result};
use reset_agent::sagas::DESTROY;

use super::cell::{Cell, Direction};
use super::invariants::{Meant, Told, ended, explained, nothing_left, one_guest};
use super::recovery::{Recovery, recover};
use super::scene::Scene;
use super::stage::Stage;
use super::watch::Watch;
use super::world::World;

/// What came of a cell.
#[derive(Debug, Clone)]
pub(super) struct Played {
    pub(super) cell: Cell,
    /// What is broken; nothing where every invariant holds.
    pub(super) broken: Vec<String>,
    /// Whether it took one more command to come to the end.
    pub(super) mended: bool,
    pub(super) seconds: f64,
    /// How often a guest's configuration was looked at meanwhile.
    pub(super) looks: u64,
}

/// Plays it. Whatever goes wrong on the way is a broken cell too: it was not shown to hold.
pub(super) fn play(stage: &Stage<'_>, cell: Cell, number: usize) -> Result<Played> {
    let begun = Instant::now();
    let before = World::look(&stage.agent)?;
    let scene = Scene::new(stage, cell, number);
    let watch = Watch::over(stage.lab.layout.node().join("lxc"), stage.golden);
    let not_played = |error| (vec![format!("not played: {error:#}")], false);
    let (mut broken, mended) = scene.all(&before).unwrap_or_else(not_played);
    let seen = watch.end()?;
    broken.extend(seen.broken);
    if !broken.is_empty() {
        stage.clear(&before, &scene.customer, &scene.run)?;
    }
    Ok(Played { cell, broken, mended, seconds: begun.elapsed().as_secs_f64(), looks: seen.looks })
}

impl Scene<'_, '_> {
    /// What is broken, and whether it took one more command to come to the end.
    fn all(&self, before: &World) -> Result<(Vec<String>, bool)> {
        self.prepare()?;
        let mut broken = Vec::new();
        let late = self.kill(&mut broken)?;
        let Recovery { told, words, mended } = recover(self)?;
        if let Some(late) = late {
            self.stage.lab.lift(late)?;
        }
        self.stage.at_rest()?;
        let after = World::look(&self.stage.agent)?;
        broken.extend(self.judged(before, &after, &told)?);
        let secrets = &self.stage.secrets;
        broken.extend(secrets.search("what the program said", words.as_bytes()));
        broken.extend(secrets.search("what the victim said", &self.last_words()?));
        broken.extend(secrets.search_kept(&self.stage.agent)?);
        self.stage.forget(&self.customer)?;
        Ok((broken, mended))
    }

    fn judged(&self, before: &World, after: &World, told: &Told) -> Result<Vec<String>> {
        let nothing = || nothing_left(before, after, &self.customer);
        match (self.cell.plan, self.cell.direction) {
            (DESTROY, Direction::Forward) => Ok([nothing(), ended(told)].concat()),
            (_, Direction::Forward) => self.judge_guest(before, after, told),
            (_, Direction::Undo) => Ok([nothing(), explained(told)].concat()),
        }
    }

    /// The guest that the recovery was to end with; then it goes, and nothing of it may be left.
    fn judge_guest(&self, before: &World, after: &World, told: &Told) -> Result<Vec<String>> {
        let title = self.stage.title();
        let meant = Meant { customer: &self.customer, run: Some(&self.run), golden: &title };
        let mut broken = one_guest(before, after, told, meant);
        if broken.is_empty() {
            broken.extend(self.judge_secrets()?);
        }
        self.stage.agent.ask(&["destroy", &self.customer])?.ok()?;
        let end = World::look(&self.stage.agent)?;
        broken.extend(nothing_left(before, &end, &self.customer));
        Ok(broken)
    }

    /// Its customer's secrets are in it.
    fn judge_secrets(&self) -> Result<Vec<String>> {
        let guest = self.stage.agent.guest_of(&self.customer)?.context("the ledger lost the guest")?;
        let found = self.stage.lab.in_guest(guest.vmid.get(), "cat /etc/mintmark/secrets.env")?;
        let delivered = found.code == 0 && self.stage.vault.is_in(&found.stdout);
        // What was found instead is not told: it may be a secret.
        Ok(if delivered { Vec::new() } else { vec!["I4: the guest does not have its customer's secrets".to_owned()] })
    }
}
