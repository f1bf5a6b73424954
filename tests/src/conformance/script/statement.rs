//! The statements of a scenario, each read by itself.

use super::common::Common;
use super::lines::Block;
use super::scenario::{Action, Answered, Base, Call, Identity, Need, TaskStart};

const METHODS: &[&str] = &["GET", "POST", "PUT", "DELETE"];

/// Whether a head begins a call, and the rest of it behind `until`.
pub(super) fn is_call(head: &str) -> bool {
    let word = head.strip_prefix("until ").unwrap_or(head).split(' ').next().unwrap_or_default();
    word == "as" || METHODS.contains(&word)
}

/// `[as WHO] METHOD PATH` and its parameters.
pub(super) fn call(block: &Block<'_>) -> Result<Call, String> {
    let head = block.head.strip_prefix("until ").unwrap_or(block.head);
    let (who, rest) = match head.strip_prefix("as ") {
        Some(rest) => {
            let (who, rest) = rest.split_once(' ').ok_or("write `as WHO METHOD PATH`")?;
            (Some(who.to_owned()), rest)
        }
        None => (None, head),
    };
    let (method, path) = rest.split_once(' ').ok_or("write `METHOD PATH`")?;
    if !METHODS.contains(&method) || !path.starts_with('/') {
        return Err(format!("`{method} {path}` is no call"));
    }
    let mut call = Call { who, method: method.to_owned(), path: path.to_owned(), ..Call::default() };
    for line in &block.body {
        if let Some((kind, text)) = line.strip_prefix("body ").and_then(|rest| rest.split_once(' ')) {
            call.body = Some((kind.to_owned(), text.to_owned()));
        } else {
            let (name, value) = line.split_once('=').ok_or_else(|| format!("`{line}` is no `name=value`"))?;
            call.params.push((name.to_owned(), unescaped(value)));
        }
    }
    Ok(call)
}

/// `\n` is a line's end, `\\` a backslash.
fn unescaped(text: &str) -> String {
    text.split("\\\\").map(|part| part.replace("\\n", "\n")).collect::<Vec<_>>().join("\\")
}

/// `=> task TYPE ID [as NAME]`, `=> STATUS [REASON]`, `=> text STATUS [REASON]`, `=> lines`.
pub(super) fn answered(block: &Block<'_>, common: &Common) -> Result<Answered, String> {
    let head = block.head.strip_prefix("=> ").ok_or("a call is followed by `=> …`")?;
    if let Some(rest) = head.strip_prefix("task ") {
        return task_start(rest).map(Answered::Task);
    }
    if head == "lines" {
        return common.expanded(&block.body).map(Answered::Lines);
    }
    let (text, head) = head.strip_prefix("text ").map_or((false, head), |rest| (true, rest));
    let (status, reason) = head.split_once(' ').unwrap_or((head, "OK"));
    let status = status.parse().map_err(|_| format!("`{status}` is no status"))?;
    let reason = reason.to_owned();
    if text {
        let lines = common.expanded(&block.body)?;
        return Ok(Answered::Text { status, reason, lines });
    }
    // Who is not let in learns nothing more, but at the door itself.
    if status == 401 && block.body != ["message"] {
        return Ok(Answered::Nothing { status, reason });
    }
    let (totals, json): (Vec<&str>, Vec<&str>) =
        block.body.iter().filter(|line| **line != "message").partition(|line| line.starts_with("total "));
    let total = totals.first().and_then(|line| line.strip_prefix("total ")).map(str::to_owned);
    let pattern = (!json.is_empty()).then(|| json.join("\n"));
    Ok(Answered::Json { status, reason, pattern, total })
}

fn task_start(text: &str) -> Result<TaskStart, String> {
    let words: Vec<&str> = text.split(' ').collect();
    let (kind, id, keep) = match words[..] {
        [kind, id] => (kind, id, "task"),
        [kind] => (kind, "", "task"),
        [kind, id, "as", keep] => (kind, id, keep),
        _ => return Err("write `=> task TYPE ID [as NAME]`".to_owned()),
    };
    Ok(TaskStart { kind: kind.to_owned(), id: id.to_owned(), keep: keep.to_owned() })
}

