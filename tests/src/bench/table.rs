//! The measured times as a table.

use std::time::Duration;

use comfy_table::presets::UTF8_HORIZONTAL_ONLY;
use comfy_table::{CellAlignment, LineStyle, Table};

use super::measure::{Measured, Row};
use super::provision::Provisions;

pub(super) fn of(measured: &Measured) -> String {
    let mut table = Table::new();
    table.set_header(["", "ours", "Proxmox, recorded", "ratio", "by hand, this run", "ratio"]);
    table.add_rows(measured.rows.iter().map(line));
    let table = styled(table);
    let mut provisions = Table::new();
    provisions.set_header([
        "provision of",
        "whole",
        "ratio",
        "node's tasks",
        "helper",
        "agent's own",
        "of the tasks",
        "its CPU",
    ]);
    provisions
        .add_rows(measured.provisions.iter().flat_map(|[cold, warm]| [share(cold, None), share(warm, Some(cold))]));
    let provisions = styled(provisions);
    let megabytes = measured.packed / 1_000_000;
    let peak = measured.peak / 1024;
    format!(
        "A golden of {megabytes} MB (Proxmox's had 288 MB); medians of five, of fifteen inspections; programs as `make build` makes them, the inspection by a release build\n{table}\n\
         an inspection took {peak} MiB of memory at most\n\n\
         Whole provisions on btrfs; the agent's own share is the time in which it waited for no task, no answer of node or helper and no boot\n{provisions}"
    )
}

fn styled(mut table: Table) -> Table {
    table.load_style(UTF8_HORIZONTAL_ONLY.row_separator(LineStyle::none()));
    for column in table.column_iter_mut().skip(1) {
        column.set_cell_alignment(CellAlignment::Right);
    }
    table
}

/// A line of the second table; `beside` is what its ratio is taken of.
fn share(of: &Provisions, beside: Option<&Provisions>) -> [String; 8] {
    let seconds = |time: Duration| format!("{:.2} s", time.as_secs_f64());
    let ratio =
        beside.map_or("–".to_owned(), |other| format!("{:.2}×", of.wall.as_secs_f64() / other.wall.as_secs_f64()));
    let part = format!("{:.1} %", 100.0 * of.own.as_secs_f64() / of.tasks.as_secs_f64());
    let [wall, tasks, helper, own, cpu] = [of.wall, of.tasks, of.helper, of.own, of.cpu].map(seconds);
    [of.what.clone(), wall, ratio, tasks, helper, own, part, cpu]
}

fn line(row: &Row) -> [String; 6] {
    let ours = row.ours.as_secs_f64();
    let seconds = |value: f64| format!("{value:.2} s");
    let beside = |other: Option<f64>| match other {
        Some(other) => (seconds(other), format!("{:.2}×", ours / other)),
        None => ("–".to_owned(), "–".to_owned()),
    };
    let (recorded, first) = beside(row.recorded);
    let (by_hand, second) = beside(row.by_hand.map(|time: Duration| time.as_secs_f64()));
    [row.what.to_owned(), seconds(ours), recorded, first, by_hand, second]
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_line_tells_both_ratios() {
        let row = Row {
            what: "restore",
            ours: Duration::from_millis(1400),
            recorded: Some(2.8),
            by_hand: Some(Duration::from_secs(1)),
        };
        assert_eq!(line(&row), ["restore", "1.40 s", "2.80 s", "0.50×", "1.00 s", "1.40×"]);
    }
}
