//! `vzdump`.

use super::dispatch::Failure;
use super::options::parse;
use super::pct::foreground;
use crate::api::{Kind, Param, ParamErrors, check};
use crate::ops::{Job, VzdumpRequest};
use crate::state::Node;

/// What both the command line and the API take.
pub(crate) const OPTIONS: &[Param] = &[
    Param::optional("storage", Kind::StorageId),
    Param::optional("mode", Kind::OneOf(&["snapshot", "suspend", "stop"])),
    Param::optional("compress", Kind::OneOf(&["0", "1", "gzip", "lzo", "zstd"])),
    Param::optional("zstd", Kind::Integer(0, 1024)),
    Param::optional("notes-template", Kind::Text(0, 1024)),
    Param::optional("protected", Kind::Boolean),
    Param::optional("remove", Kind::Boolean),
    Param::optional("stdexcludes", Kind::Boolean),
    Param::optional("exclude-path", Kind::Text(1, 4096)),
    Param::optional("bwlimit", Kind::Integer(0, i64::MAX)),
    Param::optional("ionice", Kind::Integer(0, 8)),
    Param::optional("quiet", Kind::Boolean),
    Param::optional("node", Kind::Text(1, 255)),
];

pub(super) fn run(node: &Node, words: &[String]) -> Result<u8, Failure> {
    let options = parse(words, &["protected", "remove", "stdexcludes", "quiet"]);
    let params = check(&options.named, &[OPTIONS])?;
    let numbers: Result<Vec<_>, _> = options.operands.iter().map(|text| text.parse()).collect();
    let vmids =
        numbers.map_err(|error: spec::ids::InvalidId| ParamErrors::from([("vmid".to_owned(), error.to_string())]))?;
    if vmids.is_empty() {
        return Err(ParamErrors::from([("vmid".to_owned(), "property is missing".to_owned())]).into());
    }
    let request = VzdumpRequest::of(vmids, &params, &words.join(" "))?;
    foreground(node, Job::Vzdump(request))
}
