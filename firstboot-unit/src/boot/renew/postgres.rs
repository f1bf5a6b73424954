//! A sleeping PostgreSQL cluster gets an identifier of its own, and a WAL that begins with it.

use std::path::{Path, PathBuf};

use super::super::programs::{GuestPrograms, ProgramRun};
use super::act::RenewError;
use crate::items::postgres::{control, data_directory};
use crate::root::{NewFile, Root};

/// Where packages put `pg_resetwal`; `{}` stands for the major version.
const RESETWAL: [&str; 3] =
    ["/usr/lib/postgresql/{}/bin/pg_resetwal", "/usr/pgsql-{}/bin/pg_resetwal", "/usr/bin/pg_resetwal"];

/// Wakes the cluster with this control file. It sleeps on when its WAL could not be made: a server that finds an
/// identifier and no WAL would not start either, but the next boot would take it for awake.
pub(super) fn wake(root: &Root, place: &Path, programs: &dyn GuestPrograms) -> Result<(), RenewError> {
    let data = data_directory(place);
    let (Some(control), Some(stat)) = (control(root, place)?, root.stat_followed(place)?) else { return Ok(()) };
    let program = program(root, &data)?;
    let (mut identifier, mut nonce) = ([0; 8], [0; 32]);
    programs.random(&mut identifier)?;
    programs.random(&mut nonce)?;
    // One bit is always set, so that it is never the nought of sleep, and the sign is not: SQL shows it as a bigint.
    let identifier = u64::from_le_bytes(identifier) >> 1 | 1 << 62;
    root.write(place, &control.awake(identifier, nonce), NewFile::like(&stat))?;
    let run = ProgramRun {
        program: program.to_string_lossy().into_owned(),
        arguments: vec!["-D".to_owned(), data.to_string_lossy().into_owned()],
        user: Some((stat.uid, stat.gid)),
    };
    programs.run(&run).map_err(|error| match root.write(place, &control.asleep(), NewFile::like(&stat)) {
        Ok(()) => RenewError::Program(error),
        Err(error) => RenewError::Tree(error),
    })
}

fn program(root: &Root, data: &Path) -> Result<PathBuf, RenewError> {
    const VERSION_CAP: u64 = 64;
    let version = root.read_text(data.join("PG_VERSION"), VERSION_CAP)?.unwrap_or_default();
    for path in RESETWAL.map(|path| PathBuf::from(path.replace("{}", version.trim()))) {
        if root.stat_followed(&path)?.is_some() {
            return Ok(path);
        }
    }
    Err(RenewError::NoProgram { program: "pg_resetwal", version: version.trim().to_owned() })
}
