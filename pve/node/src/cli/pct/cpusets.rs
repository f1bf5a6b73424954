//! Which processors running guests may use.

use std::collections::BTreeSet;

use pve_wire::api::Params;

use crate::cli::dispatch::{Failure, out};
use crate::cli::exit;
use crate::containers::lxc;
use crate::state::Node;

/// A line for every running guest.
#[expect(clippy::unnecessary_wraps, reason = "a command can fail")]
pub(super) fn run(node: &Node, _: &Params) -> Result<u8, Failure> {
    let rows: Vec<(String, BTreeSet<u32>)> = lxc::running(&node.layout)
        .into_iter()
        .filter_map(|vmid| Some((vmid.to_string(), allowed(lxc::init_pid(&node.layout, vmid)?)?)))
        .collect();
    out(&table(&rows));
    Ok(exit::OK)
}

/// The processors of a process (proc_pid_status(5)).
fn allowed(pid: u32) -> Option<BTreeSet<u32>> {
    let status = std::fs::read_to_string(format!("/proc/{pid}/status")).ok()?;
    status.lines().find_map(|line| line.strip_prefix("Cpus_allowed_list:")).map(|list| members(list.trim()))
}

/// `0-2,5`.
fn members(list: &str) -> BTreeSet<u32> {
    let range = |part: &str| {
        let (from, to) = part.split_once('-').unwrap_or((part, part));
        Some(from.parse::<u32>().ok()?..=to.parse::<u32>().ok()?)
    };
    list.split(',').filter_map(range).flatten().collect()
}

fn table(rows: &[(String, BTreeSet<u32>)]) -> String {
    let line = |members: &BTreeSet<u32>| {
        let last = members.last().copied().unwrap_or_default();
        let place = |id: u32| {
            if members.contains(&id) { format!(" {id}") } else { format!(" {}", " ".repeat(id.to_string().len())) }
        };
        format!(": {}", (0..=last).map(place).collect::<Vec<_>>().concat())
    };
    let lines: Vec<(&str, String)> = rows.iter().map(|(vmid, members)| (vmid.as_str(), line(members))).collect();
    let longest = |lengths: &mut dyn Iterator<Item = usize>| lengths.max().unwrap_or_default();
    let ids = longest(&mut lines.iter().map(|(vmid, _)| vmid.len()));
    let rule = "-".repeat(ids + longest(&mut lines.iter().map(|(_, line)| line.len()))) + "\n";
    if lines.is_empty() {
        return "no running containers\n".to_owned();
    }
    let rows: Vec<String> = lines.iter().map(|(vmid, line)| format!("{vmid:>ids$}{line}\n")).collect();
    format!("{rule}{}{rule}", rows.concat())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn processors_stand_in_columns() {
        let rows = [("101".to_owned(), members("0-1,3")), ("9999".to_owned(), members("2"))];
        let expected = "--------------\n 101:  0 1   3\n9999:      2\n--------------\n";
        assert_eq!(table(&rows), expected);
        assert_eq!(table(&[]), "no running containers\n");
    }
}
