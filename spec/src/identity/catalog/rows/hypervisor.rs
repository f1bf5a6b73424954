//! Identity that lives in the guest's configuration on the node, not in its tree.

use crate::identity::catalog::item::Item;
use crate::identity::catalog::rules::Reading;

pub(super) const ITEMS: &[Item] = &[
    Item::new("nic-mac", "NIC hardware address", &[36])
        .at(&["net*.hwaddr"])
        .collides(1, "two guests on one bridge receive each other's frames")
        .unique(Reading::Configuration)
        .configured()
        .must_be(),
    Item::new("configured-hostname", "configured hostname", &[206])
        .at(&["hostname"])
        .collides(2, "Proxmox writes it into the guest at every start")
        .unique(Reading::Configuration)
        .configured()
        .must_be(),
    Item::new("ip-address", "IP address", &[37])
        .at(&["net*.ip"])
        .collides(1, "two guests answer for one address")
        .unique(Reading::Configuration)
        .configured()
        .must_be()
        .by_owner("DHCP"),
];
