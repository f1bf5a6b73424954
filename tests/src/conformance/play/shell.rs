//! Steps on the node itself: one of Proxmox's tools, a guest's configuration file, a process killed.

use anyhow::{Context, Result, bail};

use super::expect::Verdict;
use super::scope::Scope;
use crate::conformance::pattern::lines;
use crate::conformance::target::Shell;

/// Runs it and compares how it ended. `! ` before the command expects it to fail.
pub(super) fn run(shell: &dyn Shell, scope: &Scope, command: &[String], output: Option<&[String]>) -> Result<Verdict> {
    let words: Vec<String> = command.iter().map(|word| scope.value(word)).collect::<Result<_>>()?;
    let (fails, words) = match words.split_first() {
        Some((mark, rest)) if mark == "!" => (true, rest),
        _ => (false, words.as_slice()),
    };
    let (verb, rest) = words.split_first().context("a command")?;
    let said = match (verb.as_str(), rest) {
        ("pct" | "vzdump" | "pvesm" | "pveum", _) => shell.tool(words)?,
        ("inside", [vmid, words @ ..]) => shell.inside(vmid, words)?,
        ("conf", [vmid]) => shell.conf(vmid)?,
        ("kill", [upid]) => shell.kill(pid(upid)?)?,
        _ => bail!("`{}` is nothing that is done on a node", words.join(" ")),
    };
    let mut verdict = Verdict::default();
    if (said.code != 0) != fails {
        verdict.differences.push(format!("exit code {}\n      | {}", said.code, said.lines.join("\n      | ")));
    }
    if let Some(output) = output {
        let expected: Vec<String> = output.iter().map(|line| scope.pattern(line)).collect();
        verdict.differences.extend(lines::compare(&expected, &said.lines, &mut verdict.captures));
    }
    Ok(verdict)
}

/// The process of a task: the second field of its UPID.
fn pid(upid: &str) -> Result<u32> {
    let field = upid.split(':').nth(2).context("a UPID")?;
    u32::from_str_radix(field, 16).with_context(|| format!("the process in {upid}"))
}
