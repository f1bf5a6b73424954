//! A guest's host keys in the known_hosts file: written before the first packet, taken away with the guest.

use std::net::SocketAddr;

use saga::StepError;

use super::proof::ProvenReset;
use crate::context::Context;
use crate::guest::ssh::host_key::PinnedKey;
use crate::guest::ssh::known_hosts::{self, Entry};

/// Writes the pins down before the first packet goes out.
pub(super) async fn remember(
    ctx: &Context,
    socket: SocketAddr,
    proven: &ProvenReset,
    pins: &[PinnedKey],
    tag: String,
) -> Result<(), StepError> {
    let keys = pins.iter().filter_map(|pin| pin.public_key.clone()).collect();
    let hosts = vec![known_hosts::host_pattern(socket.ip(), socket.port()), proven.hostname().as_str().to_owned()];
    let entry = Entry { hosts, keys, tag };
    change_known_hosts(ctx, move |text| known_hosts::with_entry(text, &entry)).await
}

/// Takes a run's lines away.
///
/// # Errors
/// The file cannot be changed.
pub(super) async fn forget(ctx: &Context, run: &str) -> Result<(), StepError> {
    let tag = known_hosts::tag(run);
    change_known_hosts(ctx, move |text| known_hosts::without_tag(text, &tag)).await
}

async fn change_known_hosts(
    ctx: &Context,
    change: impl FnOnce(&str) -> String + Send + 'static,
) -> Result<(), StepError> {
    let path = ctx.settings.ssh.known_hosts.clone();
    let changed = tokio::task::spawn_blocking(move || known_hosts::change(&path, change)).await;
    match changed {
        Ok(done) => done.map_err(|error| StepError::from_error(&error)),
        Err(error) => Err(StepError::from_error(&error)),
    }
}
