//! Command lines: `pve-node` itself, and Proxmox's `pct`, `vzdump`, `pvesm` as root's tools on the node.
//!
//! The program is called by one of four names. As `pve-node` it takes `--state DIR` and a command, `pct`, `vzdump` and
//! `pvesm` among them; as one of these three it finds its state directory in `PVE_NODE_STATE`.

mod args;
mod checked;
mod dispatch;
mod exit;
mod lifecycle;
mod options;
#[allow(dead_code, reason = "pveum is about to print with it")]
mod output;
mod pct;
mod pct_show;
mod pvesm;
#[allow(dead_code, reason = "pveum is about to print with it")]
mod table;
mod token;
mod vzdump;

pub use dispatch::{Failure, run};
