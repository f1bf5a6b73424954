//! Identity that lives in the guest's configuration on the node, not in its tree.

use super::{GuestRule, Harm, ImageRule, Item, Reading, Renewer};

pub(super) const ITEMS: &[Item] = &[
    Item {
        id: "nic-mac",
        title: "NIC hardware address",
        places: &["net*.hwaddr"],
        harm: Harm::Collides,
        because: "two guests on one bridge receive each other's frames",
        severity: 1,
        in_image: ImageRule::Recorded,
        in_guest: GuestRule::Present,
        unique: true,
        reading: Reading::Configuration,
        renewed_by: Renewer::Agent,
        rows: &[36],
    },
    Item {
        id: "configured-hostname",
        title: "configured hostname",
        places: &["hostname"],
        harm: Harm::Collides,
        because: "Proxmox writes it into the guest at every start",
        severity: 2,
        in_image: ImageRule::Recorded,
        in_guest: GuestRule::Present,
        unique: true,
        reading: Reading::Configuration,
        renewed_by: Renewer::Agent,
        rows: &[206],
    },
    Item {
        id: "ip-address",
        title: "IP address",
        places: &["net*.ip"],
        harm: Harm::Collides,
        because: "two guests answer for one address",
        severity: 1,
        in_image: ImageRule::Recorded,
        in_guest: GuestRule::Present,
        unique: true,
        reading: Reading::Configuration,
        renewed_by: Renewer::Owner("DHCP"),
        rows: &[37],
    },
];
