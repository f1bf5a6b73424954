//! A guest's snapshots as a tree. Pure, but for the local time zone.

use std::cmp::Ordering;

use jiff::{Timestamp, tz::TimeZone};
use serde_json::Value;

/// The tree: roots by age, what was made of each below it, the present last.
pub(super) fn tree(data: &Value) -> String {
    let all: Vec<Snapshot<'_>> = data.as_array().into_iter().flatten().map(Snapshot::of).collect();
    let is_root = |one: &&Snapshot<'_>| one.parent.is_none_or(|parent| all.iter().all(|other| other.name != parent));
    let mut roots: Vec<&Snapshot<'_>> = all.iter().filter(is_root).collect();
    roots.sort_by(|a, b| by_age(a, b));
    let zone = TimeZone::system();
    roots.iter().map(|root| branch(root, &all, "`->", &zone)).collect()
}

struct Snapshot<'a> {
    name: &'a str,
    parent: Option<&'a str>,
    time: Option<i64>,
    description: &'a str,
}

impl<'a> Snapshot<'a> {
    fn of(row: &'a Value) -> Self {
        let text = |key: &str| row.get(key).and_then(Value::as_str);
        Self {
            name: text("name").unwrap_or_default(),
            parent: text("parent").filter(|parent| !parent.is_empty()),
            time: row.get("snaptime").and_then(Value::as_i64),
            description: text("description").filter(|text| !text.is_empty()).unwrap_or("no-description"),
        }
    }
}

/// What has no time is the present.
fn by_age(a: &Snapshot<'_>, b: &Snapshot<'_>) -> Ordering {
    match (a.time, b.time) {
        (None, _) => Ordering::Greater,
        (_, None) => Ordering::Less,
        (Some(a), Some(b)) => a.cmp(&b),
    }
}

fn branch(root: &Snapshot<'_>, all: &[Snapshot<'_>], prefix: &str, zone: &TimeZone) -> String {
    let time = root.time.and_then(|seconds| Timestamp::from_second(seconds).ok());
    let time = time.map(|time| time.to_zoned(zone.clone()).strftime("%F %H:%M:%S").to_string()).unwrap_or_default();
    let width = 30_usize.saturating_sub(prefix.len());
    let line =
        format!("{prefix} {:<width$} {time:<23} {}\n", root.name, root.description.lines().next().unwrap_or_default());
    let mut children: Vec<&Snapshot<'_>> = all.iter().filter(|one| one.parent == Some(root.name)).collect();
    children.sort_by(|a, b| by_age(a, b));
    let deeper = format!(" {prefix}");
    line + &children.iter().map(|child| branch(child, all, &deeper, zone)).collect::<String>()
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    #[test]
    fn the_present_stands_below_the_last_snapshot() {
        let data = json!([{"name": "current", "parent": "two", "description": "You are here!"},
                          {"name": "two", "parent": "one", "snaptime": 90, "description": ""},
                          {"name": "one", "snaptime": 60, "description": "first\nmore"}]);
        let text = tree(&data);
        let lines: Vec<&str> = text.lines().collect();
        assert!(lines[0].starts_with("`-> one                         1970-01-01 "), "{text}");
        assert!(lines[0].ends_with("     first"), "{text}");
        assert!(
            lines[1].starts_with(" `-> two                        1970-01-01 ")
                && lines[1].ends_with(" no-description")
        );
        assert_eq!(lines[2], format!("  `-> {:<25} {:<23} You are here!", "current", ""));
    }
}
