//! Command lines: `pve-node` itself, and Proxmox's `pct`, `pvesh`, `pvesm`, `pveum`, `vzdump` as root's tools on the node.
//!
//! The program is called by one of six names. As `pve-node` it takes `--state DIR` and a command, the tools among
//! them; as one of the tools it finds its state directory in `PVE_NODE_STATE`.
//!
//! A tool's words go this way:
//!
//! | stop | module |
//! |---|---|
//! | which tool | [`dispatch`] |
//! | its commands, each the face of a call of the API | [`tool`]; [`pct`], [`pvesm`], [`pveum`], [`vzdump`] |
//! | from words to options and operands | [`getopt`] |
//! | from these to the call's parameters | [`options`], [`usage`] when they are none |
//! | the call, made here by root, its task run before everybody's eyes | [`perform`] |
//! | the answer | a text of the command's own, or [`output`] as the caller likes it |
//!
//! [`pvesh`] is the face of all calls at once.

mod args;
mod ask;
mod dispatch;
mod exit;
mod getopt;
mod lifecycle;
mod options;
mod output;
mod pct;
mod perform;
mod pvesh;
mod pvesm;
mod pvesm_prune;
mod pveum;
mod render;
mod table;
mod token;
mod tool;
mod usage;
mod vzdump;

pub use dispatch::{Failure, run};
