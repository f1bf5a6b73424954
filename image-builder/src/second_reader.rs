//! GNU tar as the inspector's second reader: what `pve-host` starts, as `pve-archive` takes it.

use pve_archive::SecondReader;
use pve_host::process::CommandError;
use pve_host::tar::{Lister, ListerError, lister};

/// Starts it.
pub(crate) fn start() -> Result<SecondReader, ListerError> {
    let Lister { name, stdin, stdout, program } = lister()?;
    let end = move || program.wait().map_err(|error| what_it_said(&error));
    Ok(SecondReader { name, input: Box::new(stdin), listing: Box::new(stdout), end: Box::new(end) })
}

fn what_it_said(error: &CommandError) -> String {
    if error.said().is_empty() { error.to_string() } else { error.said().to_owned() }
}
