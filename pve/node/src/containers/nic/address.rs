//! The addresses of a running guest's interface follow its configuration, as Proxmox sets them from outside.

use std::net::IpAddr;

use spec::pct::Net;

use super::live::Running;
use crate::error::Die;

/// Sets what `new` says and takes away what `old` said, where the two differ. Without `old` the interface is fresh.
///
/// What cannot be set is left: the guest's own network may have been there first.
pub(super) fn follow(guest: Running<'_>, old: Option<&Net>, new: &Net) {
    for family in [Family::V4, Family::V6] {
        let _ = family.follow(guest, old, new);
    }
}

#[derive(Debug, Clone, Copy)]
enum Family {
    V4,
    V6,
}

impl Family {
    fn option(self) -> &'static str {
        match self {
            Self::V4 => "-4",
            Self::V6 => "-6",
        }
    }

    /// The keys of address and gateway.
    fn keys(self) -> (&'static str, &'static str) {
        match self {
            Self::V4 => ("ip", "gw"),
            Self::V6 => ("ip6", "gw6"),
        }
    }

    fn follow(self, guest: Running<'_>, old: Option<&Net>, new: &Net) -> Result<(), Die> {
        let (address, gateway) = self.keys();
        let before = |key: &str| old.and_then(|net| net.get(key));
        let (had, has) = (before(address), new.get(address));
        let ip = |args: &[&str]| guest.inside("ip").arg(self.option()).args(args).read().map(drop);
        let real = has.filter(|text| text.contains('/'));
        if had != has
            && let Some(has) = real
        {
            ip(&["address", "add", has, "dev", new.name()])?;
        }
        if before(gateway) != new.get(gateway) {
            let replaced = self.route(guest, real, new);
            if let (Err(error), Some(has)) = (replaced, real.filter(|_| had != has)) {
                let _ = ip(&["address", "delete", has, "dev", new.name()]);
                return Err(error);
            }
        }
        if had != has
            && let Some(had) = had.filter(|text| text.contains('/'))
        {
            self.keep_others(guest, new.name());
            ip(&["address", "delete", had, "dev", new.name()])?;
        }
        Ok(())
    }

    /// The default route by the new gateway, or none.
    fn route(self, guest: Running<'_>, address: Option<&str>, new: &Net) -> Result<(), Die> {
        let ip = |args: &[&str]| guest.inside("ip").arg(self.option()).args(args).read().map(drop);
        let Some(gateway) = new.get(self.keys().1) else {
            // The guest may have taken it away itself.
            let _ = ip(&["route", "delete", "default"]);
            return Ok(());
        };
        if address.is_some_and(|address| !is_inside(gateway, address)) {
            ip(&["route", "add", gateway, "dev", new.name()])?;
        }
        ip(&["route", "replace", "default", "via", gateway])
    }

    /// The kernel takes an interface's other IPv4 addresses away with the first, unless it is told to promote them.
    fn keep_others(self, guest: Running<'_>, interface: &str) {
        if matches!(self, Self::V4) {
            let setting = format!("net.ipv4.conf.{interface}.promote_secondaries=1");
            let _ = guest.inside("sysctl").args(["-q", "-w", &setting]).output();
        }
    }
}

/// Whether an address lies in the network of `address/prefix`.
fn is_inside(gateway: &str, network: &str) -> bool {
    let read = || {
        let (address, prefix) = network.split_once('/')?;
        Some((gateway.parse().ok()?, address.parse().ok()?, prefix.parse::<u32>().ok()?))
    };
    match read() {
        Some((IpAddr::V4(a), IpAddr::V4(b), prefix)) => {
            let shift = 32_u32.saturating_sub(prefix);
            u32::from(a).checked_shr(shift) == u32::from(b).checked_shr(shift)
        }
        Some((IpAddr::V6(a), IpAddr::V6(b), prefix)) => {
            let shift = 128_u32.saturating_sub(prefix);
            u128::from(a).checked_shr(shift) == u128::from(b).checked_shr(shift)
        }
        _ => false,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_gateway_is_inside_or_outside() {
        assert!(is_inside("10.0.0.1", "10.0.0.9/24") && !is_inside("10.0.1.1", "10.0.0.9/24"));
        assert!(is_inside("fd00::1", "fd00::9/64") && !is_inside("10.0.0.1", "fd00::9/64"));
        assert!(is_inside("9.9.9.9", "10.0.0.9/0"));
    }
}
