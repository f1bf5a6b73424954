//! A seed for cloud-init's data source `NoCloud`.

use spec::ids::{Hostname, RunId};

use super::template::{Template, TemplateError};
use super::variable::Values;
use crate::guest::PlacedFile;

/// What the operator's user-data is laid over. The host keys are the first-boot unit's and already pinned when cloud-init
/// comes to them; by default it would throw them away.
const VENDOR_DATA: &str = "#cloud-config\nssh_deletekeys: false\n";
/// The guest's network is Proxmox's.
const NETWORK_CONFIG: &str = "config: disabled\n";

/// The files of a seed.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Seed {
    user_data: String,
    meta_data: String,
}

impl Seed {
    /// The seed of a guest. Its instance is the run: cloud-init does what belongs to a new instance once for it.
    ///
    /// # Errors
    /// The template cannot be rendered.
    pub fn new(template: &Template, values: &Values, run: &RunId, hostname: &Hostname) -> Result<Self, TemplateError> {
        Ok(Self {
            user_data: template.render(values)?,
            meta_data: format!("instance-id: mintmark-{}\nlocal-hostname: {}\n", run.as_str(), hostname.as_str()),
        })
    }

    /// Its files, as the helper takes them.
    pub fn files(&self) -> [PlacedFile<'_>; 4] {
        [
            ("user-data", self.user_data.as_str()),
            ("meta-data", self.meta_data.as_str()),
            ("vendor-data", VENDOR_DATA),
            ("network-config", NETWORK_CONFIG),
        ]
        .map(|(name, text)| PlacedFile { name, content: text.as_bytes() })
    }
}
