//! What stands beside an archive, and which older backups stay.

use std::fs;

use jiff::tz::TimeZone;

use super::guest::Backup;
use super::notes::{NoteFacts, notes};
use crate::error::{Die, chain};
use crate::state::{BackupName, Mark, StorageConfig, VolumeFile};

/// Refuses a backup that would be one too many where none may be removed for it.
pub(super) fn admit(backup: &Backup<'_>) -> Result<(), Die> {
    let target = backup.job.target;
    let protected = backup.job.settings.flag("protected");
    if let (true, Some(storage)) = (protected, &target.storage) {
        return admit_protected(backup, storage);
    }
    let limit = target.retention.limit();
    let count = others(backup)?.iter().filter(|(_, protected)| !protected).count() as u64;
    if !protected && limit > 0 && !target.remove && !target.retention.keeps_all() && count >= limit {
        let what = "enforced by the target storage or the vzdump parameters";
        let advice = "Either increase the limit or delete old backups.";
        return Err(Die::text(format!("There is a max backup limit of {limit} {what}. {advice}")));
    }
    Ok(())
}

fn admit_protected(backup: &Backup<'_>, storage: &StorageConfig) -> Result<(), Die> {
    let op = backup.job.op;
    let free = op.principal()?.has(&format!("/storage/{}", storage.id), "Datastore.Allocate");
    let default = if free { -1 } else { 5 };
    let limit: i64 = storage.get("max-protected-backups").and_then(|text| text.parse().ok()).unwrap_or(default);
    let count = others(backup)?.iter().filter(|(_, protected)| *protected).count();
    if limit >= 0 && i64::try_from(count).unwrap_or(i64::MAX) >= limit {
        let what = "The number of protected backups per guest is limited to";
        return Err(Die::text(format!("{what} {limit} on storage '{}'", storage.id)));
    }
    Ok(())
}

/// The guest's backups at the same place, each with whether it is protected.
fn others(backup: &Backup<'_>) -> Result<Vec<(String, bool)>, Die> {
    let target = backup.job.target;
    if let Some(storage) = &target.storage {
        let rows = backup.job.op.node.storages().content(storage, Some("backup"), Some(backup.vmid));
        let rows = rows.into_iter().filter(|row| row.subtype == Some("lxc"));
        return Ok(rows.map(|row| (row.volid, row.protected.is_some())).collect());
    }
    let entries = fs::read_dir(&target.dumpdir).map_err(Die::io("read", &target.dumpdir))?;
    let names = entries.filter_map(|entry| entry.ok()?.file_name().into_string().ok());
    let owned = names.filter(|name| {
        let read = BackupName::of(name);
        read.is_standard() && read.kind == Some("lxc") && read.owner == Some(backup.vmid)
    });
    let protected = |name: &str| target.dumpdir.join(format!("{name}.protected")).exists();
    Ok(owned.map(|name| (name.clone(), protected(&name))).collect())
}

/// Writes the notes and the mark of protection; both belong to backups on a storage.
pub(super) fn finish(backup: &Backup<'_>) -> Result<(), Die> {
    let (settings, log) = (backup.job.settings, &backup.log);
    let Some(file) = volume(backup)? else { return Ok(()) };
    if let Some(template) = settings.text("notes-template") {
        log.info("adding notes to backup");
        let node = backup.job.op.node.name();
        let facts = NoteFacts { guestname: &backup.name, node, vmid: backup.vmid.to_string() };
        if let Err(error) = fs::write(file.notes(), notes(template, &facts)) {
            log.warn(&format!("unable to add notes - {error}"));
        }
    }
    if settings.flag("protected") {
        log.info("marking backup as protected");
        let marked = fs::write(file.protection(), "").map_err(Die::io("write", file.protection()));
        marked.map_err(|error| Die::text(format!("unable to set protected flag - {}", chain(&error))))?;
    }
    Ok(())
}

fn volume(backup: &Backup<'_>) -> Result<Option<VolumeFile>, Die> {
    let Some(storage) = &backup.job.target.storage else { return Ok(None) };
    let name = backup.archive.file_name().unwrap_or_default().to_string_lossy().into_owned();
    let volid = format!("{}:backup/{name}", storage.id);
    let volid = volid.parse().map_err(|error: spec::ids::InvalidId| Die::text(error.to_string()))?;
    backup.job.op.node.storages().file(&volid).map(Some)
}

/// Removes what the retention no longer covers.
pub(super) fn prune(backup: &Backup<'_>) -> Result<(), Die> {
    let (target, log) = (backup.job.target, &backup.log);
    if !target.remove {
        return Ok(());
    }
    log.info(&format!("prune older backups with retention: {}", target.retention.told()));
    let removed = match &target.storage {
        Some(storage) => {
            let storages = backup.job.op.node.storages();
            let say = |text: &str, failed: bool| if failed { log.error(text) } else { log.info(text) };
            let rows = storages.prune_plan(storage, &target.retention, Some(backup.vmid), Some("lxc"));
            storages.prune(&rows, &say)?
        }
        None => prune_directory(backup)?,
    };
    let why = if removed > 0 { " not covered by keep-retention policy" } else { "" };
    log.info(&format!("pruned {removed} backup(s){why}"));
    Ok(())
}

/// The same in a directory that is no storage.
fn prune_directory(backup: &Backup<'_>) -> Result<usize, Die> {
    let target = backup.job.target;
    let names = others(backup)?;
    let taken = |name: &str| {
        let taken = BackupName::of(name).taken.and_then(|taken| taken.to_zoned(TimeZone::system()).ok());
        taken.map_or(0, |taken| taken.timestamp().as_second())
    };
    let times: Vec<(i64, bool)> = names.iter().map(|(name, protected)| (taken(name), *protected)).collect();
    let marks = target.retention.mark(&times, &TimeZone::system());
    let going = names.iter().zip(marks).filter(|(_, mark)| *mark == Mark::Remove).map(|((name, _), _)| name);
    let mut removed = 0;
    for name in going {
        let path = target.dumpdir.join(name);
        backup.log.info(&format!("removing backup '{}'", path.display()));
        fs::remove_file(&path).map_err(Die::io("unlink", &path))?;
        let _ = fs::remove_file(crate::state::log_beside(&path));
        removed += 1;
    }
    Ok(removed)
}
