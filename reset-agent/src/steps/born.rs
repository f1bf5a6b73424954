//! Whether a guest was born as it should be: what it must have, and what it must not have brought along.

use pve_client::config_nets;
use pve_client::wire::GuestConfig;
use saga::StepError;
use spec::identity::{Identity, IdentityKind};
use spec::ids::{MacAddr, Vmid};
use spec::pct::Net;

use super::restore::{Order, Restored};
use super::source::Source;
use crate::context::Context;
use crate::evidence::Column;
use crate::ledger::GuestState;

/// What was made is believed when the configuration says so.
pub(super) async fn finish(
    ctx: &Context,
    order: &Order,
    vmid: Vmid,
    source: Source,
    config: &GuestConfig,
) -> Result<Restored, StepError> {
    let wrong = differences(order, &source, config);
    if !wrong.is_empty() {
        return Err(StepError::failed(format!("guest {vmid} was not made as asked: {}", wrong.join("; "))));
    }
    ctx.ledger.mark(order.names.guest, GuestState::Provisioned).await.map_err(|error| StepError::from_error(&error))?;
    let tree = match ctx.helper_of(vmid) {
        Some(helper) => helper.observe(vmid).await.map_err(|error| StepError::from_error(&error))?.observations,
        None => Vec::new(),
    };
    Ok(Restored { vmid, source, column: Column::of(Some(config), &[], &tree) })
}

fn differences(order: &Order, source: &Source, config: &GuestConfig) -> Vec<String> {
    let mut wrong = Vec::new();
    let nets = match config_nets(config) {
        Ok(nets) => nets,
        Err(error) => return vec![error.to_string()],
    };
    for (key, mac) in &order.names.macs {
        match nets.get(key) {
            Some(net) if net.hwaddr() == Some(*mac) && net.link_down() => {}
            // The node draws an address for each interface of a clone: it has its own once it is reset.
            Some(net) if *source != Source::Archive && net.link_down() && is_fresh(order, net) => {}
            Some(net) => wrong.push(format!("{key} is {net}, not {mac} with its link down")),
            None => wrong.push(format!("{key} is missing")),
        }
    }
    wrong.extend(nets.keys().filter(|key| !order.names.macs.contains_key(*key)).map(|key| format!("{key} came up")));
    let mut must = |right: bool, what: &str| {
        if !right {
            wrong.push(what.to_owned());
        }
    };
    must(config.flag("unprivileged"), "it is privileged");
    must(!config.flag("onboot"), "it would start with the node");
    must(!config.flag("protection"), "it is protected");
    must(!config.flag("template"), "it is a template");
    must(config.lxc.is_empty(), "it has raw lxc.* lines");
    must(config.get("hookscript").is_none(), "it has a hook");
    let features = |text: &str| text.parse::<spec::pct::Features>().map(|features| features.to_string()).ok();
    let same = features(config.get("features").unwrap_or_default()) == features(&order.golden.features);
    must(same, "its features are not the golden's");
    wrong
}

fn is_fresh(order: &Order, net: &Net) -> bool {
    let golden = |mac: MacAddr| order.golden.forbidden.contains(&Identity::new(IdentityKind::Mac, &mac.to_string()));
    net.hwaddr().is_some_and(|mac| !golden(mac))
}
