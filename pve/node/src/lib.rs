//! An embedded Proxmox-compatible node: Proxmox VE's REST API and command lines over real LXC, on one Debian machine.
//!
//! The way of a call, and the module of each stop:
//!
//! | stop | module |
//! |---|---|
//! | a command line: `pve-node …`, `pct …`, `vzdump …`, `pvesm …` | [`cli`] |
//! | an HTTP request: who asks, may they, are the parameters right | [`api`], [`access`] |
//! | the answer, or a task that will do the work | [`routes`] |
//! | the task: a process of its own, with a log and a last word | [`tasks`] |
//! | the work itself: create, restore, start, back up, destroy | [`ops`] |
//! | what Proxmox writes into a guest's tree | [`setup`] |
//! | images, mounts, LXC, the bridge | [`containers`] |
//! | what the cluster is told of it every ten seconds | [`statd`] |
//! | what the node remembers: files below one directory, and locks | [`state`] |
//!
//! Three decisions shape the rest. *State is files*: a node killed at any moment is opened again by the next process,
//! and its guests keep running. *Workers are processes*: killing the API does not kill a restore. *Mounts are private*:
//! a guest's file systems are mounted in a namespace that ends with its monitor, so nothing is left behind.
//!
//! [`error::Die`] holds the texts with which Proxmox refuses; [`faults`] lets tests choose what goes wrong;
//! [`fidelity`] says what is different.

pub mod access;
pub mod api;
pub mod cli;
pub mod containers;
pub mod error;
pub mod exec;
pub mod faults;
pub mod fidelity;
pub mod ops;
pub mod routes;
pub mod setup;
pub mod statd;
pub mod state;
pub mod tasks;
pub mod wait;
