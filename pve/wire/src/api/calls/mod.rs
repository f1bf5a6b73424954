//! The calls, in the order in which one meets them.

mod access;
mod cluster;
mod config;
mod config_keys;
mod content;
mod groups;
mod guests;
mod indexes;
mod pools;
mod power;
mod realms;
mod roles;
mod shared;
mod snapshots;
mod storage;
mod tasks;
mod users;
mod vzdump;

use super::method::Method;

pub use access::{CREATE_TICKET, GET_TICKET, PERMISSIONS, READ_ACL, UPDATE_ACL};
pub use cluster::{CLUSTER_TASKS, LIST_NODES, NEXT_ID, NODE_STATUS, NODE_VERSION, RESOURCES, VERSION};
pub use config::{MOVE_VOLUME, PENDING, READ_CONFIG, RESIZE_VM, UPDATE_CONFIG};
pub use config_keys::{CONFIG_KEYS, is_config_key};
pub use content::{
    ALLOCATE_VOLUME, COPY_VOLUME, FREE_VOLUME, LIST_CONTENT, LIST_NODE_STORAGES, NODE_STORAGE_INDEX, PRUNE_BACKUPS,
    PRUNE_DRY_RUN, READ_VOLUME, STORAGE_STATUS, UPDATE_VOLUME,
};
pub use groups::{CREATE_GROUP, DELETE_GROUP, LIST_GROUPS, READ_GROUP, UPDATE_GROUP};
pub use guests::{CLONE_VM, CREATE_VM, DESTROY_VM, FEATURE, GUEST_INDEX, INTERFACES, LIST_GUESTS, TEMPLATE};
pub use indexes::NETWORK;
pub use pools::{
    CREATE_POOL, DELETE_POOL, DELETE_POOL_BY_PATH, LIST_POOLS, READ_POOL, UPDATE_POOL, UPDATE_POOL_BY_PATH,
};
pub use power::{CURRENT_STATUS, REBOOT, RESUME, SHUTDOWN, START, STATUS_INDEX, STOP, SUSPEND};
pub use realms::{ACCESS_INDEX, CHANGE_PASSWORD, LIST_REALMS};
pub use roles::{CREATE_ROLE, DELETE_ROLE, LIST_ROLES, READ_ROLE, UPDATE_ROLE};
pub use snapshots::{
    DELETE_SNAPSHOT, LIST_SNAPSHOTS, READ_SNAPSHOT_CONFIG, ROLLBACK, SNAPSHOT, SNAPSHOT_INDEX, UPDATE_SNAPSHOT_CONFIG,
};
pub use storage::{CREATE_STORAGE, DELETE_STORAGE, LIST_STORAGES, READ_STORAGE, UPDATE_STORAGE};
pub use tasks::{LIST_TASKS, STOP_TASK, TASK_INDEX, TASK_LOG, TASK_STATUS};
pub use users::{
    CREATE_USER, DELETE_USER, GENERATE_TOKEN, LIST_TOKENS, LIST_USERS, READ_TOKEN, READ_USER, REMOVE_TOKEN,
    UPDATE_TOKEN, UPDATE_USER,
};
pub use vzdump::{EXTRACT_CONFIG, VZDUMP, VZDUMP_DEFAULTS};

/// Every call, by the file that it stands in.
static ALL: &[&[&Method]] = &[
    access::ALL,
    roles::ALL,
    users::ALL,
    groups::ALL,
    realms::ALL,
    pools::ALL,
    cluster::ALL,
    tasks::ALL,
    vzdump::ALL,
    content::ALL,
    storage::ALL,
    guests::ALL,
    config::ALL,
    power::ALL,
    snapshots::ALL,
    indexes::ALL,
];

/// Every call.
pub fn all() -> impl Iterator<Item = &'static Method> {
    ALL.iter().flat_map(|group| group.iter().copied())
}
