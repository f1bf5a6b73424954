//! A tool at work: which command, with which parameters, and what comes of it.

use std::sync::Arc;

use pve_wire::Upid;
use pve_wire::api::{Given, Method, Parameters, Params, calls, check};
use serde_json::Value;

use super::dispatch::{Failure, out};
use super::options::{self, Misuse};
use super::output::{Output, Shape};
use super::tool::{Act, Command, Show, Tool};
use super::{ask, exit, usage};
use crate::access::AccountStore;
use crate::api::{ApiError, Call, asked};
use crate::containers::bridge;
use crate::error::Die;
use crate::routes;
use crate::state::Node;
use crate::tasks;

/// Who asks by the command line.
const ROOT: &str = "root@pam";

/// Carries out what the words ask of a tool.
pub(super) fn tool(node: &Node, tool: &Tool, words: &[String]) -> Result<u8, Failure> {
    let unknown = |why: String| Failure::NoCommand { why, usage: usage::all(tool) };
    let Some((word, rest)) = words.split_first() else { return Err(unknown("no command specified".to_owned())) };
    match tool.resolve(words) {
        Ok((found, rest)) => command(node, found, &format!("{} {}", tool.name, found.name), rest),
        Err(_) if !word.is_empty() && "help".starts_with(word.as_str()) => help(tool, rest),
        Err(why) => Err(unknown(why)),
    }
}

fn help(tool: &Tool, words: &[String]) -> Result<u8, Failure> {
    let asked: Vec<String> = words.iter().filter(|word| !word.starts_with('-')).cloned().collect();
    if asked.is_empty() {
        out(&usage::all(tool));
        return Ok(exit::OK);
    }
    let unknown = |why| Failure::NoCommand { why, usage: usage::all(tool) };
    let (found, _) = tool.resolve(&asked).map_err(unknown)?;
    out(&format!("USAGE: {}", usage::line(&format!("{} {}", tool.name, found.name), found)));
    Ok(exit::OK)
}

/// Carries a command out. `prefix` is what its usage begins with.
pub(super) fn command(node: &Node, command: &Command, prefix: &str, words: &[String]) -> Result<u8, Failure> {
    let (given, output) = parsed(command, prefix, words)?;
    match command.act {
        Act::Own(act) => act(node, &checked(command, prefix, &completed(node, command, given)?)?),
        Act::Call(show) => shown(node, &call(node, command, prefix, given)?, show, &output),
    }
}

/// The words as parameters, and how the result is to look.
pub(super) fn parsed(command: &Command, prefix: &str, words: &[String]) -> Result<(Parameters, Output), Failure> {
    let misused = |misuse: Misuse| {
        misuse.lines.iter().for_each(|line| eprintln!("{line}"));
        Failure::Misused { text: misuse.text.to_owned(), usage: usage::line(prefix, command) }
    };
    let (given, format) = options::parameters(command, words).map_err(misused)?;
    Ok((given, Output::take(format).map_err(|errors| Failure::refused(errors, usage::line(prefix, command)))?))
}

fn checked(command: &Command, prefix: &str, given: &Parameters) -> Result<Params, Failure> {
    check(command.method, given).map_err(|errors| Failure::refused(errors, usage::line(prefix, command)))
}

/// Makes a command's call, as root and here, and returns its answer.
pub(super) fn call(node: &Node, command: &Command, prefix: &str, given: Parameters) -> Result<Value, Failure> {
    let handler =
        routes::handler(command.method).ok_or_else(|| Die::text(format!("this node does not serve '{prefix}'")))?;
    let given = completed(node, command, given)?;
    let refused = |error| api_failure(error, || usage::line(prefix, command));
    let node = asked(&Arc::new(node.clone()), &given).map_err(refused)?;
    let params = checked(command, prefix, &given)?;
    let starts = [&calls::START, &calls::REBOOT].iter().any(|method| std::ptr::eq(*method, command.method));
    if starts && params.vmid("vmid").is_some_and(|vmid| node.guests().exists(vmid)) {
        // A node that does not serve need not have its bridge yet.
        bridge::up(&node)?;
    }
    let who = AccountStore::new(&node.layout).principal(ROOT)?;
    let answer = handler(&Call { node, who, method: command.method, params, by_hand: true }).map_err(refused)?;
    Ok(answer.data)
}

/// The parameters with what the caller need not say: the node, secrets that are asked for, files that are read.
fn completed(node: &Node, command: &Command, mut given: Parameters) -> Result<Parameters, Failure> {
    if command.method.is_on_node() {
        given.entry("node".to_owned()).or_insert_with(|| Given::One(node.name().to_owned()));
    }
    if let Some(password) = asked_password(command, &given)? {
        given.insert("password".to_owned(), Given::One(password));
    }
    if let Some(Given::One(file)) = given.get("ssh-public-keys") {
        let keys = std::fs::read_to_string(file).map_err(Die::io("open", file))?;
        given.insert("ssh-public-keys".to_owned(), Given::One(keys));
    }
    Ok(given)
}

/// A password that was left out and must be there, or that was named without one.
fn asked_password(command: &Command, given: &Parameters) -> Result<Option<String>, Failure> {
    let is = |method: &Method| std::ptr::eq(command.method, method);
    let bare = given.get("password") == Some(&Given::One(String::new()));
    Ok(match given.get("password") {
        _ if is(&calls::CREATE_TICKET) => Some(ask::known_password()?),
        Some(_) if !bare => None,
        _ if is(&calls::CHANGE_PASSWORD) => Some(ask::new_password()?),
        Some(_) => Some(ask::password()?),
        None => None,
    })
}

/// A call's refusal as a tool tells it: wrong parameters with the usage, 500 without its number.
fn api_failure(error: ApiError, usage: impl FnOnce() -> String) -> Failure {
    match error.status {
        400 if !error.errors.is_empty() => Failure::refused(error.errors, usage()),
        400 => Failure::Misused { text: error.text, usage: usage() },
        500 => Failure::Die(Die::text(error.text)),
        status => Failure::Die(Die::text(format!("{status} {}", error.text))),
    }
}

fn shown(node: &Node, data: &Value, show: Show, output: &Output) -> Result<u8, Failure> {
    match show {
        Show::Nothing => (),
        Show::Text(text) => out(&text(data)),
        Show::Result(shape) => out(&output.render(data, shape)),
        Show::Words(shape, words, last) if output.is_text() => {
            out(&format!("{}{last}", output.render(&words(data), shape)));
        }
        Show::Words(..) => out(&output.render(data, Shape::Object(&[]))),
        // There was nothing to do.
        Show::Task if data == "OK" => (),
        Show::Task => {
            let upid: Upid = data
                .as_str()
                .and_then(|text| text.parse().ok())
                .ok_or_else(|| Die::text("the call started no task"))?;
            let ended = tasks::exit_status(node, &upid);
            return Ok(if ended.is_some_and(|end| end.succeeded()) { exit::OK } else { exit::FAILED });
        }
    }
    Ok(exit::OK)
}
