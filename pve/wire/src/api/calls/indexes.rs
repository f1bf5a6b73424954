//! Calls that Proxmox's recorded schema leaves out.

use super::shared::NODE;
use crate::api::method::{Method, Verb};
use crate::api::param::text;
use crate::api::permission::Permission;

/// `GET /nodes/{node}/network`
pub static NETWORK: Method = Method {
    verb: Verb::Get,
    path: "/nodes/{node}/network",
    groups: &[&[
        NODE,
        text("type")
            .words(&[
                "bridge",
                "bond",
                "eth",
                "alias",
                "vlan",
                "fabric",
                "OVSBridge",
                "OVSBond",
                "OVSPort",
                "OVSIntPort",
                "vnet",
                "any_bridge",
                "any_local_bridge",
                "include_sdn",
            ])
            .optional(),
    ]],
    permission: Permission::All,
    tokens: true,
};

/// All of them.
pub(super) static ALL: &[&Method] = &[&NETWORK];
