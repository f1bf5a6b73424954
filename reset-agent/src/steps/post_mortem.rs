//! A started guest that did not come to answer is taken away; what it and the node can still tell is kept in the run's
//! record before.

use std::net::{IpAddr, SocketAddr};
use std::time::Duration;

use pve_client::wire::Upid;
use saga::{Recorder, StepError};
use serde::{Deserialize, Serialize};
use spec::ids::Vmid;

use super::login::credential;
use super::reserve::run_id;
use crate::context::Context;
use crate::guest::ssh::command::quote;
use crate::guest::ssh::host_key::PinnedKey;
use crate::guest::ssh::session::HostKeyCheck;
use crate::guest::visit::enter;
use crate::node::failure::chain;
use crate::node::task::own_tasks;

/// The note that holds it.
pub(super) const NOTE: &str = "post-mortem";
/// Lines of the task's log and of the unit's journal.
const TAIL: usize = 40;
/// A guest that is in trouble is not waited for a second time.
const DEADLINE: Duration = Duration::from_secs(10);
const JOURNAL: &[&str] =
    &["journalctl", "--unit", "mintmark-firstboot.service", "--boot", "--no-pager", "--quiet", "--lines", "40"];

/// What the guest was waited for when it failed.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub(super) enum Stage {
    /// Its address.
    #[default]
    Address,
    /// The end of its first boot.
    FirstBoot,
    /// Its sshd: its keys, the login, the commands.
    Ssh,
}

/// How far the guest had come.
#[derive(Debug, Clone, Default)]
pub(super) struct Reaching {
    pub(super) stage: Stage,
    pub(super) address: Option<IpAddr>,
    pub(super) pins: Option<Vec<PinnedKey>>,
}

/// What is kept. What could not be had says why.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
struct PostMortem {
    class: Stage,
    /// The end of the log of the task that started the guest.
    task_log: Told,
    /// The end of the first-boot unit's journal, as the guest shows it over SSH.
    unit_journal: Told,
}

#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
enum Told {
    Tail(Vec<String>),
    Unread(String),
}

impl From<Result<Vec<String>, String>> for Told {
    fn from(read: Result<Vec<String>, String>) -> Self {
        match read {
            Ok(lines) => Self::Tail(lines[lines.len().saturating_sub(TAIL)..].to_vec()),
            Err(why) => Self::Unread(why),
        }
    }
}

/// Collects it and notes it down. A failure on the way is part of what is noted: the first one stays the run's.
///
/// # Errors
/// The journal did not take the note.
pub(super) async fn keep(
    ctx: &Context,
    rec: &mut Recorder<'_>,
    vmid: Vmid,
    reaching: &Reaching,
) -> Result<(), StepError> {
    let found = PostMortem {
        class: reaching.stage,
        task_log: task_log(ctx, rec, vmid).await.into(),
        unit_journal: unit_journal(ctx, rec.run_id(), vmid, reaching).await.into(),
    };
    rec.note(NOTE, &found).await
}

async fn task_log(ctx: &Context, rec: &Recorder<'_>, vmid: Vmid) -> Result<Vec<String>, String> {
    let run = run_id(rec).map_err(|error| error.to_string())?;
    let tasks = own_tasks(&ctx.pve, vmid, "vzstart", &run).await.map_err(|error| error.to_string())?;
    let newest = tasks.first().ok_or("the node has no task of this run that started the guest")?;
    let upid: Upid = newest.upid.parse().map_err(|_| format!("{:?} is no task", newest.upid))?;
    let lines = ctx.pve.task_log(&upid).await.map_err(|error| chain(&error))?;
    Ok(lines.into_iter().map(|line| line.t).collect())
}

async fn unit_journal(ctx: &Context, run: &str, vmid: Vmid, reaching: &Reaching) -> Result<Vec<String>, String> {
    let address = reaching.address.ok_or("the guest has no address")?;
    let credential = credential(ctx, run).map_err(|error| error.to_string())?;
    let credential = credential.ok_or("nobody can log in: neither `ssh.user_ca` nor `ssh.agent` is set")?;
    let check = keys(ctx, vmid, reaching).await?;
    let socket = SocketAddr::new(address, ctx.settings.ssh.port);
    let entering = enter(socket, check, &ctx.settings.ssh.user, Some(&credential));
    let mut session = entering.await.map_err(|error| chain(&error))?;
    let done = session.run(&quote(JOURNAL), DEADLINE).await.map_err(|error| chain(&error));
    session.close().await;
    let done = done?;
    if !done.success() {
        return Err(format!("journalctl in the guest: {}", done.in_words()));
    }
    Ok(done.stdout.lines().map(str::to_owned).collect())
}

/// The keys that were pinned, or those that the helper sees now; the first one shown where there is no helper.
async fn keys(ctx: &Context, vmid: Vmid, reaching: &Reaching) -> Result<HostKeyCheck, String> {
    let Some(helper) = ctx.helper_of(vmid) else { return Ok(HostKeyCheck::FirstContact) };
    if let Some(pins) = &reaching.pins {
        return Ok(HostKeyCheck::Pinned { guest: vmid, keys: pins.clone() });
    }
    let tree = helper.observe(vmid).await.map_err(|error| chain(&error))?;
    Ok(HostKeyCheck::Pinned { guest: vmid, keys: tree.pins() })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_end_of_a_log_is_kept() {
        let lines: Vec<String> = (0..100).map(|line| line.to_string()).collect();
        let Told::Tail(kept) = Told::from(Ok(lines)) else { panic!("unread") };
        assert_eq!((kept.len(), kept[0].as_str(), kept[39].as_str()), (TAIL, "60", "99"));
        assert_eq!(Told::from(Err("no address".to_owned())), Told::Unread("no address".into()));
    }
}
