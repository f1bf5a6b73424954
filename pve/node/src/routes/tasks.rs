//! Tasks: list, status, log, stop.

use std::collections::BTreeMap;
use std::path::Path;

use jiff::Timestamp;
use pve_wire::Upid;

use crate::api::{Answer, ApiError, Call, Download};
use crate::exec::Program;
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
    let path = tasks::find(&call.node, &upid).unwrap_or_default();
    if params.flag("download") {
        return download(call, &upid, &path);
    }
    let at = |key: &str, default: usize| params.number(key).and_then(|n| usize::try_from(n).ok()).unwrap_or(default);
    let (rows, total) = tasks::log_lines(&path, at("start", 0), at("limit", 50));
    Ok(Answer { total: Some(total), ..Answer::of(&rows)? })
}

/// The whole log as a file, compressed where it is long.
fn download(call: &Call, upid: &Upid, path: &Path) -> Result<Answer, ApiError> {
    if ["start", "limit"].iter().any(|key| call.params.has(key)) {
        let why = "'download' cannot be used together with 'start' or 'limit' parameters";
        return Err(ApiError::new(500, why));
    }
    let missing =
        || ApiError::new(500, format!("Could not open file '{}' - No such file or directory", path.display()));
    let text = std::fs::read(path).map_err(|_| missing())?;
    let gzipped = text.len() > 1024;
    let body = if gzipped { Program::new("gzip").arg("-c").arg(path).bytes()? } else { text };
    let time = Timestamp::from_second(i64::from(upid.starttime())).unwrap_or_default();
    let time = time.strftime("%Y-%m-%dT%H:%M:%SZ");
    let name = format!("task-{}-{}-{time}.log", upid.node(), upid.kind());
    Ok(Answer::file(Download { name, body, gzipped }))
}

pub(super) fn stop(call: &Call) -> Result<Answer, ApiError> {
    let upid = parse_known(call)?;
    require(call, &upid, "Sys.Modify")?;
    tasks::stop(&upid)?;
    Ok(Answer::null())
}
