//! What the node remembers: files below one directory, and the locks that keep two processes apart.
//!
//! | below the state directory | what |
//! |---|---|
//! | `node.toml` | [`NodeConfig`]: name, bridge |
//! | `storage.cfg` | [`StorageConfig`]: where volumes lie |
//! | `lxc/<vmid>.conf` | guests ([`Guests`]) |
//! | `lock/pve-config-<vmid>.lock` | one lock file per guest ([`locks`]) |
//! | `storage/local/{images,dump,template/cache}` | volumes ([`Storages`]) |
//! | `tasks/<hex>/<UPID>`, `tasks/{active,index,index.1}` | task logs, and the lists of tasks |
//! | `priv/` | users and their secrets, the keys of TLS and of tickets; root's alone |
//! | `run/`, `mnt/` | LXC's runtime files, leases, mount points |

mod activation;
mod btrfs;
mod content;
mod disks;
mod guests;
mod layout;
pub mod locks;
mod node;
mod node_config;
mod pruning;
mod retention;
mod storage;
mod storage_config;
mod storage_edit;
mod volume;

pub use content::VolumeRow;
pub use disks::DiskFeature;
pub use guests::{GuestFile, Guests, digest_of, replace};
pub use layout::Layout;
pub use node::{Node, OpenError};
pub use node_config::{BadSubnet, Isolated, NodeConfig, Subnet};
pub use pruning::PruneRow;
pub use retention::{Mark, Retention};
pub use storage::{Storages, VolumeFile, log_beside};
pub use storage_config::{CONTENT, FLAGS, StorageConfig, StorageDocument, StorageKind};
pub use storage_edit::Properties;
pub use volume::{BackupName, ImageFormat, VolumeKind};
