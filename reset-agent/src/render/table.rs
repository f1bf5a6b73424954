//! Guests, runs and identities as tables.

use comfy_table::{ContentArrangement, Table, presets};
use saga::Outcome as RunOutcome;

use crate::evidence::Comparison;
use crate::ledger::Guest;
use crate::store::RunSummary;

/// Where there is no terminal to ask for its width.
const FILE_WIDTH: u16 = 160;

/// An empty table in the house style.
pub fn table<const N: usize>(header: [&str; N]) -> Table {
    let mut table = Table::new();
    table.load_style(presets::UTF8_BORDERS_ONLY).set_content_arrangement(ContentArrangement::Dynamic);
    table.set_header(header);
    if !table.is_tty() {
        table.set_width(FILE_WIDTH);
    }
    table
}

/// Guests of the ledger.
pub fn guests(guests: &[Guest]) -> String {
    let mut table = table(["customer", "vmid", "hostname", "state", "golden", "since"]);
    for guest in guests {
        table.add_row([
            guest.customer.to_string(),
            guest.vmid.to_string(),
            guest.hostname.to_string(),
            guest.state.to_string(),
            guest.golden.clone(),
            guest.created_at.clone(),
        ]);
    }
    table.to_string()
}

/// Runs of the journal.
pub fn runs(runs: &[RunSummary]) -> String {
    let mut table = table(["run", "plan", "customer", "end", "begun", "last record"]);
    for run in runs {
        let end = match run.outcome {
            Some(RunOutcome::Done) => "done",
            Some(RunOutcome::RolledBack) => "rolled back",
            None => "unfinished",
        };
        let customer = run.header.input.get("customer").and_then(|value| value.as_str()).unwrap_or_default();
        let row = [&run.header.run, &run.header.plan, customer, end, run.opened_at.as_str(), run.updated_at.as_str()];
        table.add_row(row);
    }
    table.to_string()
}

/// A guest's identities at the three moments.
pub fn comparison(comparison: &Comparison) -> String {
    let mut table = table(["", "as restored", "after reset", "after boot"]);
    let cell = |value: &Option<String>| value.clone().unwrap_or_else(|| "·".to_owned());
    for row in &comparison.0 {
        table.add_row([row.what.clone(), cell(&row.restored), cell(&row.reset), cell(&row.booted)]);
    }
    table.to_string()
}
