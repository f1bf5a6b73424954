//! The agent's configuration: `/etc/mintmark/agent.toml` as written, and as accepted.
//!
//! A section is a file: what may be written in it, and what of that is accepted. [`Fragment`] lists the sections,
//! [`Settings`] what came of them.

mod budgets;
mod cloud_init;
mod fragment;
mod guests;
mod ledger;
mod load;
mod machine_id;
mod members;
mod node;
mod places;
mod pool;
mod secret;
mod secrets;
mod serve;
mod setting;
mod settings;
mod ssh;
mod trust;
mod vmids;
mod wait;
mod warm;

pub use budgets::Budgets;
pub use cloud_init::CloudInitSettings;
pub use fragment::Fragment;
pub use guests::{GuestSettings, VmidRange, Warmth};
pub use ledger::{LedgerPlace, LedgerServer};
pub use load::{ConfigError, load};
pub use machine_id::MachineIdSource;
pub use members::{Door, Member};
pub use node::{NodeSettings, TrustSource};
pub use pool::{Keep, PoolSettings};
pub use secret::{SecretError, SecretRef};
pub use secrets::{BitwardenSettings, SealedFiles, SecretsSettings, VaultPlace};
pub use serve::{ServeSettings, TlsSettings};
pub use setting::BadSetting;
pub use settings::Settings;
pub use ssh::{HostCaSettings, LoginSettings, SshSettings};
pub use trust::ReleaseTrust;
pub use vmids::{Drawn, Purpose, VmidRanges};
pub use wait::Patience;
