//! A guest's host keys in known_hosts and SSHFP records: written before the first packet, taken away with the guest.

use std::net::SocketAddr;
use std::path::Path;

use saga::StepError;

use super::proof::ProvenReset;
use crate::context::Context;
use crate::guest::ssh::host_key::{PinnedKey, Trust};
use crate::guest::ssh::known_hosts::{self, Entry};
use crate::guest::ssh::published::{self, tag, without_tag};
use crate::guest::ssh::sshfp::{self, Records};

/// Writes the pins down before the first packet goes out. What nobody vouches for is no name server's to tell.
pub(super) async fn remember(
    ctx: &Context,
    socket: SocketAddr,
    proven: &ProvenReset,
    (pins, trust): (&[PinnedKey], Trust),
    run: &str,
) -> Result<(), StepError> {
    let keys = pins.iter().filter_map(|pin| pin.public_key.clone()).collect();
    let hosts = vec![known_hosts::host_pattern(socket.ip(), socket.port()), proven.hostname().as_str().to_owned()];
    let entry = Entry { hosts, keys, tag: tag(run) };
    change_known_hosts(ctx, move |text| known_hosts::with_entry(text, &entry)).await?;
    let records = match trust {
        Trust::Hypervisor => pins,
        Trust::Tofu => &[],
    };
    let records = Records::of(proven.hostname().clone(), records, tag(run));
    change_sshfp(ctx, move |text| sshfp::with_records(text, &records)).await
}

/// Takes a run's lines away.
///
/// # Errors
/// A file cannot be changed.
pub(super) async fn forget(ctx: &Context, run: &str) -> Result<(), StepError> {
    let (known, published) = (tag(run), tag(run));
    change_known_hosts(ctx, move |text| without_tag(text, &known)).await?;
    change_sshfp(ctx, move |text| without_tag(text, &published)).await
}

/// Writes down that the fleet's host CA vouches for guests.
pub(super) async fn believe(ctx: &Context, authority: String) -> Result<(), StepError> {
    change_known_hosts(ctx, move |text| known_hosts::with_authority(text, &authority)).await
}

async fn change_known_hosts(
    ctx: &Context,
    with: impl FnOnce(&str) -> String + Send + 'static,
) -> Result<(), StepError> {
    change(&ctx.settings.ssh.known_hosts, known_hosts::MODE, with).await
}

async fn change_sshfp(ctx: &Context, with: impl FnOnce(&str) -> String + Send + 'static) -> Result<(), StepError> {
    match &ctx.settings.ssh.sshfp {
        Some(path) => change(path, sshfp::MODE, with).await,
        None => Ok(()),
    }
}

async fn change(path: &Path, mode: u32, with: impl FnOnce(&str) -> String + Send + 'static) -> Result<(), StepError> {
    let path = path.to_owned();
    match tokio::task::spawn_blocking(move || published::change(&path, mode, with)).await {
        Ok(done) => done.map_err(|error| StepError::from_error(&error)),
        Err(error) => Err(StepError::from_error(&error)),
    }
}
