//! The API as a table: every call that is served or made, with its parameters, their types and limits, and the
//! privileges that it asks for.
//!
//! | question | answer |
//! |---|---|
//! | which call is this? | [`Method`], found by verb and path with [`find`] |
//! | what may be given? | its [`Param`]s |
//! | who may ask? | its [`Permission`] |
//! | is this right? | [`check()`]: the same for node, client and command line |
//!
//! The table is held against Proxmox's own schema by `tests/api_schema.rs`, and [`check()`] against what Proxmox answered
//! to some five hundred sets of parameters.

pub mod calls;
mod check;
mod format;
mod given;
mod method;
mod param;
mod pattern;
mod permission;
mod privileges;
mod property;

pub use calls::is_config_key;
pub use check::{ParamErrors, check};
pub use format::Format;
pub use given::{Given, Parameters, Params};
pub use method::{Method, Verb, find};
pub use param::{Kind, Param, Words};
pub use permission::{Check, GroupsParam, Permission};
pub use privileges::PRIVILEGES;
