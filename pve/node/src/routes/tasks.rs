//! Tasks: list, status, log, stop.

use pve_wire::Upid;

use crate::api::{Answer, ApiError, Call, Kind, Param};
use crate::tasks::{self, Filter, Source};

fn parse(text: &str) -> Result<Upid, ApiError> {
    text.parse().map_err(|_| ApiError::parameter("upid", "unable to parse worker upid"))
}

/// Tasks of one's own are always visible; of a user's tokens, to the user. Others take `privilege` on the node.
fn require(call: &Call, upid: &Upid, privilege: &str) -> Result<(), ApiError> {
    let own = upid.auth_id() == call.who.auth_id || upid.user() == call.who.auth_id;
    if own { Ok(()) } else { call.who.require(&format!("/nodes/{}", call.node.name()), privilege) }
}

pub(super) fn list(call: &Call) -> Result<Answer, ApiError> {
    let known = [
        Param::optional("start", Kind::Integer(0, i64::MAX)),
        Param::optional("limit", Kind::Integer(0, i64::MAX)),
        Param::optional("userfilter", Kind::Text(0, 255)),
        Param::optional("typefilter", Kind::Text(0, 255)),
        Param::optional("vmid", Kind::Vmid),
        Param::optional("errors", Kind::Boolean),
        Param::optional("source", Kind::OneOf(&["archive", "active", "all"])),
        Param::optional("since", Kind::Integer(0, i64::MAX)),
        Param::optional("until", Kind::Integer(0, i64::MAX)),
    ];
    let params = call.params(&[&known])?;
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
        since: params.number("since"),
        until: params.number("until"),
    };
    let rows = tasks::list(&call.node, &filter, &|upid| require(call, upid, "Sys.Audit").is_ok());
    let at = |key: &str, default: usize| params.number(key).and_then(|n| usize::try_from(n).ok()).unwrap_or(default);
    let part: Vec<_> = rows.iter().skip(at("start", 0)).take(at("limit", 50)).collect();
    Ok(Answer { total: Some(rows.len() as u64), ..Answer::of(&part)? })
}

pub(super) fn status(call: &Call, text: &str) -> Result<Answer, ApiError> {
    let upid = parse(text)?;
    require(call, &upid, "Sys.Audit")?;
    call.params(&[])?;
    tasks::find(&call.node, &upid).ok_or_else(|| ApiError::parameter("upid", "no such task"))?;
    Answer::of(&tasks::status(&call.node, &upid))
}

/// An unknown task's log is no error: it has one line that says so.
pub(super) fn log(call: &Call, text: &str) -> Result<Answer, ApiError> {
    let upid = parse(text)?;
    require(call, &upid, "Sys.Audit")?;
    let known =
        [Param::optional("start", Kind::Integer(0, i64::MAX)), Param::optional("limit", Kind::Integer(0, i64::MAX))];
    let params = call.params(&[&known])?;
    let at = |key: &str, default: usize| params.number(key).and_then(|n| usize::try_from(n).ok()).unwrap_or(default);
    let path = tasks::find(&call.node, &upid).unwrap_or_default();
    let (rows, total) = tasks::log_lines(&path, at("start", 0), at("limit", 50));
    Ok(Answer { total: Some(total), ..Answer::of(&rows)? })
}

pub(super) fn stop(call: &Call, text: &str) -> Result<Answer, ApiError> {
    let upid = parse(text)?;
    require(call, &upid, "Sys.Modify")?;
    call.params(&[])?;
    tasks::find(&call.node, &upid).ok_or_else(|| ApiError::parameter("upid", "no such task"))?;
    tasks::stop(&upid)?;
    Ok(Answer::null())
}
