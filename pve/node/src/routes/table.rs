//! One table: a call of the API → the function that answers it.

use pve_wire::api::{Method, calls};

use super::{clone, cluster, config, create, guest, node, power, resize, storage, tasks, vzdump};
use crate::api::{Answer, ApiError, Call};

/// Answers a call whose permission and parameters were checked.
pub type Handler = fn(&Call) -> Result<Answer, ApiError>;

static ROUTES: &[(&Method, Handler)] = &[
    (&calls::VERSION, cluster::version),
    (&calls::PERMISSIONS, cluster::permissions),
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
    (&calls::LIST_GUESTS, guest::list),
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
    (&calls::CURRENT_STATUS, guest::current),
    (&calls::START, power::start),
    (&calls::STOP, power::stop),
    (&calls::SHUTDOWN, power::shutdown),
    (&calls::REBOOT, power::reboot),
];

/// The function that answers a call; what stands in no row is not implemented.
pub fn handler(method: &'static Method) -> Option<Handler> {
    ROUTES.iter().find(|(known, _)| std::ptr::eq(*known, method)).map(|(_, handler)| *handler)
}
