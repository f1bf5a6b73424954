//! What a backup says about its guest, and what follows from it before anything is made.

use spec::ids::Vmid;
use spec::pct::{Net, PctConf};

use super::NewGuestRequest;
use super::plan::{self, Plan};
use crate::access::Principal;
use crate::error::Die;
use crate::ops::Op;
use crate::ops::archive::{Archive, recover};
use crate::state::GuestFile;

/// What is decided before the first volume is made.
pub(super) struct Decided {
    /// Where the guest's tree comes from, where that was looked at already.
    pub(super) archive: Option<Archive>,
    /// Whether the guest's root is an ordinary user of the host.
    pub(super) unprivileged: bool,
    /// The volumes.
    pub(super) plan: Plan,
    /// Whether the archived guest was a template.
    pub(super) template: bool,
}

/// Decides it. `old` is the guest as it is now: `lock: create` alone, or one that is replaced.
pub(super) fn decide(op: &Op<'_>, request: &NewGuestRequest, old: &GuestFile) -> Result<Decided, Die> {
    let who = op.principal()?;
    if !request.restore {
        let plan = given_plan(request)?.map_or_else(|| plan::default_plan(&request.storage), Ok)?;
        return Ok(Decided {
            archive: None,
            unprivileged: request.unprivileged().unwrap_or(true),
            plan,
            template: false,
        });
    }
    if request.from_stdin() {
        let plan = given_plan(request)?.ok_or_else(|| Die::text("pipe requires rootfs parameter"))?;
        let unprivileged = request.unprivileged().unwrap_or(false);
        return Ok(Decided { archive: Some(Archive::Stdin), unprivileged, plan, template: false });
    }
    op.line(&format!("recovering backed-up configuration from '{}'", request.ostemplate));
    let archive = Archive::find(op.node, &request.ostemplate)?;
    let text = archive.path().map(|path| recover(path, &|line| op.line(line))).transpose()?;
    let archived = parsed(op, request.vmid, &text.unwrap_or_default());
    bridges(&who, request, &archived)?;
    let unprivileged = request.unprivileged().unwrap_or_else(|| archived.flag("unprivileged"));
    if !unprivileged && (is_new(old) || old.unprivileged()) {
        who.require("/", "Sys.Modify").map_err(|error| Die::text(format!("403 {}", error.text)))?;
    }
    let plan = match given_plan(request)? {
        Some(plan) => plan,
        None => plan::from_archive(&archived, &request.storage, who.is_root())?,
    };
    plan.notes.iter().for_each(|note| op.line(note));
    Ok(Decided { archive: Some(archive), unprivileged, plan, template: archived.flag("template") })
}

/// Whether there is nothing yet but the lock.
pub(super) fn is_new(old: &GuestFile) -> bool {
    old.conf.description().is_none() && old.conf.current().entries().all(|(key, _)| key == "lock")
}

/// A configuration out of an archive; what Proxmox warns about stands in the log.
pub(super) fn parsed(op: &Op<'_>, vmid: Vmid, text: &str) -> PctConf {
    let conf = PctConf::parse(text);
    for warning in conf.warnings() {
        op.line(&format!("vm {vmid} - {}", warning.to_string().trim_end()));
    }
    conf
}

fn given_plan(request: &NewGuestRequest) -> Result<Option<Plan>, Die> {
    let mounts = plan::from_params(&request.config, &request.storage)?;
    Ok(mounts.map(|mounts| Plan { mounts, ..Plan::default() }))
}

/// Who restores must be allowed to use the bridges that the archived NICs come with.
fn bridges(who: &Principal, request: &NewGuestRequest, archived: &PctConf) -> Result<(), Die> {
    let nets = archived.current().entries().filter(|(key, _)| super::merge::number("net", key).is_some());
    for (_, value) in nets.filter(|(key, _)| !request.config.contains_key(*key)) {
        let net: Net = value.parse().map_err(|error: spec::pct::PropertyError| Die::text(error.pve_text()))?;
        let Some(bridge) = net.bridge() else { continue };
        who.require(&format!("/sdn/zones/localnetwork/{bridge}"), "SDN.Use")
            .map_err(|error| Die::text(format!("403 {}", error.text)))?;
    }
    Ok(())
}
