//! Tasks: list, status, log, stop.

use std::collections::BTreeMap;

use pve_wire::Upid;

use crate::api::{Answer, ApiError, Call};
use crate::tasks::{self, Filter, Source};

fn parse(call: &Call) -> Result<Upid, ApiError> {
    call.text("upid").parse().map_err(|_| ApiError::parameter("upid", "unable to parse worker upid"))
}

fn parse_known(call: &Call) -> Result<Upid, ApiError> {
    let upid = parse(call)?;
    tasks::find(&call.node, &upid).map(|_| upid).ok_or_else(|| ApiError::parameter("upid", "no such task"))
}

/// Other people's tasks take `privilege` on the node.
fn require(call: &Call, upid: &Upid, privilege: &str) -> Result<(), ApiError> {
    if tasks::is_own(upid, &call.who.auth_id) {
        return Ok(());
    }
    call.who.require(&format!("/nodes/{}", call.node.name()), privilege)
}

pub(super) fn list(call: &Call) -> Result<Answer, ApiError> {
    let params = &call.params;
    let filter = Filter {
        source: match params.get("source") {
            Some("active") => Source::Active,
            Some("all") => Source::All,
            _ => Source::Archive,
        },
        vmid: params.owned("vmid"),
        kind: params.owned("typefilter"),
        user: params.owned("userfilter"),
        errors: params.flag("errors"),
        statuses: params.get("statusfilter").map(|list| list.split([',', ';', ' ']).map(str::to_owned).collect()),
        since: params.get("since").and_then(|text| text.parse().ok()),
        until: params.get("until").and_then(|text| text.parse().ok()),
    };
    let auditor = call.who.has(&format!("/nodes/{}", call.node.name()), "Sys.Audit");
    let rows = tasks::list(&call.node, &filter, &call.who.auth_id, auditor);
    let at = |key: &str, default: usize| params.number(key).and_then(|n| usize::try_from(n).ok()).unwrap_or(default);
    let part: Vec<_> = rows.iter().skip(at("start", 0)).take(at("limit", 50)).collect();
    // A total of nought is left out.
    Ok(Answer { total: Some(rows.len() as u64).filter(|total| *total > 0), ..Answer::of(&part)? })
}

/// The tasks of late, wherever they run.
pub(super) fn cluster_list(call: &Call) -> Result<Answer, ApiError> {
    let all = call.who.has("/", "Sys.Audit");
    Answer::of(&tasks::cluster_list(&call.node, &call.who.auth_id, all))
}

/// What there is to ask of a task; any name will do.
pub(super) fn index(_call: &Call) -> Result<Answer, ApiError> {
    Answer::of(&["log", "status"].map(|name| BTreeMap::from([("name", name)])))
}

pub(super) fn status(call: &Call) -> Result<Answer, ApiError> {
    let upid = parse_known(call)?;
    require(call, &upid, "Sys.Audit")?;
    Answer::of(&tasks::status(&call.node, &upid))
}

/// An unknown task's log is no error: it has one line that says so.
pub(super) fn log(call: &Call) -> Result<Answer, ApiError> {
    let upid = parse(call)?;
    require(call, &upid, "Sys.Audit")?;
    let params = &call.params;
    let at = |key: &str, default: usize| params.number(key).and_then(|n| usize::try_from(n).ok()).unwrap_or(default);
    let path = tasks::find(&call.node, &upid).unwrap_or_default();
    let (rows, total) = tasks::log_lines(&path, at("start", 0), at("limit", 50));
    Ok(Answer { total: Some(total), ..Answer::of(&rows)? })
}

pub(super) fn stop(call: &Call) -> Result<Answer, ApiError> {
    let upid = parse_known(call)?;
    require(call, &upid, "Sys.Modify")?;
    tasks::stop(&upid)?;
    Ok(Answer::null())
}
