//! A row of the catalog turned into what is done to files: where its places are in this tree, how it is put to sleep,
//! what is observed of it. What is special to one item stands in that item's file; the rest is done by rule. What a
//! file's content says is [`spec::identity::reading`]'s.

pub mod machine_id;
pub mod ssh_host_keys;

pub(crate) mod clear;
pub(crate) mod glob;
pub(crate) mod journal;
pub(crate) mod places;
pub(crate) mod plain;
pub(crate) mod postgres;
pub(crate) mod snakeoil;
pub(crate) mod survey;
pub(crate) mod unread;

pub(crate) use unread::unreadable;
