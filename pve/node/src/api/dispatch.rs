//! From a request to its answer: which call is it, may they, are the parameters right.
//!
//! The order is Proxmox's: 501, then 403, then 400, then what the call itself says.

use std::collections::BTreeMap;
use std::sync::Arc;

use pve_wire::api::{Given, Kind, Method, Parameters, check, find};

use super::call::{Answer, Call, Request};
use super::error::ApiError;
use crate::error::chain;
use crate::routes;
use crate::state::Node;

/// Answers a request.
pub fn answer(node: &Arc<Node>, request: Request) -> Result<Answer, ApiError> {
    let not_implemented = || {
        let path = request.segments.join("/");
        ApiError::new(501, format!("Method '{} /{path}' not implemented", request.verb))
    };
    let (method, variables) = find(request.verb, &request.segments).ok_or_else(not_implemented)?;
    let handler = routes::handler(method).ok_or_else(not_implemented)?;
    let given = with_variables(method, request.given, variables)?;
    request.who.refuse_token(method, &request.segments)?;
    request.who.may(&method.permission, &given)?;
    let node = asked(node, &given)?;
    let params = check(method, &given)?;
    handler(&Call { node, who: request.who, method, params, by_hand: false })
}

/// The parameters with the path's variables among them, single texts made lists where lists are wanted.
fn with_variables(
    method: &Method,
    given: Parameters,
    variables: BTreeMap<String, String>,
) -> Result<Parameters, ApiError> {
    let mut all = given;
    for param in method.params().filter(|param| param.kind == Kind::List) {
        if let Some(Given::One(text)) = all.get(param.name).cloned() {
            all.insert(param.name.to_owned(), Given::Many(vec![text]));
        }
    }
    for (name, value) in variables {
        let value = Given::One(value);
        if all.get(&name).is_some_and(|other| *other != value) {
            let why = "duplicate parameter (already defined in URI) with conflicting values!";
            return Err(ApiError::parameter(&name, why));
        }
        all.insert(name, value);
    }
    Ok(all)
}

/// The node that the path names; `localhost` means the one that was asked.
pub(crate) fn asked(node: &Arc<Node>, given: &Parameters) -> Result<Arc<Node>, ApiError> {
    let name = match given.get("node") {
        Some(Given::One(name)) if name != node.name() && name != "localhost" => name,
        _ => return Ok(Arc::clone(node)),
    };
    let nodes = node.cluster().map_err(|error| ApiError::new(500, chain(&error)))?;
    nodes.into_iter().find(|node| node.name() == name).map(Arc::new).ok_or_else(|| {
        let why = "failed to get address info for";
        ApiError::new(500, format!("hostname lookup '{name}' failed - {why}: {name}: Name or service not known"))
    })
}
