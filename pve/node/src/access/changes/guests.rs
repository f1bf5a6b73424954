//! What guests leave in users' records.

use super::super::path::AclPath;
use super::super::users::UserConfig;

/// Puts a new guest into a pool, out of any other. A pool that is gone meanwhile is no error: the guest is made.
pub fn enter_pool(config: &mut UserConfig, vmid: u64, pool: &str) {
    if config.pools.contains_key(pool) {
        leave_pools(config, vmid);
    }
    if let Some(pool) = config.pools.get_mut(pool) {
        pool.vms.insert(vmid);
    }
}

/// Forgets a guest: its pool, and the grants on its path.
pub fn forget(config: &mut UserConfig, vmid: u64) {
    let place = AclPath::default().below("vms").below(&vmid.to_string());
    config.acl.retain(|path, _| !path.is_at_or_below(&place));
    leave_pools(config, vmid);
}

fn leave_pools(config: &mut UserConfig, vmid: u64) {
    for pool in config.pools.values_mut() {
        pool.vms.remove(&vmid);
    }
}

#[cfg(test)]
mod tests {
    use super::super::super::text::{read, write};
    use super::*;

    #[test]
    fn a_guest_is_in_one_pool_and_then_forgotten() {
        let mut config = read("pool:p::::\npool:q::::\nacl:1:/vms/100:root@pam:PVEAdmin:\n");
        enter_pool(&mut config, 100, "p");
        enter_pool(&mut config, 100, "q");
        enter_pool(&mut config, 100, "gone");
        assert_eq!(config.pool_of(100), Some("q"));
        forget(&mut config, 100);
        assert!(config.acl.is_empty() && !write(&config).contains("100"));
    }
}
