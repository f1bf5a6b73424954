//! Guests in users' records: the pool that a guest is in, the grants on its path.

use spec::ids::Vmid;

use super::Op;
use crate::access::AccountStore;
use crate::access::changes::guests;
use crate::error::Die;

/// Puts a guest that was just made into the pool that was asked for.
pub(super) fn enter_pool(op: &Op<'_>, vmid: Vmid, pool: Option<&str>) -> Result<(), Die> {
    let Some(pool) = pool else { return Ok(()) };
    AccountStore::new(&op.node.layout).change(&format!("can't add VM {vmid} to pool '{pool}'"), |config, _| {
        guests::enter_pool(config, u64::from(vmid.get()), pool);
        Ok(())
    })
}

/// Forgets a guest that is removed.
pub(super) fn forget(op: &Op<'_>, vmid: Vmid) -> Result<(), Die> {
    let failing = format!("access permissions cleanup for VM {vmid} failed");
    AccountStore::new(&op.node.layout).change(&failing, |config, _| {
        guests::forget(config, u64::from(vmid.get()));
        Ok(())
    })
}
