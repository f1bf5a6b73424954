//! What one of Proxmox's tools is made of: commands, each the face of a call.

use std::collections::BTreeSet;

use pve_wire::api::{Kind, Method, Param, Params, Permission, Verb, Words};
use serde_json::Value;

use super::dispatch::Failure;
use super::output::Shape;
use crate::state::Node;

/// A tool.
pub(super) struct Tool {
    /// Its name.
    pub(super) name: &'static str,
    /// Its commands, in the groups in which they are listed.
    pub(super) groups: &'static [&'static [Command]],
    /// Other names of commands.
    pub(super) aliases: &'static [(&'static str, &'static str)],
}

/// A command of a tool.
pub(super) struct Command {
    /// Its name: a word, or several.
    pub(super) name: &'static str,
    /// The call whose parameters it takes.
    pub(super) method: &'static Method,
    /// The parameters that stand without their names, in their order.
    pub(super) operands: &'static [&'static str],
    /// Whether the only one of them takes all words, as a list.
    pub(super) takes_all: bool,
    /// Whether what stands in the call's path comes with a path.
    pub(super) by_path: bool,
    /// Parameters that are always the same.
    pub(super) fixed: &'static [(&'static str, &'static str)],
    /// What it does.
    pub(super) act: Act,
}

/// What a command does.
pub(super) enum Act {
    /// Makes its call and shows the answer.
    Call(Show),
    /// Something of its own, that no call does. Returns the exit code.
    Own(fn(&Node, &Params) -> Result<u8, Failure>),
}

/// How a call's answer is shown.
#[derive(Clone, Copy)]
pub(super) enum Show {
    /// Not at all.
    Nothing,
    /// By the exit code: how the task ended.
    Task,
    /// As a text of the command's own.
    Text(fn(&Value) -> String),
    /// As the caller likes it: the command takes the options of the output.
    Result(Shape),
    /// The same, but as text it is worked over, and something is said behind it.
    Words(Shape, fn(&Value) -> Value, &'static str),
}

/// A parameter that takes all words that belong to no option.
pub(super) const REST: &str = "extra-args";

impl Command {
    /// The face of a call.
    pub(super) const fn call(
        name: &'static str,
        method: &'static Method,
        operands: &'static [&'static str],
        show: Show,
    ) -> Self {
        Self { name, method, operands, takes_all: false, by_path: false, fixed: &[], act: Act::Call(show) }
    }

    /// A command of its own.
    pub(super) const fn own(
        method: &'static Method,
        operands: &'static [&'static str],
        act: fn(&Node, &Params) -> Result<u8, Failure>,
    ) -> Self {
        Self { name: method.path, method, operands, takes_all: false, by_path: false, fixed: &[], act: Act::Own(act) }
    }

    /// With parameters that are always the same.
    pub(super) const fn fixed(mut self, fixed: &'static [(&'static str, &'static str)]) -> Self {
        self.fixed = fixed;
        self
    }

    /// With all words for its only operand.
    pub(super) const fn taking_all(mut self) -> Self {
        self.takes_all = true;
        self
    }

    /// Whether it takes the options of the output.
    pub(super) fn formats(&self) -> bool {
        matches!(self.act, Act::Call(Show::Result(_) | Show::Words(..)))
    }

    /// Whether the caller may give a parameter.
    pub(super) fn takes(&self, name: &str) -> bool {
        let fixed = self.fixed.iter().any(|(fixed, _)| *fixed == name);
        let in_path = self.by_path && self.method.path.split('/').any(|part| part == format!("{{{name}}}"));
        let own_node = name == "node" && self.method.is_on_node();
        !(fixed || in_path || own_node)
    }
}

/// The parameters of a command that is no face of a call.
pub(super) const fn parameters(name: &'static str, groups: &'static [&'static [Param]]) -> Method {
    Method { verb: Verb::Get, path: name, groups, permission: Permission::Root, tokens: false }
}

/// A parameter of such a command.
pub(super) const fn parameter(name: &'static str, kind: Kind, optional: bool) -> Param {
    Param { name, kind, optional, format: None, pattern: None, words: Words::Any, min: None, max: None, requires: None }
}

impl Tool {
    /// All commands, in the order in which they are listed.
    pub(super) fn commands(&self) -> impl Iterator<Item = &'static Command> {
        self.groups.iter().flat_map(|group| group.iter())
    }

    /// The command that the first words mean, and the words behind it; or what is wrong with them.
    pub(super) fn resolve<'w>(&self, words: &'w [String]) -> Result<(&'static Command, &'w [String]), String> {
        let mut said: Vec<&'static str> = Vec::new();
        for (index, word) in words.iter().enumerate() {
            let unknown = || format!("unknown command '{}'", [&[self.name], &said[..], &[word]].concat().join(" "));
            said = self.understood(&said, word).ok_or_else(unknown)?;
            if let Some(found) = self.commands().find(|command| command.name.split(' ').eq(said.iter().copied())) {
                return Ok((found, &words[index + 1..]));
            }
        }
        Err(format!("incomplete command '{} {}'", self.name, said.join(" ")))
    }

    /// The names' words up to and with `word`: a word of a name, another name, or the beginning of one word only.
    fn understood(&self, said: &[&'static str], word: &str) -> Option<Vec<&'static str>> {
        let next = |name: &'static str| {
            let mut words = name.split(' ');
            said.iter().all(|before| words.next() == Some(before)).then(|| words.next()).flatten()
        };
        let known: BTreeSet<&'static str> = self.commands().filter_map(|command| next(command.name)).collect();
        let whole = [said, &[word]].concat().join(" ");
        if let Some((_, name)) = self.aliases.iter().find(|(alias, _)| *alias == whole) {
            return Some(name.split(' ').collect());
        }
        let mut begun = known.iter().filter(|name| name.starts_with(word));
        let is_help = said.is_empty() && "help".starts_with(word);
        let found = known.get(word).or_else(|| begun.next().filter(|_| begun.next().is_none() && !is_help))?;
        Some([said, &[*found]].concat())
    }
}
