//! What lies below a path.

use serde_json::{Value, json};

use super::call::Target;
use super::results;
use crate::cli::dispatch::{Failure, out};
use crate::cli::exit;
use crate::cli::output::{Cell, Field, Shape};
use crate::error::Die;
use crate::state::Node;

const FIELDS: &[Field] = &[("capabilities", Cell::Text(0), None), ("name", Cell::Text(0), None)];

/// Prints what lies below a path, and what can be done with each.
pub(super) fn run(node: &Node, words: &[String]) -> Result<u8, Failure> {
    let Some((path, rest)) = words.split_first().filter(|(path, _)| !path.starts_with('-')) else {
        let usage = "pvesh ls <api_path> [OPTIONS] [FORMAT_OPTIONS]\n".to_owned();
        return Err(Failure::Misused { text: "not enough arguments".to_owned(), usage });
    };
    let target = Target::of("get", path).ok_or_else(|| Die::text(format!("no such resource '{path}'")))?;
    let missing = || Die::text(format!("resource '{path}' does not define child links"));
    let child = results::child(target.method).ok_or_else(missing)?;
    let (data, output) = target.make(node, "pvesh ls", path, rest)?;
    let mut names: Vec<String> =
        data.as_array().into_iter().flatten().filter_map(|row| name(row.get(child)?)).collect();
    names.sort();
    let row = |name: &String| json!({"name": name, "capabilities": capabilities(&format!("{path}/{name}"))});
    let rows: Vec<Value> = names.iter().map(row).collect();
    out(&output.plain().render(&Value::from(rows), Shape::List(FIELDS)));
    Ok(exit::OK)
}

fn name(value: &Value) -> Option<String> {
    value.as_str().map(str::to_owned).or_else(|| value.as_u64().map(|number| number.to_string()))
}

/// A directory, readable, to be written, to be created in, to be deleted.
fn capabilities(path: &str) -> String {
    let read = match Target::of("get", path) {
        None => "--",
        Some(target) if results::child(target.method).is_some() => "Dr",
        Some(_) => "-r",
    };
    let others = [("set", 'w'), ("create", 'c'), ("delete", 'd')];
    let letter = |(command, letter): (&str, char)| if Target::of(command, path).is_some() { letter } else { '-' };
    read.chars().chain(others.map(letter)).collect()
}

#[cfg(test)]
mod tests {
    use super::capabilities;

    #[test]
    fn capabilities_are_what_is_served() {
        assert_eq!(capabilities("/nodes/pve/lxc"), "Dr-c-");
        assert_eq!(capabilities("/nodes/pve/lxc/101/config"), "-rw--");
        assert_eq!(capabilities("/nosuch"), "-----");
    }
}
