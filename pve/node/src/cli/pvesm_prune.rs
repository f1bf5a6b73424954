//! `pvesm prune-backups`.

use pve_wire::api::{Kind, Method, Param, Params};

use super::dispatch::{Failure, out};
use super::exit;
use super::tool::{parameter, parameters};
use crate::ops::{self, Job};
use crate::state::{Node, PruneRow};
use crate::tasks::{self, TaskRequest};

const KEEPS: &[Param] = &[
    parameter("keep-all", Kind::Boolean, true),
    parameter("keep-daily", Kind::Integer, true),
    parameter("keep-hourly", Kind::Integer, true),
    parameter("keep-last", Kind::Integer, true),
    parameter("keep-monthly", Kind::Integer, true),
    parameter("keep-weekly", Kind::Integer, true),
    parameter("keep-yearly", Kind::Integer, true),
];

const WHICH: &[Param] = &[
    parameter("storage", Kind::Text, false),
    parameter("dry-run", Kind::Boolean, true),
    parameter("type", Kind::Text, true),
    parameter("vmid", Kind::Integer, true),
];

/// Its parameters.
pub(super) static PRUNE: Method = parameters("prune-backups", &[WHICH, KEEPS]);

pub(super) fn prune(node: &Node, params: &Params) -> Result<u8, Failure> {
    let rule: Vec<String> =
        KEEPS.iter().filter_map(|keep| Some(format!("{}={}", keep.name, params.get(keep.name)?))).collect();
    let rule = (!rule.is_empty()).then(|| rule.join(","));
    let storage = params.owned("storage").unwrap_or_default();
    let (vmid, kind) = (params.vmid("vmid"), params.owned("type"));
    if params.flag("dry-run") {
        out(&preview(ops::plan_pruning(node, &storage, rule.as_deref(), vmid, kind.as_deref())?));
        return Ok(exit::OK);
    }
    let job = Job::PruneBackups { storage, rule, vmid, kind };
    tasks::foreground(node, &TaskRequest { job, auth_id: "root@pam".to_owned(), faults: false })?;
    Ok(exit::OK)
}

fn preview(mut rows: Vec<PruneRow>) -> String {
    if rows.is_empty() {
        return "No backups found\n".to_owned();
    }
    rows.sort_by_key(|row| (row.vmid, row.ctime));
    let width = rows.iter().map(|row| row.volid.len()).max().unwrap_or(0) + 1;
    let head = "NOTE: this is only a preview and might not be what a subsequent\n\
                prune call does if backups are removed/added in the meantime.\n\n";
    let line = |volid: &str, id: &str, mark: &str| format!("{volid:<width$} {id:>15} {mark:>10}\n");
    let row = |row: &PruneRow| {
        let id = row.vmid.map_or_else(|| row.kind.to_owned(), |vmid| format!("{}/{vmid}", row.kind));
        line(&row.volid, &id, row.mark.word())
    };
    format!("{head}{}{}", line("Backup", "Backup-ID", "Prune-Mark"), rows.iter().map(row).collect::<String>())
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::state::Mark;

    #[test]
    fn a_preview_has_proxmox_columns() {
        let row = |volid: &str, vmid, ctime, mark| PruneRow { volid: volid.to_owned(), ctime, kind: "lxc", vmid, mark };
        let rows =
            vec![row("local:backup/b", Some(101), 2, Mark::Keep), row("local:backup/a", Some(101), 1, Mark::Remove)];
        let wanted = "NOTE: this is only a preview and might not be what a subsequent\n\
                      prune call does if backups are removed/added in the meantime.\n\n\
                      Backup                Backup-ID Prune-Mark\n\
                      local:backup/a          lxc/101     remove\n\
                      local:backup/b          lxc/101       keep\n";
        assert_eq!(preview(rows), wanted);
        assert_eq!(preview(Vec::new()), "No backups found\n");
    }
}
