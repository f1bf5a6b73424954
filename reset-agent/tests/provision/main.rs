//! The provision run up to a started guest, against a node that only pretends: cut at every record of its journal and
//! taken up again, failed at every step and undone, always one guest or none, never one with the golden's identity.

#![allow(clippy::unwrap_used, clippy::panic, reason = "a test that panics has failed")]

mod attacks;
mod bench;
mod born;
mod canary;
mod certifying;
mod closing;
mod cluster;
mod commands;
mod cuts;
mod destroying;
mod fault_table;
mod fleet;
mod following;
mod guest;
mod holding;
mod journals;
mod ledger_documents;
mod literals;
mod node;
mod orphans;
mod placing;
mod plans;
mod pool;
mod program;
mod rebuilding;
mod recovering;
mod rehearsing;
mod release;
mod secrets;
mod server;
mod service;
mod silent;
mod stopped;
mod strangers;
mod trouble;
mod twice;
mod unwinding;
mod vault;
mod volumes;
mod world;
