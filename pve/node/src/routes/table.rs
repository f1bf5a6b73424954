//! One table: a call of the API → the function that answers it.

use pve_wire::api::{Method, calls};

use super::{
    access, clone, cluster, config, create, guest, node, pools, power, resize, status, storage, tasks, vzdump,
};
use crate::api::{Answer, ApiError, Call};

/// Answers a call whose permission and parameters were checked.
pub type Handler = fn(&Call) -> Result<Answer, ApiError>;

static ROUTES: &[(&Method, Handler)] = &[
    (&calls::VERSION, cluster::version),
    (&calls::ACCESS_INDEX, access::index),
    (&calls::PERMISSIONS, access::permissions),
    (&calls::GET_TICKET, access::no_ticket),
    (&calls::CREATE_TICKET, access::create_ticket),
    (&calls::CHANGE_PASSWORD, access::change_password),
    (&calls::LIST_REALMS, access::realms),
    (&calls::LIST_USERS, access::list_users),
    (&calls::CREATE_USER, access::create_user),
    (&calls::READ_USER, access::read_user),
    (&calls::UPDATE_USER, access::change_user),
    (&calls::DELETE_USER, access::delete_user),
    (&calls::LIST_TOKENS, access::list_tokens),
    (&calls::READ_TOKEN, access::read_token),
    (&calls::GENERATE_TOKEN, access::create_token),
    (&calls::UPDATE_TOKEN, access::change_token),
    (&calls::REMOVE_TOKEN, access::delete_token),
    (&calls::LIST_GROUPS, access::list_groups),
    (&calls::CREATE_GROUP, access::create_group),
    (&calls::READ_GROUP, access::read_group),
    (&calls::UPDATE_GROUP, access::change_group),
    (&calls::DELETE_GROUP, access::delete_group),
    (&calls::LIST_ROLES, access::list_roles),
    (&calls::CREATE_ROLE, access::create_role),
    (&calls::READ_ROLE, access::read_role),
    (&calls::UPDATE_ROLE, access::change_role),
    (&calls::DELETE_ROLE, access::delete_role),
    (&calls::READ_ACL, access::list_acl),
    (&calls::UPDATE_ACL, access::change_acl),
    (&calls::LIST_POOLS, pools::list),
    (&calls::CREATE_POOL, pools::create),
    (&calls::UPDATE_POOL, pools::change),
    (&calls::DELETE_POOL, pools::delete),
    (&calls::READ_POOL, pools::read),
    (&calls::UPDATE_POOL_BY_PATH, pools::change),
    (&calls::DELETE_POOL_BY_PATH, pools::delete),
    (&calls::RESOURCES, cluster::resources),
    (&calls::NEXT_ID, cluster::next_id),
    (&calls::CLUSTER_TASKS, tasks::cluster_list),
    (&calls::LIST_NODES, node::list),
    (&calls::NODE_STATUS, node::status),
    (&calls::NODE_VERSION, cluster::version),
    (&calls::NETWORK, node::network),
    (&calls::LIST_TASKS, tasks::list),
    (&calls::TASK_INDEX, tasks::index),
    (&calls::TASK_STATUS, tasks::status),
    (&calls::TASK_LOG, tasks::log),
    (&calls::STOP_TASK, tasks::stop),
    (&calls::VZDUMP, vzdump::start),
    (&calls::EXTRACT_CONFIG, vzdump::extract_config),
    (&calls::LIST_NODE_STORAGES, storage::list),
    (&calls::STORAGE_STATUS, storage::status),
    (&calls::LIST_CONTENT, storage::content),
    (&calls::READ_VOLUME, storage::volume),
    (&calls::UPDATE_VOLUME, storage::change),
    (&calls::FREE_VOLUME, storage::free),
    (&calls::LIST_GUESTS, status::list),
    (&calls::CREATE_VM, create::post),
    (&calls::DESTROY_VM, guest::destroy),
    (&calls::CLONE_VM, clone::clone),
    (&calls::TEMPLATE, clone::template),
    (&calls::FEATURE, clone::feature),
    (&calls::INTERFACES, guest::interfaces),
    (&calls::READ_CONFIG, config::get),
    (&calls::UPDATE_CONFIG, config::put),
    (&calls::PENDING, config::pending),
    (&calls::RESIZE_VM, resize::put),
    (&calls::CURRENT_STATUS, status::current),
    (&calls::STATUS_INDEX, power::index),
    (&calls::START, power::start),
    (&calls::SUSPEND, power::suspend),
    (&calls::RESUME, power::resume),
    (&calls::STOP, power::stop),
    (&calls::SHUTDOWN, power::shutdown),
    (&calls::REBOOT, power::reboot),
];

/// The function that answers a call; what stands in no row is not implemented.
pub fn handler(method: &'static Method) -> Option<Handler> {
    ROUTES.iter().find(|(known, _)| std::ptr::eq(*known, method)).map(|(_, handler)| *handler)
}
