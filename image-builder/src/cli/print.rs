//! Results on stdout, failures on stderr.

use std::io::{self, Write};

use comfy_table::{Table, presets};
use serde::Serialize;

use crate::printable;
pub(super) use crate::printable::mebibytes;

/// Prints one JSON object.
pub(super) fn json(value: &impl Serialize) -> anyhow::Result<()> {
    text(&format!("{}\n", serde_json::to_string(value)?))
}

/// Prints a table with a header.
pub(super) fn table<const N: usize>(
    header: [&str; N],
    rows: impl IntoIterator<Item = [String; N]>,
) -> anyhow::Result<()> {
    let mut table = Table::new();
    table.load_style(presets::NOTHING).set_header(header);
    table.add_rows(rows.into_iter().map(|row| row.map(|cell| printable::lines(&cell).into_owned())));
    text(&format!("{}\n", table.trim_fmt()))
}

/// Prints lines as they are.
pub(super) fn lines(lines: &str) -> anyhow::Result<()> {
    text(&format!("{}\n", printable::lines(lines)))
}

/// Prints two columns without a header.
pub(super) fn pairs<'a>(rows: impl IntoIterator<Item = (&'a str, String)>) -> anyhow::Result<()> {
    let mut table = Table::new();
    table.load_style(presets::NOTHING);
    table.add_rows(rows.into_iter().map(|(key, value)| [key.to_owned(), printable::lines(&value).into_owned()]));
    text(&format!("{}\n", table.trim_fmt()))
}

/// Prints a text as it is.
pub(super) fn text(text: &str) -> anyhow::Result<()> {
    Ok(io::stdout().lock().write_all(text.as_bytes())?)
}

/// Prints an error with everything behind it, each on a line of its own.
pub fn report(error: &anyhow::Error) {
    let causes = error.chain().skip(1).map(|cause| cause.to_string().replace('\n', "\n    "));
    let causes: Vec<String> = causes.map(|cause| format!("  because: {cause}\n")).collect();
    let text = format!("error: {error}\n{}", causes.concat());
    let text = printable::lines(&text);
    // A closed stderr is nobody's loss.
    let _ = io::stderr().lock().write_all(text.as_bytes());
}

/// Prints what to do next.
pub(super) fn hint(text: &str) {
    // A closed stderr is nobody's loss.
    let _ = writeln!(io::stderr().lock(), "{}", printable::line(text));
}
