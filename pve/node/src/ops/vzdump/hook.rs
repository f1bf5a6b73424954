//! A person's own script, run between the steps of a job: `script PHASE [MODE VMID]`.

use std::os::unix::fs::PermissionsExt;
use std::path::Path;

use super::guest::Backup;
use super::job::Job;
use super::settings::Settings;
use crate::error::Die;
use crate::exec::Program;
use crate::ops::Op;

/// Before anything was looked at.
pub(super) fn at_init(op: &Op<'_>, settings: &Settings) -> Result<(), Die> {
    let Some(program) = script(settings)? else { return Ok(()) };
    program.arg("job-init").run(&|line| op.info(line))
}

/// Around all guests.
pub(super) fn around_job(job: &Job<'_>, phase: &str) -> Result<(), Die> {
    let Some(program) = script(job.settings)? else { return Ok(()) };
    with_target(program, job).arg(phase).run(&|line| job.op.info(line))
}

/// Around one guest.
pub(super) fn around_guest(backup: &Backup<'_>, phase: &str) -> Result<(), Die> {
    let Some(program) = script(backup.job.settings)? else { return Ok(()) };
    let program = with_target(program, backup.job)
        .env("VMTYPE", "lxc")
        .env("HOSTNAME", &backup.name)
        .env("TARGET", &backup.archive)
        .env("LOGFILE", &backup.logfile);
    let log = &backup.log;
    program.args([phase, backup.mode.get().word(), &backup.vmid.to_string()]).run(&|line| log.info(line))
}

fn with_target(program: Program, job: &Job<'_>) -> Program {
    let program = program.env("DUMPDIR", &job.target.dumpdir);
    match &job.target.storage {
        Some(storage) => program.env("STOREID", storage.id.as_str()),
        None => program,
    }
}

fn script(settings: &Settings) -> Result<Option<Program>, Die> {
    let Some(path) = settings.text("script") else { return Ok(None) };
    let Some(stat) = Path::new(path).metadata().ok().filter(std::fs::Metadata::is_file) else {
        return Err(Die::text(format!("Error: The hook script '{path}' does not exist.")));
    };
    if stat.permissions().mode() & 0o111 == 0 {
        return Err(Die::text(format!("Error: The hook script '{path}' is not executable.")));
    }
    Ok(Some(Program::new(path)))
}
