//! Backups: start one, what holds where one does not say otherwise, read the configuration in one.

use serde_json::{Value, json};
use spec::ids::Volid;

use super::streams;
use super::volume_access::require_access;
use crate::api::{Answer, ApiError, Call};
use crate::error::Die;
use crate::ops::{self, Job, VzdumpDefaults, VzdumpRequest};
use crate::state::Node;

/// What only root may say.
const ROOT_ONLY: [&str; 4] = ["tmpdir", "dumpdir", "script", "job-id"];

/// What slows the whole node down, or speeds one job up at the others' expense.
const OF_THE_NODE: [&str; 3] = ["bwlimit", "ionice", "performance"];

pub(super) fn start(call: &Call) -> Result<Answer, ApiError> {
    let params = &call.params;
    if params.flag("stdout") && !call.by_hand {
        return Err(ApiError::parameter("stdout", "option is only allowed on the command line interface."));
    }
    refuse_unprivileged(call)?;
    let mut request = VzdumpRequest::of(&call.node, params, call.by_hand)?;
    if params.flag("stop") {
        call.who.require(&format!("/nodes/{}", call.node.name()), "Sys.Modify")?;
        ops::stop_running_backup(&call.node)?;
    }
    // Guests on other nodes are theirs to back up.
    if request.vmids.is_empty() && (!request.all || params.flag("stop")) {
        return Answer::of(&"OK");
    }
    if params.flag("stdout") && request.vmids.len() != 1 {
        return Err(Die::text("you can only backup a single VM with option --stdout").into());
    }
    if let Some(storage) = storage_of(&call.node, call) {
        call.who.require(&format!("/storage/{storage}"), "Datastore.AllocateSpace")?;
    }
    if params.flag("stdout") {
        request.stdout = Some(streams::hand_over_stdout()?);
    }
    if params.flag("quiet") && call.by_hand {
        streams::fall_silent()?;
    }
    call.start(Job::Vzdump(request))
}

fn refuse_unprivileged(call: &Call) -> Result<(), ApiError> {
    let params = &call.params;
    if call.who.is_root() {
        return Ok(());
    }
    if let Some(name) = ROOT_ONLY.iter().find(|name| params.has(name)) {
        return Err(ApiError::parameter(name, "Only root may set this option."));
    }
    if OF_THE_NODE.iter().any(|name| params.has(name)) {
        call.who.require("/", "Sys.Modify")?;
    }
    if params.has("prune-backups")
        && let Some(storage) = storage_of(&call.node, call)
    {
        call.who.require(&format!("/storage/{storage}"), "Datastore.Allocate")?;
    }
    Ok(())
}

/// The storage that the archives go to; none where a directory was named.
fn storage_of(node: &Node, call: &Call) -> Option<String> {
    let defaults = VzdumpDefaults::read(node);
    let given = call.params.owned("storage");
    let default = || defaults.get("storage").unwrap_or("local").to_owned();
    (!call.params.has("dumpdir")).then(|| given.unwrap_or_else(default))
}

pub(super) fn defaults(call: &Call) -> Result<Answer, ApiError> {
    let defaults = VzdumpDefaults::read(&call.node);
    let mut shown = defaults.shown();
    let storage = call.params.get("storage").or(defaults.get("storage"));
    let storage = storage.or(defaults.get("dumpdir").is_none().then_some("local"));
    if let Some(id) = storage {
        call.who.require_any(&format!("/storage/{id}"), &["Datastore.Audit", "Datastore.AllocateSpace"])?;
        let found = call.node.storages().get(id)?;
        if !found.holds("backup") {
            let why = format!("can't use storage '{id}' for backups - wrong content type");
            return Err(Die::text(why).into());
        }
        shown.insert("storage".to_owned(), json!(id));
        let dumpdir = call.node.storages().path(&found).join("dump");
        shown.insert("dumpdir".to_owned(), json!(dumpdir.display().to_string()));
        if let Some(retention) = found.retention() {
            shown.insert("prune-backups".to_owned(), json!(retention.to_string()));
        }
    }
    if !call.who.has(&format!("/nodes/{}", call.node.name()), "Sys.Audit") {
        for private in ["mailto", "tmpdir", "dumpdir", "script", "ionice"] {
            shown.remove(private);
        }
    }
    Answer::of(&Value::Object(shown))
}

pub(super) fn extract_config(call: &Call) -> Result<Answer, ApiError> {
    let text = call.text("volume");
    let Ok(volid) = text.parse::<Volid>() else {
        let why = if call.who.is_root() {
            format!("unable to parse volume ID '{text}'\n")
        } else {
            "Only root can pass arbitrary filesystem paths.".to_owned()
        };
        return Err(ApiError::new(500, why.trim_end()));
    };
    let file = call.node.storages().file(&volid)?;
    require_access(call, &file, Some("backup"))?;
    if let Some(owner) = file.owner() {
        call.who.require(&format!("/vms/{owner}"), "VM.Backup")?;
    }
    Answer::of(&ops::read_conf(&file)?)
}
