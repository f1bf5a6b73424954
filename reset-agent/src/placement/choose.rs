//! The decision carried out: the facts gathered, a node named.

use saga::StepError;
use spec::ids::{NodeName, RunId, Volid};
use spec::pct::DiskSize;

use super::facts::observe;
use super::place::{Ask, place};
use crate::config::Purpose;
use crate::context::Context;
use crate::steps::Golden;

/// The node for a new guest; the configured one, where there is no other.
///
/// # Errors
/// No node does, or nobody can tell.
pub(crate) async fn choose(
    ctx: &Context,
    golden: &Golden,
    size: DiskSize,
    purpose: Purpose,
    run: &RunId,
) -> Result<NodeName, StepError> {
    let Some(carriers) = golden.carriers.as_ref().filter(|_| ctx.is_cluster()) else {
        return Ok(ctx.pve.node().clone());
    };
    let candidates = observe(ctx, golden, carriers).await.map_err(|error| StepError::from_error(&error))?;
    let ask =
        Ask { memory: carriers.memory, disk: size.bytes(), seed: run.to_string(), template: purpose == Purpose::Warm };
    let node = place(&candidates, &ask).map_err(|error| StepError::from_error(&error))?;
    tracing::info!(%node, ?candidates, "placed");
    Ok(node)
}

/// The context of the first node that lists an archive; as it is, where none does or there is only one.
pub(crate) async fn carrier(ctx: &Context, archive: &Volid) -> Context {
    if ctx.is_cluster() {
        let wanted = archive.to_string();
        for there in ctx.everywhere() {
            match there.pve.archives(&archive.storage).await {
                Ok(rows) if rows.iter().any(|row| row.volid == wanted) => return there,
                Ok(_) => {}
                Err(error) => tracing::debug!(node = %there.pve.node(), %error, "its archives are not known"),
            }
        }
    }
    ctx.clone()
}
