//! Cells of the crash matrix, other ones every day; all of them are `make crash-matrix`.

use std::time::{Duration, SystemTime, UNIX_EPOCH};

use anyhow::{Context, Result, ensure};
use e2e::crash::sample;

use crate::Story;
use crate::stage::Stage;

pub(crate) const STORIES: &[Story] = &[("crash_matrix::i1_to_i7_hold_in_a_sample_of_the_cells", play)];

/// No cell is begun after it.
const TIME: Duration = Duration::from_secs(35);

fn play(stage: &Stage) -> Result<()> {
    let now = SystemTime::now().duration_since(UNIX_EPOCH).context("reading the clock")?;
    let report = sample(&stage.lab, &stage.golden, TIME, now.as_secs() / (24 * 60 * 60))?;
    eprintln!("     {}", report.count());
    let broken: Vec<String> = report.broken().collect();
    ensure!(report.played() > 1, "too few cells to say anything: {}", report.count());
    ensure!(broken.is_empty(), "{}", broken.join("\n"));
    Ok(())
}
