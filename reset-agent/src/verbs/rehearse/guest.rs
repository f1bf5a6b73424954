//! From a guest just born to one that is handed over: what provisioned and recovered guests have in common.

use pve_client::Outline;
use pve_client::wire::GuestConfig;
use uuid::Uuid;

use super::later::DIGEST;
use super::rehearsal::Does;
use super::script::{Script, refused};
use crate::config::{LoginSettings, MachineIdSource};
use crate::context::Context;
use crate::request::Wanted;
use crate::steps::Source;
use crate::steps::asks::{Order, change_of, clone_of, issue_of, mount_of, restore_of, rootfs_size, withdrawal_of};
use crate::stop::Stop;

/// The guest as the node will show it: a restored one has the interfaces that were asked for, a copy its template's.
pub(super) async fn born(script: &mut Script, order: &Order) -> Result<GuestConfig, Stop> {
    let (pve, vmid) = (script.ctx.pve.clone(), order.names.vmid);
    match Source::choose(&script.ctx, order).await.map_err(refused)? {
        Source::Template { vmid: template } => {
            script.call("restore", pve.clone_guest(clone_of(order, template, vmid))).await?;
            let config = pve.config(template).await.map_err(Stop::failed)?;
            Ok(GuestConfig { digest: DIGEST.to_owned(), ..config })
        }
        Source::Archive | Source::Pool => {
            let restore = restore_of(&script.ctx, order, vmid).map_err(refused)?;
            let asked = script.call("restore", pve.restore(restore)).await?;
            Ok(with_interfaces(asked))
        }
    }
}

fn with_interfaces(asked: Vec<Outline>) -> GuestConfig {
    let params = asked.into_iter().flat_map(|outline| outline.params);
    let values = params.filter(|(key, _)| key.starts_with("net")).collect();
    GuestConfig { digest: DIGEST.to_owned(), values, ..GuestConfig::default() }
}

/// Identity written, disk grown.
pub(super) async fn reset(script: &mut Script, order: &Order, born: &GuestConfig) -> Result<(), Stop> {
    let (pve, vmid, size) = (script.ctx.pve.clone(), order.names.vmid, order.request.size);
    let change = change_of(born, &order.names, true).map_err(refused)?;
    script.call("reset", pve.change_config(vmid, change)).await?;
    // A restore makes the disk as large as was asked for.
    let small = born.get("rootfs").is_some() && rootfs_size(born).map_err(refused)? < size;
    if small {
        script.call("resize", pve.resize_rootfs(vmid, size, &born.digest)).await?;
    }
    Ok(())
}

/// The further volumes, one call each.
pub(super) async fn mount(script: &mut Script, order: &Order, born: &GuestConfig) -> Result<(), Stop> {
    let (pve, root) = (script.ctx.pve.clone(), script.ctx.settings.guests.storage.clone());
    for (index, volume) in order.request.volumes.iter().enumerate() {
        let change = mount_of(born, &format!("mp{index}"), volume, &root);
        script.call("mount", pve.change_config(order.names.vmid, change)).await?;
    }
    Ok(())
}

/// The machine-id, where the ledger issues it.
pub(super) async fn issue(script: &mut Script, order: &Order, born: &GuestConfig) -> Result<(), Stop> {
    if is_issued(&script.ctx) {
        script.ledger("issue", "a machine-id is drawn; it is this guest's for ever");
        let pve = script.ctx.pve.clone();
        // A value of the same form: it is never shown.
        script.call("issue", pve.change_config(order.names.vmid, issue_of(born, Uuid::nil()))).await?;
    }
    Ok(())
}

/// The same taken out again.
pub(super) async fn withdraw(script: &mut Script, order: &Order, born: &GuestConfig) -> Result<(), Stop> {
    if is_issued(&script.ctx) {
        let pve = script.ctx.pve.clone();
        script.call("withdraw", pve.change_config(order.names.vmid, withdrawal_of(born))).await?;
    }
    Ok(())
}

