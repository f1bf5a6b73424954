//! The guest's side of identity, and the unit that wakes it.
//!
//! Three of the four verbs of [`spec::identity`] live here, over one table and for every program that needs them:
//!
//! | verb | module | who calls it |
//! |---|---|---|
//! | strip | [`strip`](mod@strip) | the builder, on the stopped and mounted build guest |
//! | observe | [`observe`](mod@observe) | builder, the helper on a node, `firstboot observe` |
//! | renew | [`boot`] | the `firstboot` program, at every boot of a guest |
//!
//! [`sleep`] puts single items of a living guest to sleep, for the next start to make them anew.
//!
//! All of them reach files through [`root`], where nothing resolves outside the tree. [`items`] turns a row of the
//! catalog into what is done to files; what a file's content says is read in [`spec::identity::reading`], for this
//! crate and for archives alike. [`keys`] and [`sshd_config`] are pure readings of OpenSSH's formats.
//! [`bake`] puts program and unit into an image; [`marker`] says for which guest the keys were made, so that a clone
//! is known by a marker that does not fit.

pub mod bake;
pub mod boot;
pub mod items;
pub mod keys;
pub mod marker;
pub mod observe;
pub mod root;
pub mod sleep;
pub mod sshd_config;
pub mod strip;
