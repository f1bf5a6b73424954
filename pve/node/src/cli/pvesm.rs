//! `pvesm`: root's tool for storages.

use pve_wire::api::{Format, Kind, Method, Param, Params, calls};
use serde_json::Value;
use spec::ids::Volid;

use super::dispatch::{Failure, out};
use super::tool::{Command, Show, Tool, parameter, parameters};
use super::{exit, pvesm_prune};
use crate::error::Die;
use crate::ops;
use crate::state::{Node, VolumeFile};

/// The tool.
pub(super) static PVESM: Tool = Tool { name: "pvesm", groups: &[CONFIG, CONTENT, STATUS, OWN], aliases: &[] };

static CONFIG: &[Command] = &[
    Command::call("add", &calls::CREATE_STORAGE, &["type", "storage"], Show::Nothing),
    Command::call("remove", &calls::DELETE_STORAGE, &["storage"], Show::Nothing),
    Command::call("set", &calls::UPDATE_STORAGE, &["storage"], Show::Nothing),
];

static CONTENT: &[Command] = &[
    Command::call("alloc", &calls::ALLOCATE_VOLUME, &["storage", "vmid", "filename", "size"], Show::Text(allocated)),
    Command::call("free", &calls::FREE_VOLUME, &["volume"], Show::Nothing),
    Command::call("list", &calls::LIST_CONTENT, &["storage"], Show::Text(content)),
];

static STATUS: &[Command] = &[Command::call("status", &calls::LIST_NODE_STORAGES, &[], Show::Text(status))];

static OWN: &[Command] = &[
    Command::own(&EXTRACT_CONFIG, &["volume"], extract_config),
    Command::own(&PATH, &["volume"], path),
    Command::own(&pvesm_prune::PRUNE, &["storage"], pvesm_prune::prune),
];

const VOLUME: Param = parameter("volume", Kind::Text, false);
static EXTRACT_CONFIG: Method = parameters("extractconfig", &[&[VOLUME]]);
static PATH: Method = parameters("path", &[&[Param { format: Some(Format::VolumeId), ..VOLUME }]]);

fn volume(node: &Node, params: &Params) -> Result<VolumeFile, Die> {
    let text = params.get("volume").unwrap_or_default();
    let volid: Volid = text.parse().map_err(|_| Die::text(format!("unable to parse volume ID '{text}'")))?;
    node.storages().file(&volid)
}

fn path(node: &Node, params: &Params) -> Result<u8, Failure> {
    out(&format!("{}\n", volume(node, params)?.path.display()));
    Ok(exit::OK)
}

fn extract_config(node: &Node, params: &Params) -> Result<u8, Failure> {
    out(&format!("{}\n", ops::read_conf(&volume(node, params)?)?));
    Ok(exit::OK)
}

fn allocated(data: &Value) -> String {
    format!("successfully created '{}'\n", data.as_str().unwrap_or_default())
}

fn number(row: &Value, key: &str) -> u64 {
    row.get(key).and_then(Value::as_u64).unwrap_or_default()
}

fn text<'a>(row: &'a Value, key: &str) -> &'a str {
    row.get(key).and_then(Value::as_str).unwrap_or_default()
}

fn rows(data: &Value) -> Vec<&Value> {
    data.as_array().into_iter().flatten().collect()
}

/// A line for every storage.
fn status(data: &Value) -> String {
    let mut rows = rows(data);
    rows.sort_by_key(|row| text(row, "storage"));
    let width = rows.iter().map(|row| text(row, "storage").len()).max().unwrap_or_default() + 1;
    let head = ["Type", "Status", "Total (KiB)", "Used (KiB)", "Available (KiB)", "%"];
    let [kind, state, total, used, avail, share] = head;
    let head = format!("{:<width$} {kind:>10} {state:>10} {total:>15} {used:>15} {avail:>15} {share:>8}\n", "Name");
    let line = |row: &&Value| {
        let (total, used, avail) = (number(row, "total"), number(row, "used"), number(row, "avail"));
        // Hundredths of a percent, rounded, so that no floating point is needed.
        let share = (u128::from(used) * 10_000 + u128::from(total) / 2).checked_div(u128::from(total)).unwrap_or(0);
        let (state, share) = match (number(row, "enabled"), number(row, "active")) {
            (0, _) => ("disabled", format!("{:>8}", "N/A")),
            (_, 0) => ("inactive", format!("{:>4}.{:02}%", share / 100, share % 100)),
            _ => ("active", format!("{:>4}.{:02}%", share / 100, share % 100)),
        };
        let (name, kind) = (text(row, "storage"), text(row, "type"));
        let [total, used, avail] = [total, used, avail].map(|bytes| bytes >> 10);
        format!("{name:<width$} {kind:>10} {state:>10} {total:>15} {used:>15} {avail:>15} {share}\n")
    };
    head + &rows.iter().map(line).collect::<Vec<_>>().concat()
}

/// A line for every volume; those of nobody last.
fn content(data: &Value) -> String {
    let rows = rows(data);
    let size = |row: &Value| row.get("size").and_then(Value::as_u64).map_or_else(|| "-".to_owned(), |n| n.to_string());
    let width = rows.iter().map(|row| text(row, "volid").len()).max().unwrap_or_default();
    let digits = rows.iter().map(|row| number(row, "size")).max().unwrap_or_default().to_string().len();
    let line = |volid: &str, format: &str, kind: &str, size: &str| {
        format!("{volid:<width$} {format:<7} {kind:<9} {size:>digits$}")
    };
    let row = |row: &Value| line(text(row, "volid"), text(row, "format"), text(row, "content"), &size(row));
    let (owned, mut others): (Vec<&Value>, Vec<&Value>) = rows.iter().partition(|row| number(row, "vmid") > 0);
    others.sort_by_key(|row| text(row, "format"));
    let head = line("Volid", "Format", "Type", "Size") + " VMID\n";
    let owned = owned.iter().map(|one| format!("{} {}\n", row(one), number(one, "vmid")));
    let others = others.iter().map(|one| row(one) + "\n");
    head + &owned.chain(others).collect::<Vec<_>>().concat()
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    #[test]
    fn storages_stand_in_columns() {
        let data = json!([{"storage": "local", "type": "dir", "enabled": 1, "active": 1, "total": 4096, "used": 1024, "avail": 3072},
                          {"storage": "b", "type": "btrfs", "enabled": 0, "active": 0, "total": 0, "used": 0, "avail": 0}]);
        assert_eq!(
            status(&data),
            "Name         Type     Status     Total (KiB)      Used (KiB) Available (KiB)        %\n\
             b           btrfs   disabled               0               0               0      N/A\n\
             local         dir     active               4               1               3   25.00%\n"
        );
    }

    #[test]
    fn volumes_of_nobody_come_last() {
        let data = json!([{"volid": "local:vztmpl/a.tar.zst", "format": "tzst", "content": "vztmpl", "size": 7},
                          {"volid": "local:101/a.raw", "format": "raw", "content": "rootdir", "size": 1024, "vmid": 101}]);
        assert_eq!(
            content(&data),
            "Volid                  Format  Type      Size VMID\n\
             local:101/a.raw        raw     rootdir   1024 101\n\
             local:vztmpl/a.tar.zst tzst    vztmpl       7\n"
        );
    }
}
