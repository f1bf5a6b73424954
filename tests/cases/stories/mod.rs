//! The stories, in the order they are told: the golden first, then guests, crashes, the audit.

mod applications;
mod audit;
mod boot;
mod clients;
mod cloud_init;
mod crash;
mod crash_matrix;
mod doctor;
mod drill;
mod first_boot;
mod fleet;
mod guests;
mod image;
mod inside;
mod inspector;
mod killed;
mod minimize;
mod never;
mod node;
mod releases;
mod reproducible;
mod roles;
mod service;
mod warm;

use crate::Story;

/// All of them.
pub(crate) fn all() -> Vec<Story> {
    [
        image::STORIES,
        inspector::STORIES,
        minimize::STORIES,
        drill::STORIES,
        releases::STORIES,
        reproducible::STORIES,
        boot::STORIES,
        guests::STORIES,
        never::STORIES,
        node::STORIES,
        inside::STORIES,
        cloud_init::STORIES,
        clients::STORIES,
        service::STORIES,
        fleet::STORIES,
        crash::STORIES,
        crash_matrix::STORIES,
        killed::STORIES,
        doctor::STORIES,
        roles::STORIES,
        warm::STORIES,
        applications::STORIES,
        audit::STORIES,
    ]
    .concat()
}
