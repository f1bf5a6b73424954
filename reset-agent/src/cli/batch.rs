//! `batch`: many customers at once.

use std::path::PathBuf;

use clap::Args;

/// `batch`
#[derive(Debug, Args)]
pub struct Batch {
    /// The list: TOML with a `[[guest]]` for each customer, or a JSON object a line (`.jsonl`, `.json`).
    pub file: PathBuf,
    /// So many at once.
    #[arg(long, value_name = "N", default_value_t = 4, value_parser = clap::value_parser!(u8).range(1..=64))]
    pub parallel: u8,
    /// Print the plan, and make nothing.
    #[arg(long)]
    pub plan: bool,
}
