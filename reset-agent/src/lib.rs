//! The agent: goldens become customer guests with an identity of their own, and the fleet is audited for shared ones.
//!
//! It speaks to a node over its REST API with a token, to the helper over a unix socket, to new guests over SSH. It
//! never starts a program and needs no root.
//!
//! ```text
//! cli ─► config ─► context ─► sagas (a plan as a list) ─► steps ─► node · guest · golden · inventory
//!                     │                                     │
//!                   store (journal) ◄── saga::Executor ─────┘──► ledger
//! ```
//!
//! | module | job |
//! |---|---|
//! | [`config`] | `agent.toml` as written, and as accepted |
//! | [`context`] | all that steps may touch |
//! | [`agent`], [`stop`] | what every verb works with, and how one stops short |
//! | [`verbs`] | what commands and service both do: provision, recover, destroy, abort |
//! | [`request`], [`outcome`] | what a run was asked to do, and what came of it |
//! | [`sagas`], [`steps`] | the plans; one file per step |
//! | [`volume`] | further volumes, as they are asked for |
//! | [`batch`] | a list of customers, and what would be made of it |
//! | [`golden`] | which archive is meant, and whether it may be restored |
//! | [`customers`] | who is registered with which secrets, and how these reach the guest |
//! | [`inventory`] | what is taken already; drawing what is not |
//! | [`orphans`](mod@orphans) | guests that runs made after they were given up |
//! | [`placement`] | on which node of the cluster a new guest is made |
//! | [`node`] | looking before acting, tasks, removal |
//! | [`guest`] | addresses, the helper, SSH |
//! | [`cloud_init`] | user-data rendered from a template and a closed set of variables |
//! | [`core_dumps`] | none of them, for the secrets' sake |
//! | [`mark`] | the run's mark in a guest's description |
//! | [`rotation`] | what a person should change after a recovery |
//! | [`evidence`] | a guest's identities at each stage of its making |
//! | [`store`], [`ledger`] | the journal of runs; who owns which identity, for ever |
//! | [`audit`], [`doctor`] | who shares what; what the token lacks |
//! | [`serve`] | the HTTP API and its page |
//! | [`cli`], [`commands`], [`render`] | the arguments; one file per command; tables and progress |

pub mod agent;
pub mod audit;
pub mod batch;
pub mod cli;
pub mod cloud_init;
pub mod commands;
pub mod config;
pub mod context;
pub mod core_dumps;
pub mod customers;
pub mod doctor;
pub mod evidence;
pub mod golden;
pub mod guest;
pub mod inventory;
pub mod ledger;
pub mod mark;
pub mod node;
pub mod orphans;
pub mod outcome;
pub mod placement;
pub mod render;
pub mod request;
pub mod rotation;
pub mod sagas;
pub mod serve;
pub mod steps;
pub mod stop;
pub mod store;
pub mod verbs;
pub mod volume;
