//! A guest as a finding names it.

use std::fmt;

use serde::{Deserialize, Serialize};

use crate::audit::{GuestState, Source};
use crate::ids::{NodeName, Vmid};

/// A guest as a finding names it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct GuestRef {
    /// Its cluster, where several are looked at.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub cluster: Option<String>,
    /// Its number.
    pub vmid: Vmid,
    /// Its node.
    pub node: NodeName,
    /// Its configured name.
    pub name: String,
    /// Whether it runs.
    pub state: GuestState,
    /// Who it is for.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub tenant: Option<String>,
    /// Who says that it has the value.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub sources: Vec<Source>,
}

impl GuestRef {
    /// What tells it from every other guest and backup: `101`, `east/101`, `101@VOLID`.
    pub fn key(&self) -> String {
        let cluster = self.cluster.as_ref().map(|cluster| format!("{cluster}/")).unwrap_or_default();
        match &self.state {
            GuestState::Backup { volid, .. } => format!("{cluster}{}@{volid}", self.vmid),
            _ => format!("{cluster}{}", self.vmid),
        }
    }
}

impl fmt::Display for GuestRef {
    /// For tables: `101 (web)`, `east/102 (web, stopped)`, `103 (web, backup VOLID)`.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        if let Some(cluster) = &self.cluster {
            write!(f, "{cluster}/")?;
        }
        write!(f, "{} ({}", self.vmid, self.name)?;
        match &self.state {
            GuestState::Running => {}
            GuestState::Backup { volid, .. } => write!(f, ", backup {volid}")?,
            other => write!(f, ", {}", other.word())?,
        }
        f.write_str(")")
    }
}
