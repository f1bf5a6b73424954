//! What came of all cells on one ledger: a table for each plan and way, and the count.

use std::fmt;

use comfy_table::Table;
use serde_json::{Value, json};
use spec::exit::Exit;

use super::cell::{Cell, Direction, Moment};
use super::ledger::Database;
use super::play::Played;
use super::table::{TABLES, Table as Steps};

/// What came of the cells that were played.
#[derive(Debug, Clone, Default)]
pub struct Report {
    /// Where the ledger was.
    pub(super) database: Database,
    pub(super) played: Vec<Played>,
    /// What the sample was drawn by, where it was one.
    pub(super) seed: Option<u64>,
}

impl Report {
    /// 0 where every invariant held in every cell that was played.
    pub fn exit(&self) -> Exit {
        if self.broken().next().is_none() { Exit::Done } else { Exit::Failed }
    }

    /// The cells that are broken, and what is broken there.
    pub fn broken(&self) -> impl Iterator<Item = String> {
        self.played.iter().filter(|played| !played.broken.is_empty()).map(|played| {
            let what: Vec<String> = played.broken.iter().map(|line| format!("  {line}")).collect();
            format!("{}:\n{}", played.cell, what.join("\n"))
        })
    }

    /// How many cells were played.
    pub fn played(&self) -> usize {
        self.played.len()
    }

    /// The count in one line.
    pub fn count(&self) -> String {
        let (played, all) = (self.played.len(), Cell::all().len());
        let sound = self.played.iter().filter(|played| played.broken.is_empty());
        let (mended, held): (Vec<_>, Vec<_>) = sound.partition(|played| played.mended);
        let (mended, held) = (mended.len(), held.len());
        let seconds: f64 = self.played.iter().map(|played| played.seconds).sum();
        let looks: u64 = self.played.iter().map(|played| played.looks).sum();
        let seed = self.seed.map_or(String::new(), |seed| format!(", drawn by seed {seed}"));
        format!(
            "crash matrix, ledger on {}: {played} of {all} cells played{seed}; invariants held in {held} cells, in \
             {mended} more after one more command, broke in {}; {looks} looks at configurations; {seconds:.0} s",
            self.database.title(),
            played - held - mended
        )
    }

    /// As one JSON object.
    pub fn json(&self) -> Value {
        let cells: Vec<Value> = self
            .played
            .iter()
            .map(|played| {
                json!({"cell": played.cell.to_string(), "broken": played.broken, "mended": played.mended,
                       "seconds": played.seconds})
            })
            .collect();
        json!({"ledger": self.database.title(), "all": Cell::all().len(), "seed": self.seed, "cells": cells})
    }

    /// The worst of what a step's calls came to at a moment.
    fn mark(&self, plan: &str, step: &str, direction: Direction, moment: Moment) -> &'static str {
        let here = |cell: &Cell| (cell.plan, cell.step, cell.direction, cell.moment) == (plan, step, direction, moment);
        let cells: Vec<Cell> = Cell::all().into_iter().filter(here).collect();
        let played: Vec<&Played> = self.played.iter().filter(|played| here(&played.cell)).collect();
        if played.iter().any(|played| !played.broken.is_empty()) {
            "BROKEN"
        } else if played.len() < cells.len() {
            "not played"
        } else if played.iter().any(|played| played.mended) {
            "mended"
        } else if cells.is_empty() {
            ""
        } else {
            "ok"
        }
    }

    fn table(&self, plan: &Steps, direction: Direction) -> Table {
        let mut table = Table::new();
        let way = match direction {
            Direction::Forward => plan.plan.to_owned(),
            Direction::Undo => format!("undo of {}", plan.plan),
        };
        table.set_header([way.as_str()].into_iter().chain(Moment::ALL.map(Moment::title)));
        for step in plan.steps() {
            let marks = Moment::ALL.map(|moment| self.mark(plan.plan, step, direction, moment));
            table.add_row([step].into_iter().chain(marks));
        }
        table
    }
}

impl fmt::Display for Report {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        for plan in &TABLES {
            writeln!(f, "{}\n{}", self.table(plan, Direction::Forward), self.table(plan, Direction::Undo))?;
        }
        for broken in self.broken() {
            writeln!(f, "{broken}")?;
        }
        f.write_str(&self.count())
    }
}
