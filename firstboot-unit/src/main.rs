//! `firstboot`: the small program in every golden. `firstboot boot` is what its unit runs.

mod cli;

use std::error::Error;
use std::io::Write;
use std::path::Path;
use std::process::ExitCode;

use cli::Command;
use firstboot_unit::boot::{BootState, Programs, boot, read_status, renew};
use firstboot_unit::observe::observe;
use firstboot_unit::root::Root;
use firstboot_unit::strip::{StripOptions, strip};
use spec::identity::{Catalog, MachineIdState};

/// Exit code of wrong usage.
const USAGE: u8 = 2;

fn main() -> ExitCode {
    let command = match cli::parse(std::env::args_os().skip(1)) {
        Ok(command) => command,
        Err(error) => {
            complain(&error);
            return ExitCode::from(USAGE);
        }
    };
    match run(command) {
        Ok(code) => code,
        Err(error) => {
            complain(error.as_ref());
            ExitCode::FAILURE
        }
    }
}

fn run(command: Command) -> Result<ExitCode, Box<dyn Error>> {
    match command {
        Command::Help => print(cli::HELP.trim_end())?,
        Command::Boot => return run_boot(),
        Command::Status { root } => match read_status(&Root::open(root)?)? {
            Some(status) => print(&serde_json::to_string(&status)?)?,
            None => return Err("the unit has never run in this guest: there is no completion record".into()),
        },
        Command::Observe { root } => print(&serde_json::to_string(&observe(&Root::open(root)?, Catalog::builtin()))?)?,
        Command::Renew { items } => {
            let renewed = renew(&Root::open("/")?, &Programs::with_scratch("/run"), &items)?;
            print(&serde_json::to_string(&renewed)?)?;
        }
        Command::Strip { root, keep, uninitialized } => run_strip(&root, keep, uninitialized)?,
    }
    Ok(ExitCode::SUCCESS)
}

/// Says on stderr, which is the journal, what the completion record says too.
fn run_boot() -> Result<ExitCode, Box<dyn Error>> {
    let status = boot(&Root::open("/")?, &Programs::with_scratch("/run"))?;
    let mut journal = std::io::stderr().lock();
    writeln!(journal, "{}", status.why)?;
    for name in &status.renewed {
        writeln!(journal, "renewed {name}")?;
    }
    for (algorithm, fingerprint) in &status.fingerprints {
        writeln!(journal, "host key {algorithm} {fingerprint}")?;
    }
    Ok(if status.status == BootState::Error { ExitCode::FAILURE } else { ExitCode::SUCCESS })
}

fn run_strip(root: &Path, keep: Vec<String>, uninitialized: bool) -> Result<(), Box<dyn Error>> {
    let machine_id = if uninitialized { MachineIdState::Uninitialized } else { MachineIdState::Empty };
    let options = StripOptions { keep, machine_id, build_names: Vec::new() };
    print(&serde_json::to_string(&strip(&Root::open(root)?, Catalog::builtin(), &options)?)?)
}

/// One line on stdout. A reader that went away early had enough.
fn print(text: &str) -> Result<(), Box<dyn Error>> {
    match writeln!(std::io::stdout().lock(), "{text}") {
        Err(error) if error.kind() != std::io::ErrorKind::BrokenPipe => Err(error.into()),
        _ => Ok(()),
    }
}

/// The error and its reasons, the one place where they are printed.
fn complain(error: &dyn Error) {
    let mut text = format!("firstboot: {error}");
    let mut source = error.source();
    while let Some(cause) = source {
        text = format!("{text}: {cause}");
        source = cause.source();
    }
    // Where stderr is closed nobody can be told.
    let _ = writeln!(std::io::stderr().lock(), "{text}");
}
