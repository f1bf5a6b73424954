//! All cells, or some of them, one after the other.

use std::collections::BTreeSet;
use std::time::{Duration, Instant};

use anyhow::{Result, ensure};
use serde_json::json;
use spec::exit::Exit;
use spec::release::Manifest;

use super::cell::Cell;
use super::golden::golden;
use super::ledger::Database;
use super::options::Run;
use super::play::{Played, play};
use super::report::Report;
use super::stage::Stage;
use crate::lab::Lab;

/// Plays what was asked for, in a lab of its own.
pub fn run(options: &Run) -> Result<Exit> {
    let mut cells: Vec<Cell> = Cell::all().into_iter().filter(|cell| wanted(cell, &options.words)).collect();
    ensure!(!cells.is_empty(), "no cell's name contains all of {:?}: `--list` shows them", options.words);
    if let Some(count) = options.sample {
        cells = drawn(cells, count, options.seed);
    }
    if options.list {
        for cell in cells {
            println!("{cell}");
        }
        return Ok(Exit::Done);
    }
    if !options.keep {
        // What a killed or kept run left behind must not be taken for this run's.
        Lab::at(options.settings(), false)?.close()?;
    }
    let lab = Lab::open(options.settings(), false)?;
    let reports = golden(&lab, &options.bridge).and_then(|golden| {
        let on = |database| on_stage(&lab, &golden, &cells, Duration::MAX, database);
        options.ledger.iter().copied().map(on).collect::<Result<Vec<Report>>>()
    });
    if !options.keep {
        lab.close()?;
    }
    let seed = options.sample.map(|_| options.seed);
    let reports: Vec<Report> = reports?.into_iter().map(|report| Report { seed, ..report }).collect();
    if options.json {
        println!("{}", json!({"version": 2, "ledgers": reports.iter().map(Report::json).collect::<Vec<_>>()}));
    } else {
        for report in &reports {
            println!("{report}");
        }
    }
    Ok(reports.iter().map(Report::exit).max_by_key(|exit| *exit as u8).unwrap_or(Exit::Done))
}

/// Plays cells in an order that the seed decides, with a golden of somebody else's lab, and begins none after this time.
pub fn sample(lab: &Lab, golden: &Manifest, time: Duration, seed: u64) -> Result<Report> {
    let all = Cell::all();
    let count = all.len();
    let report = on_stage(lab, golden, &drawn(all, count, seed), time, Database::Sqlite)?;
    Ok(Report { seed: Some(seed), ..report })
}

fn on_stage(lab: &Lab, golden: &Manifest, cells: &[Cell], time: Duration, database: Database) -> Result<Report> {
    let (stage, begun) = (Stage::set(lab, golden, database)?, Instant::now());
    let mut report = Report { database, ..Report::default() };
    for (number, cell) in cells.iter().enumerate() {
        if begun.elapsed() > time {
            break;
        }
        let played = play(&stage, *cell, number + 1)?;
        let end = match &played {
            Played { broken, .. } if !broken.is_empty() => "BROKEN",
            Played { mended: true, .. } => "mended",
            _ => "ok",
        };
        let place = format!("{}/{} {}", number + 1, cells.len(), database.title());
        eprintln!("     {place}, {cell}: {end} ({:.1} s)", played.seconds);
        for line in &played.broken {
            eprintln!("       {line}");
        }
        report.played.push(played);
    }
    stage.strike()?;
    Ok(report)
}

fn wanted(cell: &Cell, words: &[String]) -> bool {
    let name = cell.to_string();
    words.iter().all(|word| name.contains(word.as_str()))
}

/// So many of them in an order that only the seed decides: first those that bring a step or a moment of a plan, forward
/// or on the way back, that none before them had.
fn drawn(mut cells: Vec<Cell>, count: usize, seed: u64) -> Vec<Cell> {
    cells.sort_by_key(|cell| mixed(seed ^ mixed(u64::try_from(place(*cell)).unwrap_or_default())));
    let mut kinds = BTreeSet::new();
    let (mut drawn, rest): (Vec<Cell>, Vec<Cell>) = cells.into_iter().partition(|cell| {
        let step = kinds.insert((cell.plan, cell.direction, cell.step));
        kinds.insert((cell.plan, cell.direction, cell.moment.title())) || step
    });
    drawn.extend(rest);
    drawn.truncate(count);
    drawn
}

fn place(cell: Cell) -> usize {
    Cell::all().iter().position(|other| *other == cell).unwrap_or_default()
}

/// SplitMix64's last steps: bits that have nothing to do with each other any more.
fn mixed(seed: u64) -> u64 {
    let mut bits = seed.wrapping_add(0x9E37_79B9_7F4A_7C15);
    bits = (bits ^ (bits >> 30)).wrapping_mul(0xBF58_476D_1CE4_E5B9);
    bits = (bits ^ (bits >> 27)).wrapping_mul(0x94D0_49BB_1331_11EB);
    bits ^ (bits >> 31)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_seed_draws_the_same_cells_and_another_others() {
        let draw = |seed| drawn(Cell::all(), 12, seed);
        assert_eq!(draw(7), draw(7));
        assert_ne!(draw(7), draw(8));
        assert_eq!(drawn(Cell::all(), 1000, 7).len(), Cell::all().len());
    }

    #[test]
    fn a_sample_has_every_step_and_every_moment_before_it_has_one_twice() {
        let kinds = |cells: &[Cell]| -> BTreeSet<String> {
            let of = |cell: &Cell| {
                [cell.step, cell.moment.title()].map(|word| format!("{} {:?} {word}", cell.plan, cell.direction))
            };
            cells.iter().flat_map(of).collect()
        };
        // Each of the first ones brings at least one kind.
        let all = kinds(&Cell::all());
        assert_eq!(kinds(&drawn(Cell::all(), all.len(), 7)), all);
    }
}
