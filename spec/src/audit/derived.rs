//! Values that are computed from others, told by their form.

use std::net::Ipv6Addr;

use super::sighting::Parent;

/// systemd's private enterprise number (IANA 43793), which its DUIDs of type EN carry: vendor number, then a hash of
/// the machine-id (`sd_dhcp_duid_set_en` in systemd's sources).
const SYSTEMD_ENTERPRISE: [u8; 4] = 43793_u32.to_be_bytes();

/// What a DHCP client's DUID (RFC 8415 §11) was computed from; none for one that was drawn.
pub fn parent_of_duid(duid: &[u8]) -> Option<Parent> {
    let (kind, rest) = duid.split_first_chunk::<2>()?;
    match u16::from_be_bytes(*kind) {
        2 if rest.starts_with(&SYSTEMD_ENTERPRISE) => Some(Parent::MachineId),
        3 => Some(Parent::Mac),
        // Type LLT holds the time it was made beside the address and is kept in a file: it does not follow the MAC.
        _ => None,
    }
}

/// Whether an IPv6 address ends in an interface identifier made of a MAC (RFC 4291, appendix A).
pub(super) fn is_from_mac(address: Ipv6Addr) -> bool {
    let octets = address.octets();
    octets[11] == 0xFF && octets[12] == 0xFE
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn duids_tell_their_parents() {
        // As networkd prints it: DUID-EN/Vendor:0000ab11…
        assert_eq!(parent_of_duid(&[0, 2, 0, 0, 0xAB, 0x11, 1, 2, 3, 4, 5, 6, 7, 8]), Some(Parent::MachineId));
        assert_eq!(parent_of_duid(&[0, 2, 0, 0, 0, 9, 1, 2]), None, "another vendor's");
        assert_eq!(parent_of_duid(&[0, 3, 0, 1, 0xBC, 0x24, 0x11, 0, 0, 1]), Some(Parent::Mac));
        assert_eq!(parent_of_duid(&[0, 1, 0, 1, 9, 9, 9, 9, 0xBC, 0x24, 0x11, 0, 0, 1]), None, "with its time");
        assert_eq!(parent_of_duid(&[0]), None);
    }

    #[test]
    fn an_interface_identifier_of_a_mac_has_ff_fe_in_the_middle() {
        assert!(is_from_mac("2001:db8::be24:11ff:fe00:1".parse().unwrap()));
        assert!(!is_from_mac("2001:db8::1".parse().unwrap()));
    }
}
