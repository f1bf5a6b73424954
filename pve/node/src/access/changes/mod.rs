//! What may be changed of users, tokens, groups, roles, grants and pools, and what Proxmox says where it may not. Pure.

pub mod acl;
pub mod groups;
pub mod guests;
pub mod pools;
pub mod provision;
pub mod roles;
pub mod tokens;
pub mod users;
