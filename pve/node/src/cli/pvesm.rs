//! `pvesm`.

use spec::ids::Volid;

use super::dispatch::{Failure, out};
use super::exit;
use super::options::{Options, parse};
use crate::ops;
use crate::state::Node;
use pve_wire::api::ParamErrors;

pub(super) fn run(node: &Node, words: &[String]) -> Result<u8, Failure> {
    let (command, words) = words.split_first().map_or(("help", words), |(first, rest)| (first.as_str(), rest));
    let options = parse(words, &[]);
    match command {
        "path" => {
            let file = node.storages().file(&volid(&options)?)?;
            out(&format!("{}\n", file.path.display()));
        }
        "status" => status(node),
        "list" => list(node, &options)?,
        "free" => node.storages().free(&node.storages().file(&volid(&options)?)?)?,
        "extractconfig" => out(&ops::read_conf(&node.storages().file(&volid(&options)?)?)?),
        _ => return Err(Failure::UnknownCommand { tool: "pvesm", command: command.to_owned() }),
    }
    Ok(exit::OK)
}

fn volid(options: &Options) -> Result<Volid, Failure> {
    let text = options.operands.first().map(String::as_str).unwrap_or_default();
    text.parse()
        .map_err(|error: spec::ids::InvalidId| ParamErrors::from([("volume".to_owned(), error.to_string())]).into())
}

fn status(node: &Node) {
    let head = ("Name", "Type", "Status", "Total (KiB)", "Used (KiB)", "Available (KiB)", "%");
    out(&format!(
        "{:<15} {:>10} {:>10} {:>15} {:>15} {:>15} {:>8}\n",
        head.0, head.1, head.2, head.3, head.4, head.5, head.6
    ));
    for storage in node.storages().all() {
        let row = node.storages().status(&storage);
        // Hundredths of a percent, so that no floating point is needed.
        let share = (u128::from(row.used) * 10_000).checked_div(u128::from(row.total)).unwrap_or_default();
        out(&format!(
            "{:<15} {:>10} {:>10} {:>15} {:>15} {:>15} {:>5}.{:02}%\n",
            row.storage,
            row.kind,
            "active",
            row.total >> 10,
            row.used >> 10,
            row.avail >> 10,
            share / 100,
            share % 100
        ));
    }
}

fn list(node: &Node, options: &Options) -> Result<(), Failure> {
    let id = options.operands.first().map(String::as_str).unwrap_or_default();
    let rows = node.storages().content(&node.storages().get(id)?, None, None);
    let wanted = |key: &str, value: &str| options.named.get(key).is_none_or(|wanted| wanted == value);
    let vmid = |row: &crate::state::VolumeRow| row.vmid.map(|vmid| vmid.to_string()).unwrap_or_default();
    let rows: Vec<_> =
        rows.into_iter().filter(|row| wanted("content", row.content) && wanted("vmid", &vmid(row))).collect();
    let width = rows.iter().map(|row| row.volid.len()).max().unwrap_or_default().max(5);
    if !rows.is_empty() {
        out(&format!("{:<width$} {:<8} {:<10} {:>12} {}\n", "Volid", "Format", "Type", "Size", "VMID"));
    }
    for row in rows {
        out(&format!("{:<width$} {:<8} {:<10} {:>12} {}\n", row.volid, row.format, row.content, row.size, vmid(&row)));
    }
    Ok(())
}
