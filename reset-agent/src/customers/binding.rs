//! Whether a live guest is the one that a registration is bound to. Anything else would hand one customer's secrets to
//! another's guest.

use pve_client::wire::GuestConfig;
use spec::ids::NodeName;

use crate::ledger::{Binding, Guest, Registration};

/// Why a guest is not the customer's.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("guest {vmid} is not the one that customer {customer} is bound to: its {what} is {live}, not {stored}")]
pub struct Mismatch {
    /// The guest.
    pub vmid: String,
    /// The customer.
    pub customer: String,
    /// What differs.
    pub what: &'static str,
    /// As the node has it.
    pub live: String,
    /// As it is stored.
    pub stored: String,
}

/// The binding to a live guest, as its configuration has it. `None` where it has no root disk.
pub(super) fn binding_to(guest: &Guest, node: &NodeName, config: &GuestConfig) -> Option<Binding> {
    let rootfs = config.get("rootfs")?.split(',').next()?.trim();
    let rootfs = rootfs.strip_prefix("volume=").unwrap_or(rootfs).to_owned();
    Some(Binding { guest: guest.id, vmid: guest.vmid, node: node.clone(), rootfs })
}

/// Holds what is registered and stored against what is live; the first difference.
pub fn mismatch(
    registration: &Registration,
    stored: Option<&Binding>,
    live: &Binding,
    config: &GuestConfig,
) -> Option<Mismatch> {
    let hostname = config.get("hostname").unwrap_or_default().to_owned();
    let mut pairs = vec![("hostname", hostname, registration.hostname.to_string())];
    if let Some(stored) = stored {
        pairs.push(("VMID", live.vmid.to_string(), stored.vmid.to_string()));
        pairs.push(("number in the ledger", live.guest.to_string(), stored.guest.to_string()));
        pairs.push(("node", live.node.to_string(), stored.node.to_string()));
        pairs.push(("root disk", live.rootfs.clone(), stored.rootfs.clone()));
    }
    let (what, live_value, stored) = pairs.into_iter().find(|(_, live, stored)| live != stored)?;
    let (vmid, customer) = (live.vmid.to_string(), registration.customer.to_string());
    Some(Mismatch { vmid, customer, what, live: live_value, stored })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::ledger::GuestId;

    fn config(hostname: &str, rootfs: &str) -> GuestConfig {
        let values = [("hostname", hostname), ("rootfs", rootfs)];
        let values = values.iter().map(|(k, v)| ((*k).to_owned(), (*v).to_owned())).collect();
        GuestConfig { values, ..GuestConfig::default() }
    }

    fn binding(guest: i64, node: &str, rootfs: &str) -> Binding {
        Binding {
            guest: GuestId(guest),
            vmid: "200".parse().unwrap(),
            node: node.parse().unwrap(),
            rootfs: rootfs.into(),
        }
    }

    #[test]
    fn s3_04_any_difference_is_told() {
        let registration = Registration {
            customer: "acme".parse().unwrap(),
            hostname: "acme".parse().unwrap(),
            secrets: "age:acme".parse().unwrap(),
        };
        let stored = binding(1, "pve", "local:200/vm-200-disk-0.raw");
        let good = config("acme", "local:200/vm-200-disk-0.raw,size=8G");
        let told = |live: &Binding, config: &GuestConfig| {
            mismatch(&registration, Some(&stored), live, config).map(|mismatch| mismatch.what)
        };
        assert_eq!(told(&stored.clone(), &good), None);
        assert_eq!(told(&stored.clone(), &config("globex", "x")), Some("hostname"));
        assert_eq!(told(&binding(2, "pve", &stored.rootfs), &good), Some("number in the ledger"));
        assert_eq!(told(&binding(1, "pve2", &stored.rootfs), &good), Some("node"));
        assert_eq!(told(&binding(1, "pve", "local:200/vm-200-disk-1.raw"), &good), Some("root disk"));
        assert!(mismatch(&registration, None, &binding(2, "pve", "x"), &good).is_none());
    }
}
