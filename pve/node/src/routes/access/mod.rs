//! Who may do what: users, tokens, groups, roles, grants, tickets.

mod acl;
mod groups;
mod permissions;
mod realms;
mod roles;
mod ticket;
mod tokens;
mod users;

pub(super) use acl::{change as change_acl, list as list_acl};
pub(super) use groups::{
    change as change_group, create as create_group, delete as delete_group, list as list_groups, read as read_group,
};
pub(super) use permissions::permissions;
pub(super) use realms::{change_password, index, realms};
pub(super) use roles::{
    change as change_role, create as create_role, delete as delete_role, list as list_roles, read as read_role,
};
pub(super) use ticket::{create as create_ticket, none as no_ticket};
pub(super) use tokens::{
    change as change_token, create as create_token, delete as delete_token, list as list_tokens, read as read_token,
};
pub(super) use users::{
    change as change_user, create as create_user, delete as delete_user, list as list_users, read as read_user,
};
