//! What a tool says about its commands. Pure.

use pve_wire::api::Kind;

use super::tool::{Command, REST, Tool};

/// A command's line, without the name of its tool: `start <vmid> [OPTIONS]`.
pub(super) fn line(prefix: &str, command: &Command) -> String {
    let param = |name: &str| command.method.param(name);
    let mut words: Vec<String> = Vec::new();
    for name in command.operands {
        let list = param(name).and_then(|param| param.format?.name()).is_some_and(|format| format.contains("-list"));
        let optional = *name == REST || param(name).is_some_and(|param| param.optional);
        words.push(match (list, optional) {
            (true, _) => format!("{{<{name}>}}"),
            (false, true) => format!("[<{name}>]"),
            (false, false) => format!("<{name}>"),
        });
    }
    // A password that must be there is asked for.
    let is_asked = |name: &str| name == "password" && param(name).is_some_and(|param| !param.optional);
    let is_option = |name: &str| command.takes(name) && !command.operands.contains(&name) && !is_asked(name);
    let mut needed: Vec<_> = command.method.params().filter(|param| is_option(param.name) && !param.optional).collect();
    needed.sort_by_key(|param| param.name);
    words.extend(needed.iter().map(|param| format!("--{} <{}>", param.name, kind(param.kind))));
    let mut line = format!("{prefix} {}", words.join(" "));
    if command.method.params().any(|param| is_option(param.name)) {
        line.push_str(" [OPTIONS]");
    }
    if command.formats() {
        line.push_str(" [FORMAT_OPTIONS]");
    }
    line + "\n"
}

fn kind(kind: Kind) -> &'static str {
    match kind {
        Kind::Boolean => "boolean",
        Kind::Integer => "integer",
        Kind::Number => "number",
        Kind::Text => "string",
        Kind::List => "array",
    }
}

/// All commands of a tool.
pub(super) fn all(tool: &Tool) -> String {
    let group = |commands: &&[Command]| {
        let mut lines: Vec<&Command> = commands.iter().collect();
        lines.sort_by_key(|command| command.name);
        let line = |command: &&Command| format!("       {}", line(&format!("{} {}", tool.name, command.name), command));
        lines.iter().map(line).collect::<Vec<_>>().concat()
    };
    let groups: Vec<String> = tool.groups.iter().map(group).collect();
    let help = format!("       {} help [<extra-args>] [OPTIONS]\n", tool.name);
    format!("USAGE: {} <COMMAND> [ARGS] [OPTIONS]\n\n{}\n{help}", tool.name, groups.join("\n"))
}
