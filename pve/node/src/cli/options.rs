//! A command's words as parameters of its call. Pure.

use std::collections::BTreeMap;

use pve_wire::api::{Given, Kind, Param, Parameters};

use super::getopt::{Known, parse};
use super::output;
use super::tool::{Command, REST};

/// The most members that a family of parameters (`mp[n]`) has.
const FAMILY: usize = 256;

/// Why words are no parameters: lines about single words, and what is wrong with the whole.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Misuse {
    pub(super) lines: Vec<String>,
    pub(super) text: &'static str,
}

impl Misuse {
    fn of(text: &'static str) -> Self {
        Self { lines: Vec::new(), text }
    }
}

/// A command's parameters, and the options that concern its output.
pub(super) fn parameters(
    command: &Command,
    words: &[String],
) -> Result<(Parameters, BTreeMap<String, String>), Misuse> {
    let mut found = parse(words, &known(command));
    if !found.complaints.is_empty() {
        return Err(Misuse { lines: std::mem::take(&mut found.complaints), text: "unable to parse option" });
    }
    let mut given = Parameters::new();
    let mut format = BTreeMap::new();
    for (name, value) in found.options {
        if command.formats() && output::OPTIONS.contains(&name.as_str()) {
            let switch = output::SWITCHES.contains(&name.as_str());
            format.insert(name, if switch { boolean(&value)?.to_owned() } else { value });
            continue;
        }
        let Some(param) = command.method.param(&name) else { continue };
        add(&mut given, param, name, value)?;
    }
    add_operands(&mut given, command, found.operands)?;
    given.extend(command.fixed.iter().map(|(name, value)| ((*name).to_owned(), Given::One((*value).to_owned()))));
    Ok((given, format))
}

/// The options of a command.
fn known(command: &Command) -> Vec<Known> {
    let mut known = Vec::new();
    let is_option = |param: &&Param| {
        let all = command.takes_all && command.operands.contains(&param.name);
        command.takes(param.name) && param.name != REST && !all
    };
    for param in command.method.params().filter(is_option) {
        // Whoever leaves a password out is asked for it.
        let bare = param.kind == Kind::Boolean || param.name == "password";
        match param.name.strip_suffix("[n]") {
            None => known.push(Known { name: param.name.to_owned(), bare }),
            Some(family) => {
                let members = (0..FAMILY).map(|n| format!("{family}{n}")).take_while(|name| param.bears(name));
                known.extend(members.map(|name| Known { name, bare }));
            }
        }
    }
    if command.formats() {
        let option = |name: &&str| Known { name: (*name).to_owned(), bare: output::SWITCHES.contains(name) };
        known.extend(output::OPTIONS.iter().map(option));
    }
    known
}

/// Lists grow with every option of their name; of anything else the last one counts.
fn add(given: &mut Parameters, param: &Param, name: String, value: String) -> Result<(), Misuse> {
    if param.kind == Kind::Boolean {
        given.insert(name, Given::One(boolean(&value)?.to_owned()));
        return Ok(());
    }
    let is_list = param.format.and_then(pve_wire::api::Format::name).is_some_and(|name| name.contains("-list"));
    let earlier = given.remove(&name);
    let value = match (earlier, param.kind) {
        (Some(Given::Many(mut list)), Kind::List) => {
            list.push(value);
            Given::Many(list)
        }
        (_, Kind::List) => Given::Many(vec![value]),
        (Some(Given::One(list)), _) if is_list => Given::One(format!("{list},{value}")),
        _ => Given::One(value),
    };
    given.insert(name, value);
    Ok(())
}

/// The command line takes more words for a boolean than the API.
fn boolean(word: &str) -> Result<&'static str, Misuse> {
    match word.to_ascii_lowercase().as_str() {
        "" | "1" | "yes" | "on" | "true" => Ok("1"),
        "0" | "no" | "off" | "false" => Ok("0"),
        _ => Err(Misuse::of("unable to parse boolean option")),
    }
}

