//! Answers as `pct` prints them. Pure, but for `status`.

use pve_wire::api::Params;
use serde_json::Value;

use super::mounts::vmid;
use crate::cli::dispatch::{Failure, out};
use crate::cli::exit;
use crate::containers::lxc;
use crate::error::Die;
use crate::routes;
use crate::state::Node;

/// A value as text: no quotes, and no fraction that is none.
fn plain(value: &Value) -> String {
    let text = value.as_str().map_or_else(|| value.to_string(), str::to_owned);
    if value.is_f64() { text.trim_end_matches(".0").to_owned() } else { text }
}

fn field(row: &Value, key: &str) -> String {
    row.get(key).filter(|value| !value.is_null()).map(plain).unwrap_or_default()
}

/// Nothing at all where there is no guest, not even the header.
pub(super) fn list(data: &Value) -> String {
    let mut rows: Vec<&Value> = data.as_array().into_iter().flatten().collect();
    rows.sort_by_key(|row| field(row, "vmid").parse::<u64>().unwrap_or_default());
    if rows.is_empty() {
        return String::new();
    }
    let line = |a: &str, b: &str, c: &str, d: &str| format!("{a:<10} {b:<10} {c:<12} {d:<20}\n");
    let row = |row: &&Value| line(&field(row, "vmid"), &field(row, "status"), &field(row, "lock"), &field(row, "name"));
    line("VMID", "Status", "Lock", "Name") + &rows.iter().map(row).collect::<Vec<_>>().concat()
}

/// `key: value`, raw lines of LXC's last.
pub(super) fn config(data: &Value) -> String {
    let mut text = String::new();
    for (key, value) in data.as_object().into_iter().flatten() {
        if key != "digest" && key != "lxc" {
            text.extend([key, ": ", &shown(key, &plain(value)), "\n"]);
        }
    }
    for raw in data.get("lxc").and_then(Value::as_array).into_iter().flatten() {
        if let (Some(key), Some(value)) = (raw.get(0), raw.get(1)) {
            text.extend([plain(key).as_str(), ": ", &plain(value), "\n"]);
        }
    }
    text
}

/// What is, what is to come, what is to go.
pub(super) fn pending(data: &Value) -> String {
    let mut rows: Vec<&Value> = data.as_array().into_iter().flatten().collect();
    rows.sort_by_key(|row| field(row, "key"));
    let mut text = String::new();
    for row in rows {
        let key = field(row, "key");
        let value = |name: &str| row.get(name).filter(|value| !value.is_null()).map(|value| shown(&key, &plain(value)));
        let mut line = |word: &str, value: &str| text.extend([word, " ", &key, ": ", value, "\n"]);
        match (value("value"), value("pending")) {
            _ if key == "digest" => (),
            (Some(now), _) if !matches!(field(row, "delete").as_str(), "" | "0") => line("del", &now),
            (Some(now), Some(new)) => {
                line("cur", &now);
                line("new", &new);
            }
            (Some(now), None) => line("cur", &now),
            (None, Some(new)) => line("new", &new),
            (None, None) => (),
        }
    }
    text
}

/// A description on one line: percent-encoded, as Proxmox prints it.
fn shown(key: &str, value: &str) -> String {
    const SET: &percent_encoding::AsciiSet = &percent_encoding::CONTROLS.add(b':').add(b'%');
    if key == "description" { percent_encoding::utf8_percent_encode(value, SET).to_string() } else { value.to_owned() }
}

/// Whether a guest runs, or all that is known of how it does.
pub(super) fn status(node: &Node, params: &Params) -> Result<u8, Failure> {
    let vmid = vmid(params)?;
    node.guests().read(vmid)?;
    let running = lxc::running(&node.layout);
    if !params.flag("verbose") {
        out(&format!("status: {}\n", if running.contains(&vmid) { "running" } else { "stopped" }));
        return Ok(exit::OK);
    }
    let row = serde_json::to_value(routes::status_row(node, vmid, &running));
    let row = row.map_err(|error| Die::text(error.to_string()))?;
    for (key, value) in row.as_object().into_iter().flatten() {
        if key != "cpu" && !value.is_null() {
            out(&format!("{key}: {}\n", plain(value)));
        }
    }
    Ok(exit::OK)
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    #[test]
    fn guests_are_listed_by_number() {
        let data = json!([{"vmid": 101, "status": "stopped", "name": "b", "lock": "backup"},
                          {"vmid": 99, "status": "running", "name": "a"}]);
        assert_eq!(
            list(&data),
            "VMID       Status     Lock         Name                \n\
             99         running                 a                   \n\
             101        stopped    backup       b                   \n"
        );
        assert_eq!(list(&json!([])), "");
    }

    #[test]
    fn a_configuration_is_printed_without_its_digest() {
        let data =
            json!({"description": "a: ä\n", "memory": 256, "digest": "x", "lxc": [["lxc.cap.drop", "sys_rawio"]]});
        assert_eq!(config(&data), "description: a%3A %C3%A4%0A\nmemory: 256\nlxc.cap.drop: sys_rawio\n");
    }

    #[test]
    fn pending_changes_have_a_word_each() {
        let data = json!([{"key": "memory", "value": 256, "pending": 512}, {"key": "digest", "value": "x"},
                          {"key": "cores", "value": 1, "delete": 1}, {"key": "tty", "pending": "3"}, {"key": "arch", "value": "amd64"}]);
        assert_eq!(pending(&data), "cur arch: amd64\ndel cores: 1\ncur memory: 256\nnew memory: 512\nnew tty: 3\n");
    }
}
