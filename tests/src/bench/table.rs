//! The measured times as a table.

use std::time::Duration;

use comfy_table::presets::UTF8_HORIZONTAL_ONLY;
use comfy_table::{CellAlignment, LineStyle, Table};

use super::measure::{Measured, Row};

pub(super) fn of(measured: &Measured) -> String {
    let mut table = Table::new();
    table.load_style(UTF8_HORIZONTAL_ONLY.row_separator(LineStyle::none()));
    table.set_header(["", "ours", "Proxmox, recorded", "ratio", "by hand, this run", "ratio"]);
    table.add_rows(measured.rows.iter().map(line));
    for column in table.column_iter_mut().skip(1) {
        column.set_cell_alignment(CellAlignment::Right);
    }
    let megabytes = measured.packed / 1_000_000;
    let peak = measured.peak / 1024;
    format!(
        "A golden of {megabytes} MB (Proxmox's had 288 MB); medians of five, of fifteen inspections; programs as `make build` makes them, the inspection by a release build\n{table}\n\
         an inspection took {peak} MiB of memory at most"
    )
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
