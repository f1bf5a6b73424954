//! A path of the API, and the call that is made on it.

use std::collections::BTreeMap;

use pve_wire::api::{Given, Method, Verb, find};
use serde_json::Value;

use super::results;
use crate::cli::dispatch::{Failure, out};
use crate::cli::output::{Output, Shape};
use crate::cli::tool::{Command, Show};
use crate::cli::{exit, perform};
use crate::routes;
use crate::state::Node;

/// A call on a path.
pub(super) struct Target {
    pub(super) method: &'static Method,
    /// What stands in the path for the method's variables.
    pub(super) variables: BTreeMap<String, String>,
}

impl Target {
    /// The call that a command means on a path, where this node serves it.
    pub(super) fn of(command: &str, path: &str) -> Option<Self> {
        let verb = match command {
            "get" => Verb::Get,
            "set" => Verb::Put,
            "create" => Verb::Post,
            _ => Verb::Delete,
        };
        let segments: Vec<String> = path.split('/').filter(|part| !part.is_empty()).map(str::to_owned).collect();
        let (method, variables) = find(verb, &segments)?;
        routes::handler(method).map(|_| Self { method, variables })
    }

    /// The call as a command: what stands in the path is no option.
    pub(super) fn command(&self, operands: &'static [&'static str], formats: bool) -> Command {
        let show = if formats { Show::Result(Shape::Scalar) } else { Show::Nothing };
        Command { by_path: true, operands, ..Command::call("", self.method, &[], show) }
    }

    /// Makes the call with these options and returns its answer.
    pub(super) fn make(
        &self,
        node: &Node,
        prefix: &str,
        path: &str,
        words: &[String],
    ) -> Result<(Value, Output), Failure> {
        let command = self.command(&["api_path"], true);
        let words: Vec<String> =
            std::iter::once(path).chain(words.iter().map(String::as_str)).map(str::to_owned).collect();
        let (mut given, output) = perform::parsed(&command, prefix, &words)?;
        given.remove("api_path");
        let variable = |(name, value): (&String, &String)| (name.clone(), Given::One(value.clone()));
        given.extend(self.variables.iter().map(variable));
        Ok((perform::call(node, &command, prefix, given)?, output))
    }
}

/// Makes the call and prints what it answers.
pub(super) fn run(node: &Node, name: &'static str, words: &[String], quiet: bool) -> Result<u8, Failure> {
    let prefix = format!("pvesh {name}");
    let Some((path, rest)) = words.split_first().filter(|(path, _)| !path.starts_with('-')) else {
        let usage = format!("{prefix} <api_path> [OPTIONS] [FORMAT_OPTIONS]\n");
        return Err(Failure::Misused { text: "not enough arguments".to_owned(), usage });
    };
    let Some(target) = Target::of(name, path) else {
        eprintln!("No '{name}' handler defined for '{path}'");
        return Ok(exit::NO_HANDLER);
    };
    let (data, output) = target.make(node, &prefix, path, rest)?;
    if !quiet {
        out(&output.render(&data, results::shape(target.method, &data)));
    }
    Ok(exit::OK)
}