fn add_operands(given: &mut Parameters, command: &Command, words: Vec<String>) -> Result<(), Misuse> {
    if let ([name], true) = (command.operands, command.takes_all) {
        if !words.is_empty() {
            given.insert((*name).to_owned(), Given::One(words.join(",")));
        }
        return Ok(());
    }
    let mut words = words.into_iter();
    for name in command.operands {
        if *name == REST {
            given.insert(REST.to_owned(), Given::Many(words.by_ref().collect()));
            continue;
        }
        let param = command.method.param(name);
        match words.next() {
            Some(word) => match param {
                Some(param) if param.kind == Kind::Boolean => add(given, param, (*name).to_owned(), word)?,
                _ => drop(given.insert((*name).to_owned(), Given::One(word))),
            },
            None if param.is_some_and(|param| !param.optional) => return Err(Misuse::of("not enough arguments")),
            None => (),
        }
    }
    if words.next().is_some() { Err(Misuse::of("too many arguments")) } else { Ok(()) }
}

#[cfg(test)]
mod tests {
    use super::super::tool::Show;
    use super::*;
    use pve_wire::api::calls;

    fn given(command: &Command, line: &str) -> Result<Vec<String>, Misuse> {
        let words: Vec<String> = line.split(' ').filter(|word| !word.is_empty()).map(str::to_owned).collect();
        let shown = |(name, value): (String, Given)| match value {
            Given::One(text) => format!("{name}={text}"),
            Given::Many(list) => format!("{name}={list:?}"),
        };
        Ok(parameters(command, &words)?.0.into_iter().map(shown).collect())
    }

    const CREATE: Command = Command::call("create", &calls::CREATE_VM, &["vmid", "ostemplate"], Show::Task);
    const RESTORE: Command = CREATE.fixed(&[("restore", "1")]);

    #[test]
    fn options_and_operands_become_parameters() {
        assert_eq!(
            given(
                &CREATE,
                "101 local:x --hostname a -hostname b --unprivileged --onboot no --net0 name=eth0 --force=on"
            )
            .unwrap(),
            ["force=1", "hostname=b", "net0=name=eth0", "onboot=0", "ostemplate=local:x", "unprivileged=1", "vmid=101"]
        );
        assert_eq!(given(&RESTORE, "101 -").unwrap(), ["ostemplate=-", "restore=1", "vmid=101"]);
    }

    #[test]
    fn what_is_fixed_is_no_option() {
        let misuse = given(&RESTORE, "101 x --restore 0 --node pve").unwrap_err();
        assert_eq!(misuse.lines, ["Unknown option: restore", "Unknown option: node"]);
        assert_eq!(misuse.text, "unable to parse option");
    }

    #[test]
    fn operands_are_counted() {
        assert_eq!(given(&CREATE, "101").unwrap_err().text, "not enough arguments");
        assert_eq!(given(&CREATE, "101 x y").unwrap_err().text, "too many arguments");
        let start = Command::call("start", &calls::START, &["vmid"], Show::Task);
        assert_eq!(given(&start, "--skiplock 101").unwrap_err().text, "unable to parse boolean option");
        assert_eq!(given(&start, "101 --skiplock").unwrap(), ["skiplock=1", "vmid=101"]);
    }

    #[test]
    fn lists_grow() {
        let backup = Command::call("vzdump", &calls::VZDUMP, &["vmid"], Show::Task).taking_all();
        assert_eq!(
            given(&backup, "101 102 --exclude-path /a --exclude-path /b --exclude 7 --exclude 8,9").unwrap(),
            ["exclude=7,8,9", "exclude-path=[\"/a\", \"/b\"]", "vmid=101,102"]
        );
        assert_eq!(given(&backup, "--vmid 101").unwrap_err().lines, ["Unknown option: vmid"]);
    }
}
