//! A row of the catalog turned into what is done to files: where its places are in this tree, how it is put to sleep,
//! how it is read. What is special to one item stands in that item's file; the rest is done by rule.

pub mod docker_engine_id;
pub mod hosts;
pub mod machine_id;
pub mod password_hashes;
pub mod ssh_host_keys;

pub(crate) mod clear;
pub(crate) mod glob;
pub(crate) mod journal;
pub(crate) mod places;
pub(crate) mod plain;
pub(crate) mod snakeoil;
pub(crate) mod survey;
pub(crate) mod unread;

pub(crate) use unread::unreadable;
