//! Where a node's programs are.

use std::ffi::OsString;
use std::path::Path;

use crate::pct::Pct;
use crate::process::{Interrupt, Invocation};
use crate::pvesm::Pvesm;
use crate::rehearsal::Rehearsal;
use crate::vzdump::Vzdump;

/// The node whose programs are called. Cheap to copy around by reference; holds no open resource.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Host {
    prefix: Vec<OsString>,
    interrupt: Option<Interrupt>,
    rehearsal: Option<Rehearsal>,
}

impl Host {
    /// A true Proxmox VE node: `pct`, `vzdump` and `pvesm` from `PATH`.
    pub fn proxmox() -> Self {
        Self { prefix: Vec::new(), interrupt: None, rehearsal: None }
    }

    /// The embedded node with its state in `state_dir`; `program` is `pve-node`.
    pub fn embedded(program: impl AsRef<Path>, state_dir: impl AsRef<Path>) -> Self {
        let prefix = vec![program.as_ref().into(), "--state".into(), state_dir.as_ref().into()];
        Self { prefix, interrupt: None, rehearsal: None }
    }

    /// The same node, with a wish that cuts commands inside of guests short ([`Pct::exec`]). What changes guests is
    /// never cut short: a half-made guest is worse than a wait.
    #[must_use]
    pub fn interrupted_by(mut self, interrupt: Interrupt) -> Self {
        self.interrupt = Some(interrupt);
        self
    }

    /// The same node, whose calls are written down instead of made; what only looks at storages is made.
    pub fn rehearsing(&self) -> (Self, Rehearsal) {
        let rehearsal = Rehearsal::new(self.prefix.len());
        (Self { rehearsal: Some(rehearsal.clone()), ..self.clone() }, rehearsal)
    }

    /// The wish that cuts commands short, where there may be one.
    pub fn interrupt(&self) -> Option<&Interrupt> {
        self.interrupt.as_ref()
    }

    /// Containers.
    pub fn pct(&self) -> Pct<'_> {
        Pct::new(self)
    }

    /// Backups.
    pub fn vzdump(&self) -> Vzdump<'_> {
        Vzdump::new(self)
    }

    /// Storages.
    pub fn pvesm(&self) -> Pvesm<'_> {
        Pvesm::new(self)
    }

    /// One of the node's programs, ready to take arguments.
    pub(crate) fn program(&self, name: &str) -> Invocation {
        let invocation = match self.prefix.split_first() {
            Some((program, before)) => Invocation::new(program).args(before).arg(name),
            None => Invocation::new(name),
        };
        invocation.rehearsed_in(self.rehearsal.as_ref())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_embedded_node_is_called_by_its_own_name_first() {
        assert_eq!(Host::proxmox().program("pct").arg("list").to_string(), "pct list");
        let embedded = Host::embedded("/usr/bin/pve-node", "/var/lib/my lab");
        assert_eq!(
            embedded.program("pct").arg("list").to_string(),
            "/usr/bin/pve-node --state '/var/lib/my lab' pct list"
        );
    }
}
