//! `[[step]]` and `[[check]]`: what is done in the build guest, and what must hold afterwards.

use super::packages::is_package_request;
use super::required;
use crate::recipe::accepted::{Check, CopyFile, Script, Step};
use crate::recipe::fragment::{CopyFragment, StepFragment};
use crate::recipe::keys::Problems;

pub(super) fn steps(fragments: Vec<StepFragment>, problems: &mut Problems) -> Vec<Step> {
    let numbered = fragments.into_iter().enumerate();
    numbered.filter_map(|(index, step)| accept_step(&format!("step[{}]", index + 1), step, problems)).collect()
}

fn accept_step(path: &str, step: StepFragment, problems: &mut Problems) -> Option<Step> {
    match step {
        StepFragment { apt: Some(packages), run: None, copy: None, env: None } => {
            for package in packages.iter().filter(|p| !is_package_request(p)) {
                problems.add(format!("{path}.apt"), format!("{package:?} is no package; write name or name=version"));
            }
            Some(Step::Apt(packages))
        }
        StepFragment { apt: None, run: Some(run), copy: None, env: None } => {
            script(&format!("{path}.run"), run, problems).map(Step::Run)
        }
        StepFragment { apt: None, run: None, copy: Some(copy), env: None } => {
            accept_copy(path, copy, problems).map(Step::Copy)
        }
        StepFragment { apt: None, run: None, copy: None, env: Some(env) } => {
            for name in env.keys().filter(|name| !is_variable(name)) {
                problems
                    .add(format!("{path}.env.{name}"), "is no variable's name; use letters, digits and underscores");
            }
            Some(Step::Env(env))
        }
        _ if problems.has(path) => None,
        _ => {
            problems.add(path, "must hold exactly one of apt, run, copy and env");
            None
        }
    }
}

fn is_variable(name: &str) -> bool {
    name.starts_with(|c: char| c.is_ascii_alphabetic() || c == '_')
        && name.bytes().all(|b| b.is_ascii_alphanumeric() || b == b'_')
}

/// One word with a slash names a file beside the recipe; everything else is a command.
fn script(path: &str, text: String, problems: &mut Problems) -> Option<Script> {
    if text.trim().is_empty() {
        problems.add(path, "is empty; write a command, or the path of a script beside the recipe");
        return None;
    }
    let is_file = text.contains('/') && !text.starts_with('/') && !text.contains(char::is_whitespace);
    if is_file {
        beside_recipe(path, &text, problems);
    }
    Some(if is_file { Script::File(text) } else { Script::Command(text) })
}

fn beside_recipe(path: &str, file: &str, problems: &mut Problems) {
    if file.starts_with('/') || file.split('/').any(|part| part == "..") {
        problems.add(path, format!("{file:?} leads out of the recipe's directory; keep the file beside the recipe"));
    }
}

fn accept_copy(path: &str, copy: CopyFragment, problems: &mut Problems) -> Option<CopyFile> {
    let from = required(copy.from, &format!("{path}.copy.from"), "from = \"files/motd\"", problems);
    let to = required(copy.to, &format!("{path}.copy.to"), "to = \"/etc/motd\"", problems);
    if let Some(from) = &from {
        beside_recipe(&format!("{path}.copy.from"), from, problems);
    }
    if let Some(to) =
        to.as_ref().filter(|to| !to.starts_with('/') || to.ends_with('/') || to.split('/').any(|part| part == ".."))
    {
        problems.add(format!("{path}.copy.to"), format!("{to:?} is no absolute path of a file in the guest"));
    }
    let mode = copy.mode.unwrap_or_else(|| "0644".to_owned());
    let bits = u32::from_str_radix(&mode, 8).ok().filter(|bits| *bits <= 0o7777 && mode.len() >= 3);
    if bits.is_none() {
        problems.add(format!("{path}.copy.mode"), format!("{mode:?} is no octal mode; write for instance \"0644\""));
    }
    Some(CopyFile { from: from?, to: to?, mode: bits? })
}

pub(super) fn checks(fragments: Vec<Option<String>>, problems: &mut Problems) -> Vec<Check> {
    let mut accepted = Vec::new();
    for (index, run) in fragments.into_iter().enumerate() {
        let path = format!("check[{}].run", index + 1);
        let run = required(run, &path, "run = \"systemctl is-active ssh\"", problems);
        accepted.extend(run.and_then(|run| script(&path, run, problems)).map(|run| Check { run }));
    }
    accepted
}
