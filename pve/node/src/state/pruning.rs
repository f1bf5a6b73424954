//! Which backups on a storage a retention rule leaves, and removing the others.

use jiff::tz::TimeZone;
use serde::Serialize;
use spec::ids::Vmid;

use super::volume::BackupName;
use super::{Mark, Retention, StorageConfig, Storages, VolumeRow};
use crate::error::{Die, chain};

/// A backup with what becomes of it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct PruneRow {
    /// Its volume id.
    pub volid: String,
    /// When it was taken, seconds since 1970.
    pub ctime: i64,
    /// `lxc`, `qemu`, `unknown`.
    #[serde(rename = "type")]
    pub kind: &'static str,
    /// The guest that it was taken of.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub vmid: Option<u64>,
    /// What becomes of it.
    pub mark: Mark,
}

impl Storages<'_> {
    /// What a rule says about the backups on a storage, each guest's by itself; of one guest or type where asked.
    pub fn prune_plan(
        &self,
        storage: &StorageConfig,
        rule: &Retention,
        vmid: Option<Vmid>,
        kind: Option<&str>,
    ) -> Vec<PruneRow> {
        let backups = self.content(storage, Some("backup"), vmid);
        let mut rows: Vec<PruneRow> = backups
            .into_iter()
            .filter(|row| kind.is_none_or(|kind| row.subtype == Some(kind)))
            .map(|row| row_of(&row))
            .collect();
        let groups: std::collections::BTreeSet<(&'static str, Option<u64>)> =
            rows.iter().filter(|row| row.mark != Mark::Renamed).map(|row| (row.kind, row.vmid)).collect();
        for group in groups {
            let of_group = |row: &&mut PruneRow| (row.kind, row.vmid) == group && is_standard(&row.volid);
            let mut members: Vec<&mut PruneRow> = rows.iter_mut().filter(of_group).collect();
            let times: Vec<(i64, bool)> = members.iter().map(|row| (row.ctime, row.mark == Mark::Protected)).collect();
            for (row, mark) in members.iter_mut().zip(rule.mark(&times, &TimeZone::system())) {
                row.mark = mark;
            }
        }
        rows
    }

    /// Removes what a plan marks, telling `say` of each and of each failure; how many are gone.
    pub fn prune(&self, plan: &[PruneRow], say: &dyn Fn(&str, bool)) -> Result<usize, Die> {
        let (mut removed, mut failed) = (0, false);
        for row in plan.iter().filter(|row| row.mark == Mark::Remove) {
            say(&format!("removing backup '{}'", row.volid), false);
            match self.remove_backup(&row.volid) {
                Ok(()) => removed += 1,
                Err(error) => {
                    failed = true;
                    say(&format!("error when removing backup '{}' - {}", row.volid, chain(&error)), true);
                }
            }
        }
        if failed { Err(Die::text("error pruning backups - check log")) } else { Ok(removed) }
    }

    fn remove_backup(&self, volid: &str) -> Result<(), Die> {
        let volid = volid.parse().map_err(|error: spec::ids::InvalidId| Die::text(error.to_string()))?;
        self.free(&self.file(&volid)?)
    }
}

fn file_name(volid: &str) -> &str {
    volid.rsplit('/').next().unwrap_or(volid)
}

fn is_standard(volid: &str) -> bool {
    BackupName::of(file_name(volid)).is_standard()
}

fn row_of(row: &VolumeRow) -> PruneRow {
    let mark = match (row.protected, is_standard(&row.volid)) {
        (Some(_), _) => Mark::Protected,
        (None, true) => Mark::Keep,
        (None, false) => Mark::Renamed,
    };
    let kind = row.subtype.unwrap_or("unknown");
    PruneRow { volid: row.volid.clone(), ctime: row.ctime, kind, vmid: row.vmid, mark }
}

#[cfg(test)]
mod tests {
    use std::fs;

    use super::*;
    use crate::state::{Node, NodeConfig};

    #[test]
    fn each_guest_is_pruned_by_itself_and_strange_names_stay() {
        let dir = tempfile::tempdir().unwrap();
        let node = Node::init(dir.path(), &NodeConfig::default()).unwrap();
        let storages = node.storages();
        let local = storages.usable("local").unwrap();
        let dump = storages.path(&local).join("dump");
        let stamps = ["2026_01_01-00_00_00", "2026_01_02-00_00_00", "2026_01_03-00_00_00"];
        for name in stamps.iter().map(|stamp| format!("vzdump-lxc-900-{stamp}.tar.zst")) {
            fs::write(dump.join(name), "x").unwrap();
        }
        for name in ["vzdump-lxc-901-2026_01_01-00_00_00.tar", "vzdump-lxc-900-golden.tar.zst", "my.tar"] {
            fs::write(dump.join(name), "x").unwrap();
        }
        fs::write(dump.join("vzdump-lxc-900-2026_01_01-00_00_00.tar.zst.protected"), "").unwrap();
        fs::write(dump.join("vzdump-lxc-900-2026_01_02-00_00_00.log"), "").unwrap();

        let plan = storages.prune_plan(&local, &Retention::parse("keep-last=1").unwrap(), None, None);
        let told: Vec<_> = plan.iter().map(|row| (file_name(&row.volid), row.mark.word())).collect();
        let wanted = [
            ("my.tar", "renamed"),
            ("vzdump-lxc-900-2026_01_01-00_00_00.tar.zst", "protected"),
            ("vzdump-lxc-900-2026_01_02-00_00_00.tar.zst", "remove"),
            ("vzdump-lxc-900-2026_01_03-00_00_00.tar.zst", "keep"),
            ("vzdump-lxc-900-golden.tar.zst", "renamed"),
            ("vzdump-lxc-901-2026_01_01-00_00_00.tar", "keep"),
        ];
        assert_eq!(told, wanted);
        assert_eq!(storages.prune(&plan, &|_, _| ()).unwrap(), 1);
        assert!(!dump.join("vzdump-lxc-900-2026_01_02-00_00_00.log").exists());
        assert_eq!(storages.content(&local, Some("backup"), None).len(), 5);
    }
}
