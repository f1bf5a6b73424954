//! The agent's configuration: `/etc/mintmark/agent.toml` as written, and as accepted.

mod fragment;
mod load;
mod secret;
mod settings;

pub use fragment::Fragment;
pub use load::{ConfigError, load};
pub use secret::{SecretError, SecretRef};
pub use settings::{BadSetting, NodeSettings, ReleaseTrust, Settings, SshSettings, TrustSource, VmidRange};
