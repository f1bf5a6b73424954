//! A typed client for the Proxmox VE REST API: what a provisioner needs, one method per call.
//!
//! The way of a call, and the module of each stop:
//!
//! | stop | module |
//! |---|---|
//! | where the node is, whom to trust, who asks | [`Endpoint`], [`Trust`], [`Fingerprint`] |
//! | the call before it is sent: checked against the API's table | `request` |
//! | may this caller still change anything: asked right before a change is sent | [`Gate`] |
//! | whose turn it is: one change per guest, so many per node | `lanes` |
//! | on which node a guest is: one that moved is followed | [`Finder`] |
//! | through which node of the cluster it goes | `doors` |
//! | one HTTP exchange: deadlines, body cap, fresh connections for changes, the trace of it | `transport` |
//! | what the node said: [`Refusal`], its [`Meaning`], and what follows from it: [`Class`] | `answer` |
//! | what may be sent again, and where to look: [`Rule`], [`CallError::next`] | `law` |
//! | the calls themselves, as methods of [`Client`] | `calls` |
//! | a task followed to its end: [`TaskResult`], [`WaitError`] | `tasks` |
//!
//! Two laws hold everywhere. A call that changes something is sent once, on a connection of its own, and never repeated
//! here: whether it may be sent again is the caller's decision, after looking. And an error says what is known about
//! the world: [`Failure`] tells "never sent" from "the node may have acted".

mod answer;
mod calls;
mod client;
mod doors;
mod endpoint;
mod error;
mod gate;
mod lanes;
mod law;
mod request;
mod tasks;
mod tls;
mod transport;
mod whereabouts;

pub use answer::{Class, Meaning, Refusal, class_of_task};
pub use calls::{
    Backup, BackupMode, BadNets, CloneOf, Compression, ConfigChange, Create, LogPage, Restore, TaskFilter, config_nets,
    interface_addresses,
};
pub use client::{Client, ClientError};
pub use endpoint::{BadEndpoint, Endpoint};
pub use error::{CallError, Failure};
pub use gate::Gate;
pub use law::{Look, Next, RULES, Rule, Twice};
pub use request::Outline;
pub use tasks::{OnCancel, TaskFailed, TaskResult, WaitError, Watched};
pub use tls::{BadFingerprint, Fingerprint, TlsSetupError, Trust};
pub use whereabouts::Finder;

/// The types that cross the wire, so that users of the client need no second dependency.
pub use pve_wire as wire;
