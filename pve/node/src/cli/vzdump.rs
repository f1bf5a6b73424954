//! `vzdump`.

use pve_wire::api::{ParamErrors, calls};

use super::checked::checked;
use super::dispatch::Failure;
use super::options::parse;
use super::pct::foreground;
use crate::ops::{Job, VzdumpRequest};
use crate::state::Node;

pub(super) fn run(node: &Node, words: &[String]) -> Result<u8, Failure> {
    let options = parse(words, &["protected", "remove", "stdexcludes", "quiet"]);
    let params = checked(node, &calls::VZDUMP, &[], &options.named)?;
    let numbers: Result<Vec<_>, _> = options.operands.iter().map(|text| text.parse()).collect();
    let vmids =
        numbers.map_err(|error: spec::ids::InvalidId| ParamErrors::from([("vmid".to_owned(), error.to_string())]))?;
    if vmids.is_empty() {
        return Err(ParamErrors::from([("vmid".to_owned(), "property is missing".to_owned())]).into());
    }
    let request = VzdumpRequest::of(vmids, &params, &words.join(" "))?;
    foreground(node, Job::Vzdump(request))
}
