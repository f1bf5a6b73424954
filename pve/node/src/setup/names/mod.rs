//! The guest's name, and how it asks for those of others.

pub(super) mod hostname;
mod hosts;
mod resolv;

use crate::setup::guest::Guest;
use crate::setup::marked::{Fresh, place};

use crate::error::Die;

/// Name servers and search domains of a guest: its own, else the host's.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(in crate::setup) struct Dns {
    pub(in crate::setup) servers: Vec<String>,
    pub(in crate::setup) search: Vec<String>,
}

impl Dns {
    pub(in crate::setup) fn of(guest: &Guest<'_>) -> Self {
        let own = |key: &str| guest.conf.get(key).map(listed);
        Self {
            servers: own("nameserver").unwrap_or_else(|| guest.host.nameservers.clone()),
            search: own("searchdomain").unwrap_or_else(|| guest.host.search.iter().cloned().collect()),
        }
    }
}

/// Words between blanks, commas and semicolons.
fn listed(text: &str) -> Vec<String> {
    text.split([' ', '\t', ',', ';']).filter(|word| !word.is_empty()).map(str::to_owned).collect()
}

/// Writes `/etc/resolv.conf`.
pub(in crate::setup) fn resolver(guest: &Guest<'_>) -> Result<(), Die> {
    place(&guest.tree, "/etc/resolv.conf", &resolv::lines(&Dns::of(guest)), Fresh::Instead, 0o644, false)
}