/// Every other statement.
pub(super) fn action(block: &Block<'_>, common: &Common) -> Result<Action, String> {
    let (verb, rest) = block.head.split_once(' ').unwrap_or((block.head, ""));
    let lines = || common.expanded(&block.body);
    match verb {
        "ends" => {
            let (task, status) = of_task(rest);
            Ok(Action::Ends { task, status })
        }
        "log" => Ok(Action::Log { task: of_task(rest).0, lines: lines()? }),
        "config" => config(rest, &lines()?),
        "shell" => {
            let command = rest.split(' ').map(str::to_owned).collect();
            let output = if block.body.is_empty() { None } else { Some(lines()?) };
            Ok(Action::Shell { command, output })
        }
        "identity" => identity(rest),
        "now" => {
            let who = rest.strip_prefix("as ").ok_or("write `now as WHO`")?;
            Ok(Action::Speaker(who.to_owned()))
        }
        "archive" => Ok(Action::Archive { file: rest.to_owned(), lines: lines()? }),
        "fresh" => Ok(Action::Fresh(rest.to_owned())),
        "let" => {
            let (name, value) = rest.split_once(" = ").ok_or("write `let NAME = VALUE`")?;
            Ok(Action::Let { name: name.to_owned(), value: value.to_owned() })
        }
        _ => Err(format!("`{}` is no statement", block.head)),
    }
}

/// `@NAME rest`: the task that is meant, if it is not the last one.
fn of_task(text: &str) -> (String, String) {
    match text.strip_prefix('@') {
        Some(named) => {
            let (name, rest) = named.split_once(' ').unwrap_or((named, ""));
            (name.to_owned(), rest.to_owned())
        }
        None => ("task".to_owned(), text.to_owned()),
    }
}

fn config(rest: &str, body: &[String]) -> Result<Action, String> {
    let words: Vec<&str> = rest.split(' ').collect();
    let (vmid, base) = match words[..] {
        [vmid] => (vmid, Base::Nothing),
        [vmid, "changed" | "same"] => (vmid, Base::Before),
        [vmid, "like", other] => (vmid, Base::Guest(other.to_owned())),
        _ => return Err("write `config VMID`, `config VMID changed`, `same` or `like VMID`".to_owned()),
    };
    let key = |line: &String| match (line.strip_prefix('-'), line.split_once(": ")) {
        (Some(gone), _) => Ok((gone.to_owned(), None)),
        (_, Some((key, value))) => Ok((key.to_owned(), Some(value.to_owned()))),
        _ => Err(format!("`{line}` is no `key: value`")),
    };
    let keys = body.iter().map(key).collect::<Result<_, _>>()?;
    Ok(Action::Config { vmid: vmid.to_owned(), base, keys })
}

fn identity(rest: &str) -> Result<Action, String> {
    let words: Vec<&str> = rest.splitn(3, ' ').collect();
    let (name, identity) = match words[..] {
        [name, "nobody"] => (name, Identity::Nobody),
        [name, "token", token] => (name, Identity::Header(format!("PVEAPIToken={token}"))),
        [name, "header", text] => (name, Identity::Header(text.to_owned())),
        [name, "ticket", text] => {
            let (ticket, csrf) = text.split_once(' ').map_or((text, None), |(ticket, csrf)| (ticket, Some(csrf)));
            (name, Identity::Ticket { ticket: ticket.to_owned(), csrf: csrf.map(str::to_owned) })
        }
        _ => return Err("write `identity NAME nobody|token ID=SECRET|header TEXT|ticket TICKET [CSRF]`".to_owned()),
    };
    Ok(Action::Identity { name: name.to_owned(), identity })
}

/// A section's `needs`.
pub(super) fn need(word: &str) -> Result<Need, String> {
    match word {
        "shell" => Ok(Need::Shell),
        "storage2" => Ok(Need::Storage2),
        "bridge2" => Ok(Need::Bridge2),
        "btrfs" => Ok(Need::Btrfs),
        _ => Err(format!("`{word}` is nothing a target can have")),
    }
}
