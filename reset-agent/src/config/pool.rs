//! `[pool]`: guests that are provisioned ahead of their customers.

use serde::Deserialize;

/// `[pool]`
#[derive(Debug, Default, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Written {
    /// How many guests `pool fill` makes there be of a golden, if nothing else is asked for.
    #[serde(default)]
    pub size: u32,
    /// `running` or `stopped`.
    #[serde(default)]
    pub keep: Keep,
    /// `FROM-TO`: the numbers of guests that wait, instead of some of `guests.vmids`.
    pub vmids: Option<String>,
}

/// How pool guests wait for their customers.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Keep {
    /// They take no memory; nothing is left of a first start that could go wrong.
    #[default]
    Stopped,
    /// They run, and whatever breaks in them is seen before a customer gets them.
    Running,
}

/// Guests provisioned ahead.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct PoolSettings {
    /// How many there are to be of a golden.
    pub size: u32,
    /// How they wait.
    pub keep: Keep,
}

pub(super) fn accepted(written: &Written) -> PoolSettings {
    PoolSettings { size: written.size, keep: written.keep }
}
