//! A started guest becomes reachable: it has an address, its first boot is done, its host keys are pinned, it lets us in.
//! Bounded looks, one after the other; nothing waits a fixed time.

use std::net::{IpAddr, SocketAddr};
use std::time::Duration;

use pve_client::Client;
use saga::{Recorder, Step, StepError, output};
use serde::{Deserialize, Serialize};
use serde_json::Value;
use spec::ids::Vmid;

use super::login::credential;
use super::pins::{forget, remember};
use super::poll::{Look, never, poll};
use super::post_mortem::{self, Reaching, Stage};
use super::proof::ProvenReset;
use super::reserve::run_id;
use super::seed::{NotThrough, sown, through};
use crate::context::Context;
use crate::guest::ssh::command::quote;
use crate::guest::ssh::credential::Credential;
use crate::guest::ssh::host_key::{PinnedKey, Trust};
use crate::guest::ssh::session::{HostKeyCheck, Session};
use crate::guest::visit::enter;
use crate::guest::{Firstboot, HelperError, addresses_on, reachable};
use crate::node::{called, patiently};
use crate::request::Wanted;

/// Waits for the guest and proves that it can be used.
pub struct AwaitGuest;

/// A guest that answers.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Reached {
    /// Where.
    pub address: IpAddr,
    /// Who vouches for its host keys.
    pub trust: Trust,
    /// Its host keys.
    pub host_keys: Vec<PinnedKey>,
    /// What was proven over SSH.
    pub ssh: SshProof,
}

/// How far SSH was proven.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "proof", rename_all = "kebab-case")]
pub enum SshProof {
    /// Its sshd holds the private half of a pinned host key; nobody logged in, since no login is configured.
    HostKey,
    /// Logged in with a certificate of this run, or a key of an ssh-agent, and every command succeeded.
    Login {
        /// The commands and what they printed.
        commands: Vec<CommandProof>,
    },
}

/// A command that succeeded in the guest.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct CommandProof {
    /// The command.
    pub run: String,
    /// The first line that it printed.
    pub said: String,
}

/// A check may pull up a container; a build it is not.
const COMMAND_DEADLINE: Duration = Duration::from_mins(2);

impl Step<Context> for AwaitGuest {
    fn name(&self) -> &'static str {
        "await"
    }

    async fn run(&self, ctx: &mut Context, rec: &mut Recorder<'_>) -> Result<Value, StepError> {
        let proven: ProvenReset = rec.output("reset")?;
        let mut reaching = Reaching::default();
        match reach(ctx, rec, &proven, &mut reaching).await {
            Ok(reached) => output(&reached),
            Err(error @ StepError::Failed(_)) => {
                post_mortem::keep(ctx, rec, proven.vmid(), &reaching).await?;
                Err(error)
            }
            Err(error) => Err(error),
        }
    }

    async fn undo(&self, ctx: &mut Context, rec: &mut Recorder<'_>) -> Result<(), StepError> {
        forget(ctx, rec.run_id()).await
    }
}

/// One thing after the other; `reaching` tells how far it came.
async fn reach(
    ctx: &Context,
    rec: &mut Recorder<'_>,
    proven: &ProvenReset,
    reaching: &mut Reaching,
) -> Result<Reached, StepError> {
    let request: Wanted = rec.input()?;
    let address = address(ctx, proven).await?;
    rec.note("address", &address).await?;
    (reaching.address, reaching.stage) = (Some(address), Stage::FirstBoot);
    let pins = first_boot(ctx, proven.vmid(), sown(ctx, rec)).await?;
    (reaching.pins, reaching.stage) = (pins.clone(), Stage::Ssh);
    let socket = SocketAddr::new(address, ctx.settings.ssh.port);
    let trust = if pins.is_some() { Trust::Hypervisor } else { Trust::Tofu };
    if let Some(pins) = &pins {
        remember(ctx, socket, proven, (pins, trust), rec.run_id()).await?;
    }
    let pinned = |keys| HostKeyCheck::Pinned { guest: proven.vmid(), keys };
    let check = pins.clone().map_or(HostKeyCheck::FirstContact, pinned);
    let credential = credential(ctx, run_id(rec)?.as_str())?;
    let (session, ssh) = prove(ctx, socket, check, credential, &request.checks).await?;
    let shown = session.host_key.clone();
    session.close().await;
    let host_keys = pins.unwrap_or_else(|| vec![shown]);
    if trust == Trust::Tofu {
        remember(ctx, socket, proven, (&host_keys, trust), rec.run_id()).await?;
    }
    Ok(Reached { address, trust, host_keys, ssh })
}

