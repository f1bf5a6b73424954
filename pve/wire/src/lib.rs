//! What crosses Proxmox VE's wire: the forms of requests and answers, and nothing done with them.
//!
//! | stop | module |
//! |---|---|
//! | every answer: `{"data": …}`, and the errors beside it | [`Envelope`] |
//! | the calls, their parameters and permissions | [`api`] |
//! | who asks | [`TokenId`] |
//! | what was started | [`Upid`], [`TaskStatus`], [`ExitStatus`], [`TaskRow`], [`LogLine`] |
//! | guests | [`GuestConfig`], [`GuestStatus`], [`Interface`], [`PendingRow`], [`SnapshotRow`] |
//! | storage | [`StorageStatus`], [`ContentRow`], [`VolumeInfo`] |
//! | node and cluster | [`Version`], [`NodeRow`], [`Resource`], [`NetworkRow`], [`Permissions`] |
//!
//! Reading is lenient, since Proxmox's Perl lets numbers travel as strings and booleans as 0 and 1, and versions differ
//! in what they leave out; writing is strict and as Proxmox VE 9 writes it.

pub mod api;
mod cluster;
mod config;
mod envelope;
mod guest;
mod lenient;
mod snapshot;
mod storage;
mod task;
mod token;
mod upid;

pub use cluster::{NetworkRow, NodeRow, Permissions, Resource, Version};
pub use config::{GuestConfig, PendingRow, typed_value};
pub use envelope::Envelope;
pub use guest::{GuestState, GuestStatus, Interface, IpAddress, Pressure};
pub use snapshot::SnapshotRow;
pub use storage::{ContentRow, StorageStatus, VolumeInfo};
pub use task::{ExitStatus, LogLine, TaskRow, TaskState, TaskStatus};
pub use token::{BadTokenId, TokenId};
pub use upid::{BadUpid, Upid};
