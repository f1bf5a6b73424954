//! Inspects an archive and prints what was seen as JSON: `cargo run -p pve-archive --example inspect -- ARCHIVE`;
//! with `--conf` before it only the configuration, which is there after the first block.
//!
//! `image-builder inspect` is the command for people; this one shows what the crate alone gives, and is what its
//! memory and time are measured with.

use std::error::Error;
use std::fs::File;

use pve_archive::{Limits, Terms, inspect, read_conf};

fn main() -> Result<(), Box<dyn Error>> {
    let arguments: Vec<_> = std::env::args_os().skip(1).collect();
    match arguments.as_slice() {
        [flag, path] if flag == "--conf" => print!("{}", read_conf(File::open(path)?, Limits::default())?),
        [path] => {
            let inspection =
                inspect(File::open(path)?, spec::identity::Catalog::builtin(), Terms::new(Limits::default()))?;
            println!("{}", serde_json::to_string_pretty(&inspection)?);
        }
        _ => return Err("usage: inspect [--conf] ARCHIVE".into()),
    }
    Ok(())
}