async fn address(ctx: &Context, proven: &ProvenReset) -> Result<IpAddr, StepError> {
    let (pve, ranges) = (&ctx.pve, &ctx.settings.guests.addresses);
    let (vmid, macs) = (proven.vmid(), proven.macs());
    poll(ctx.settings.patience.guest, || async move {
        let interfaces = patiently(|| pve.interfaces(vmid)).await.map_err(|error| Look::Never(called(&error)))?;
        // A node says the same of a guest that is stopped and of one that it does not have.
        if interfaces.is_none() {
            noticed(pve, vmid).await?;
        }
        let addresses = addresses_on(&interfaces.unwrap_or_default(), macs.values());
        let seen = addresses.len();
        reachable(addresses, ranges)
            .ok_or_else(|| Look::NotYet(format!("guest {vmid} has no usable address ({seen} seen)")))
    })
    .await
}

/// Waits for the first-boot unit's record, and gives the host keys that the helper reads. `None` without a helper.
async fn first_boot(ctx: &Context, vmid: Vmid, sown: Option<bool>) -> Result<Option<Vec<PinnedKey>>, StepError> {
    let pins = poll(ctx.settings.patience.guest, || async move {
        let Some(helper) = ctx.helper_of(vmid) else { return Ok(None) };
        let tree = match helper.observe(vmid).await {
            Ok(tree) => tree,
            Err(error) => {
                noticed(&ctx.pve, vmid).await?;
                return Err(unobserved(&error));
            }
        };
        finished(vmid, &tree.firstboot)?;
        if let Some(sown) = sown {
            through(tree.cloud_init.as_ref(), sown).map_err(|why| set_up(vmid, &why))?;
        }
        Ok(Some(tree.pins()))
    })
    .await?;
    if pins.as_ref().is_some_and(Vec::is_empty) {
        return Err(StepError::failed("first boot is done and the guest has no SSH host key"));
    }
    Ok(pins)
}

/// Asks the node for the guest: where it has moved, the calls after this one follow it.
async fn noticed(pve: &Client, vmid: Vmid) -> Result<(), Look> {
    patiently(|| pve.status(vmid)).await.map(drop).map_err(|error| Look::Never(called(&error)))
}

/// What a guest that cloud-init is not through with means.
fn set_up(vmid: Vmid, why: &NotThrough) -> Look {
    match why {
        NotThrough::NotYet => Look::NotYet(format!("in guest {vmid} {why}")),
        _ => Look::Never(StepError::failed(format!("guest {vmid}: {why}"))),
    }
}

/// A helper that restarts, or that meets a guest whose init has just been born, is asked again.
/// One that speaks another language will not learn ours by waiting.
fn unobserved(error: &HelperError) -> Look {
    match error {
        HelperError::Unreadable { .. } | HelperError::Withheld { .. } => never(error),
        HelperError::Unreachable { .. } | HelperError::Silent { .. } | HelperError::Refused { .. } => {
            Look::NotYet(crate::node::failure::chain(error))
        }
    }
}

