//! One table: method and path → the function that answers.

use super::{cluster, config, guest, node, power, resize, storage, tasks, vzdump};
use crate::api::{Answer, ApiError, Call};

/// Answers a call; what stands in no row is not implemented.
pub fn answer(call: &Call) -> Result<Answer, ApiError> {
    let segments: Vec<&str> = call.segments.iter().map(String::as_str).collect();
    match (call.method.as_str(), segments.as_slice()) {
        ("GET", ["version"]) => cluster::version(call),
        ("GET", ["access", "permissions"]) => cluster::permissions(call),
        ("GET", ["cluster", "resources"]) => cluster::resources(call),
        ("GET", ["cluster", "nextid"]) => cluster::next_id(call),
        ("GET", ["cluster", "tasks"]) => tasks::cluster_list(call),
        ("GET", ["nodes"]) => node::list(call),
        (method, ["nodes", name, rest @ ..]) => {
            on_this_node(call, name)?;
            below_node(call, method, rest)
        }
        _ => Err(not_implemented(call)),
    }
}

fn below_node(call: &Call, method: &str, path: &[&str]) -> Result<Answer, ApiError> {
    match (method, path) {
        ("GET", ["status"]) => node::status(call),
        ("GET", ["network"]) => node::network(call),
        ("GET", ["tasks"]) => tasks::list(call),
        ("GET", ["tasks", _]) => tasks::index(call),
        ("GET", ["tasks", upid, "status"]) => tasks::status(call, upid),
        ("GET", ["tasks", upid, "log"]) => tasks::log(call, upid),
        ("DELETE", ["tasks", upid]) => tasks::stop(call, upid),
        ("POST", ["vzdump"]) => vzdump::start(call),
        ("GET", ["vzdump", "extractconfig"]) => vzdump::extract_config(call),
        ("GET", ["storage"]) => storage::list(call),
        ("GET", ["storage", id, "status"]) => storage::status(call, id),
        ("GET", ["storage", id, "content"]) => storage::content(call, id),
        ("GET", ["storage", id, "content", volume @ ..]) => storage::volume(call, id, volume),
        ("PUT", ["storage", id, "content", volume @ ..]) => storage::change(call, id, volume),
        ("DELETE", ["storage", id, "content", volume @ ..]) => storage::free(call, id, volume),
        ("GET", ["lxc"]) => guest::list(call),
        ("POST", ["lxc"]) => guest::create(call),
        (method, ["lxc", vmid, rest @ ..]) => below_guest(call, method, vmid, rest),
        _ => Err(not_implemented(call)),
    }
}

fn below_guest(call: &Call, method: &str, vmid: &str, path: &[&str]) -> Result<Answer, ApiError> {
    match (method, path) {
        ("DELETE", []) => guest::destroy(call, vmid),
        ("POST", ["clone"]) => guest::clone(call, vmid),
        ("POST", ["template"]) => guest::template(call, vmid),
        ("GET", ["interfaces"]) => guest::interfaces(call, vmid),
        ("GET", ["config"]) => config::get(call, vmid),
        ("PUT", ["config"]) => config::put(call, vmid),
        ("GET", ["pending"]) => config::pending(call, vmid),
        ("PUT", ["resize"]) => resize::put(call, vmid),
        ("GET", ["status", "current"]) => guest::current(call, vmid),
        ("POST", ["status", action @ ("start" | "stop" | "shutdown" | "reboot")]) => power::post(call, vmid, action),
        _ => Err(not_implemented(call)),
    }
}

fn not_implemented(call: &Call) -> ApiError {
    ApiError::new(501, format!("Method '{} {}' not implemented", call.method, call.path()))
}

/// There is one node; `localhost` means it too.
fn on_this_node(call: &Call, name: &str) -> Result<(), ApiError> {
    if name == call.node.name() || name == "localhost" {
        return Ok(());
    }
    let why = "failed to get address info for";
    Err(ApiError::new(500, format!("hostname lookup '{name}' failed - {why}: {name}: Name or service not known")))
}
