//! What a running guest's interfaces are, seen from inside.

use pve_wire::{Interface, IpAddress};
use serde::Deserialize;

use crate::error::Die;
use crate::exec::Program;

#[derive(Deserialize)]
struct Link {
    ifname: String,
    #[serde(default)]
    address: String,
    #[serde(default)]
    addr_info: Vec<Address>,
}

#[derive(Deserialize)]
struct Address {
    family: String,
    local: String,
    prefixlen: u64,
}

/// The interfaces in the network namespace of a guest's init, by the host's own `ip`.
pub fn of(init: u32) -> Result<Vec<Interface>, Die> {
    read(&Program::new("nsenter").args(["-t", &init.to_string(), "-n", "ip", "-json", "address"]).read()?)
}

fn read(json: &str) -> Result<Vec<Interface>, Die> {
    let links: Vec<Link> =
        serde_json::from_str(json).map_err(|error| Die::text(format!("unable to read interfaces - {error}")))?;
    Ok(links.into_iter().map(row).collect())
}

fn row(link: Link) -> Interface {
    let last = |family: &str| {
        let of_family = link.addr_info.iter().rev().find(|address| address.family == family);
        of_family.map(|address| format!("{}/{}", address.local, address.prefixlen))
    };
    let (inet, inet6) = (last("inet"), last("inet6"));
    let address = |a: Address| IpAddress { address: a.local, family: a.family, prefix: a.prefixlen };
    Interface {
        name: link.ifname,
        hwaddr: link.address.clone(),
        hardware_address: link.address,
        inet,
        inet6,
        ip_addresses: link.addr_info.into_iter().map(address).collect(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_last_address_of_a_family_stands_for_it() {
        let rows = read(
            r#"[{"ifname":"eth0","address":"bc:24:11:5a:0c:77","addr_info":[
                {"family":"inet","local":"10.0.0.5","prefixlen":24},{"family":"inet","local":"10.0.0.6","prefixlen":24},
                {"family":"inet6","local":"fe80::1","prefixlen":64}]}]"#,
        )
        .unwrap();
        assert_eq!((rows[0].inet.as_deref(), rows[0].inet6.as_deref()), (Some("10.0.0.6/24"), Some("fe80::1/64")));
        assert_eq!(rows[0].ip_addresses.len(), 3);
        assert!(read("x").is_err());
    }
}
