//! What came of all cells: a table for each way, and the count.

use std::fmt;

use comfy_table::Table;
use serde_json::{Value, json};
use spec::exit::Exit;

use super::cell::{Cell, Direction, Moment};
use super::play::Played;

/// What came of the cells that were played.
#[derive(Debug, Clone, Default)]
pub struct Report {
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
        let held = self.played.iter().filter(|played| played.broken.is_empty()).count();
        let seconds: f64 = self.played.iter().map(|played| played.seconds).sum();
        let looks: u64 = self.played.iter().map(|played| played.looks).sum();
        let seed = self.seed.map_or(String::new(), |seed| format!(", drawn by seed {seed}"));
        format!(
            "crash matrix: {played} of {all} cells played{seed}; invariants held in {held}, broke in {}; \
             {looks} looks at configurations; {seconds:.0} s",
            played - held
        )
    }

    /// As one JSON object.
    pub fn json(&self) -> Value {
        let cells: Vec<Value> = self
            .played
            .iter()
            .map(|played| json!({"cell": played.cell.to_string(), "broken": played.broken, "seconds": played.seconds}))
            .collect();
        json!({"version": 1, "all": Cell::all().len(), "seed": self.seed, "cells": cells})
    }

    fn mark(&self, cell: Cell) -> &'static str {
        match self.played.iter().find(|played| played.cell == cell) {
            Some(played) if played.broken.is_empty() => "ok",
            Some(_) => "BROKEN",
            None if Cell::all().contains(&cell) => "not played",
            None => "",
        }
    }

    fn table(&self, direction: Direction) -> Table {
        let mut table = Table::new();
        let way = match direction {
            Direction::Forward => "forward",
            Direction::Undo => "undo",
        };
        table.set_header([way].into_iter().chain(Moment::ALL.map(Moment::title)));
        for step in Cell::steps() {
            let marks = Moment::ALL.map(|moment| self.mark(Cell { step, direction, moment }));
            table.add_row([step].into_iter().chain(marks));
        }
        table
    }
}

impl fmt::Display for Report {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        writeln!(f, "{}\n{}", self.table(Direction::Forward), self.table(Direction::Undo))?;
        for broken in self.broken() {
            writeln!(f, "{broken}")?;
        }
        f.write_str(&self.count())
    }
}