fn is_issued(ctx: &Context) -> bool {
    ctx.settings.machine_id == MachineIdSource::Ledger
}

/// Link up and on; false where it would not come so far.
pub(super) async fn start(script: &mut Script, order: &Order, born: &GuestConfig) -> Result<bool, Stop> {
    let (pve, vmid) = (script.ctx.pve.clone(), order.names.vmid);
    let helped = script.ctx.helper.is_some();
    if helped {
        script.tell("start", Does::Helper { what: "the request for a signature, into the stopped guest".to_owned() });
    }
    let cloud_init = script.ctx.settings.cloud_init.as_ref();
    if cloud_init.is_some_and(|settings| settings.is_for(order.golden.name())) {
        if !helped {
            let what = "cloud-init's seed can only be brought by a helper: set `helper.socket`".to_owned();
            script.tell("start", Does::Ends { what });
            return Ok(false);
        }
        script.tell("start", Does::Helper { what: "cloud-init's seed, into the stopped guest".to_owned() });
    }
    let change = change_of(born, &order.names, false).map_err(refused)?;
    script.call("start", pve.change_config(vmid, change)).await?;
    script.call("start", pve.start(vmid)).await?;
    Ok(true)
}

/// The guest is waited for and proven to be reachable.
pub(super) fn reach(script: &mut Script, request: &Wanted) {
    let ssh = &script.ctx.settings.ssh;
    let (file, user) = (ssh.known_hosts.display().to_string(), ssh.user.clone());
    let with = ssh.login.as_ref().map(|login| match login {
        LoginSettings::UserCa(_) => "a certificate of this run",
        LoginSettings::Agent(_) => "a key of the ssh-agent",
    });
    // Nobody vouches for keys that were believed on first contact: no name server gets those.
    let records = ssh.sshfp.as_ref().filter(|_| script.ctx.helper.is_some());
    let records = records.map(|file| format!("; {}: their SSHFP records", file.display())).unwrap_or_default();
    let pinned = format!("{file}: its host keys{records}");
    let proof = if let Some(with) = with {
        let own = ["systemctl is-system-running --wait", "systemctl is-active ssh", "hostname"];
        let commands: Vec<&str> = own.into_iter().chain(request.checks.iter().map(String::as_str)).collect();
        format!("logs in as {user} with {with}; runs: {}", commands.join("; "))
    } else {
        "its host key is proven; nobody logs in".to_owned()
    };
    // Without a helper nobody tells the keys before the first packet.
    let mut acts = [Does::File { what: pinned }, Does::Ssh { what: proof }];
    if script.ctx.helper.is_none() {
        acts.reverse();
    }
    for does in acts {
        script.tell("await", does);
    }
}

/// Its host keys are certified, where there is a host CA and somebody to bring the certificates.
pub(super) fn certify(script: &mut Script) {
    let ssh = &script.ctx.settings.ssh;
    if ssh.host_ca.is_none() || script.ctx.helper.is_none() {
        return;
    }
    let (file, reloads) = (ssh.known_hosts.display().to_string(), ssh.logs_in() && ssh.user == "root");
    script.ledger("certify", "the serials of its host certificates");
    script.tell("certify", Does::Helper { what: "certificates of its host keys, into the running guest".to_owned() });
    script.tell("certify", Does::File { what: format!("{file}: the host CA, where it is not there yet") });
    if reloads {
        script.tell("certify", Does::Ssh { what: "logs in as root; runs: sshd -t; systemctl reload ssh".to_owned() });
        script.tell("certify", Does::Ssh { what: "its certificate is shown and valid; nobody logs in".to_owned() });
    }
}

/// Rests where it was asked to, and is handed over.
pub(super) fn record(script: &mut Script, request: &Wanted) {
    if request.hold_after.is_some() {
        script.tell("hold", Does::Run { what: "rests until a person resumes or aborts it, as asked".to_owned() });
    }
    script.ledger("record", "all identities that were verified, and `active`");
}