/// Whether the unit is through with this boot. A record of an earlier boot says nothing about this one.
fn finished(vmid: Vmid, firstboot: &Firstboot) -> Result<(), Look> {
    match firstboot {
        Firstboot::Recorded { of_this_boot: Some(false), .. } | Firstboot::Never => {
            Err(Look::NotYet(format!("the first-boot unit of guest {vmid} has left no record")))
        }
        Firstboot::Recorded { record, .. } if record.status == "done" => Ok(()),
        Firstboot::Recorded { record, .. } => {
            Err(Look::Never(StepError::failed(format!("first boot ended `{}`: {}", record.status, record.why))))
        }
        Firstboot::Unreadable { why } => Err(Look::NotYet(format!("the first-boot record cannot be read: {why}"))),
    }
}

async fn prove(
    ctx: &Context,
    socket: SocketAddr,
    check: HostKeyCheck,
    credential: Option<Credential>,
    checks: &[String],
) -> Result<(Session, SshProof), StepError> {
    let mut session = entered(ctx, socket, check, credential.as_ref()).await?;
    if credential.is_none() {
        return Ok((session, SshProof::HostKey));
    }
    let first = quote(&["systemctl", "is-active", "ssh"]);
    let mut commands = vec![booted(&mut session).await?];
    for command in [first, "hostname".to_owned()].iter().chain(checks) {
        let done = session.run(command, COMMAND_DEADLINE).await.map_err(|error| StepError::from_error(&error))?;
        if !done.success() {
            return Err(StepError::failed(format!("`{command}` failed in the guest: {}", done.in_words())));
        }
        let said = done.stdout.lines().next().unwrap_or_default().to_owned();
        commands.push(CommandProof { run: command.clone(), said });
    }
    Ok((session, SshProof::Login { commands }))
}

/// Waits in the guest until its boot has ended: what services make at their first start, a Docker engine-id say, is
/// there then. `degraded` is an end too; which units failed is for the request's checks to ask.
async fn booted(session: &mut Session) -> Result<CommandProof, StepError> {
    let run = quote(&["systemctl", "is-system-running", "--wait"]);
    let done = session.run(&run, COMMAND_DEADLINE).await.map_err(|error| StepError::from_error(&error))?;
    let said = done.stdout.lines().next().unwrap_or_default().to_owned();
    Ok(CommandProof { run, said })
}

/// Connects, and logs in where there is a credential, as soon as the guest lets us.
async fn entered(
    ctx: &Context,
    socket: SocketAddr,
    check: HostKeyCheck,
    credential: Option<&Credential>,
) -> Result<Session, StepError> {
    let user = ctx.settings.ssh.user.as_str();
    let check = &check;
    poll(ctx.settings.patience.guest, || async move {
        enter(socket, check.clone(), user, credential).await.map_err(|error| {
            if error.may_pass() { Look::NotYet(crate::node::failure::chain(&error)) } else { never(&error) }
        })
    })
    .await
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::guest::FirstbootRecord;

    #[test]
    fn a_helper_that_restarts_costs_no_guest() {
        let gone = std::io::Error::from(std::io::ErrorKind::ConnectionRefused);
        let gone = HelperError::Unreachable { socket: "/run/x.sock".into(), source: gone };
        assert!(matches!(unobserved(&gone), Look::NotYet(why) if why.contains("/run/x.sock")));
        let source = serde_json::from_str::<u8>("x").unwrap_err();
        let strange = HelperError::Unreadable { vmid: "200".parse().unwrap(), source };
        assert!(matches!(unobserved(&strange), Look::Never(_)));
    }

    #[test]
    fn a_record_of_an_earlier_boot_is_waited_out_and_an_error_is_not() {
        let vmid: Vmid = "200".parse().unwrap();
        let record = |status: &str, of_this_boot| Firstboot::Recorded {
            of_this_boot: Some(of_this_boot),
            record: FirstbootRecord { status: status.into(), why: String::new(), attestation: None },
        };
        assert!(finished(vmid, &record("done", true)).is_ok());
        assert!(matches!(finished(vmid, &record("done", false)), Err(Look::NotYet(_))));
        assert!(matches!(finished(vmid, &Firstboot::Never), Err(Look::NotYet(_))));
        assert!(matches!(finished(vmid, &record("error", true)), Err(Look::Never(_))));
    }
}
